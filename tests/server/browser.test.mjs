// The proxy and real pages in Chromium: one's own page lists, starts and waits, and finds the key nowhere; pages of other
// origins try whatever a page can to start something on the visitor's session, and read and start nothing.

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { after, before, beforeEach, describe, test } from "node:test";
import { build } from "esbuild";
import { launchChromium } from "../support/chromium.mjs";
import { installPackage, workFolder } from "../support/install.mjs";
import { APP_ID } from "../support/payloads.mjs";
import { listenOn, MOUNT, SECRET } from "../support/proxied.mjs";
import { attacks } from "./vectors/attacks.mjs";
import { delivery, KEY, OTHER, vectorDelivery, VECTOR, NOW } from "./vectors/deliveries.mjs";

const installed = await installPackage();
const { createProxyHandler, toNodeHandler } = await installed.import("/server");
const { createSimulator } = await installed.import("/simulator");
const { serve } = await installed.import("/simulator/node");

const PAGE = `import * as all from "lamina-wasm";
  window.all = all;
  // What the network panel has not of a stream that is left before its end.
  window.bodies = [];
  const listen = async (response) => {
    const reader = response.clone().body.getReader();
    for (let read; !(read = await reader.read()).done; ) window.bodies.push(new TextDecoder().decode(read.value));
  };
  const listening = async (...request) => {
    const response = await fetch(...request);
    if (response.body) listen(response).catch(() => {});
    return response;
  };
  window.life = async (proxyUrl, options) => {
    const lamina = new all.Lamina({ proxyUrl, fetch: listening, ...options });
    const apps = await lamina.listApps();
    const app = await lamina.getApp(apps.find(({ name }) => name === "Full Set Catalog Generation").appId);
    const statuses = [];
    const valueOf = { options: ({ options }) => options[0], text: () => "x", url: () => "https://media.example.com/x.jpg" };
    const inputs = Object.fromEntries(app.parameters.map((each) => [each.key ?? each.name, valueOf[each.type](each)]));
    const started = await lamina.execute(app.appId, inputs, { validate: app });
    const done = await lamina.waitForExecution(started, { pollIntervalMs: 20, transport: options?.transport, onUpdate: ({ status }) => statuses.push(status) });
    const code = (promise) => promise.then(() => "passed", (error) => error.code + " " + error.message);
    const refused = [await code(lamina.getWorkflow(app.appId)), await code(lamina.execute(app.appId, {}, { webhook: "https://evil.example" }))];
    return { apps: apps.length, status: done.status, outputs: done.outputs.length, last: statuses.at(-1), refused };
  };`;
const html = (script) => `<!doctype html><meta charset="utf-8"><title>page</title><script type="module" src="${script}"></script>`;
/** It goes along with requests of other origins, where the browser lets it. */
const SESSION = "session=1; Path=/; HttpOnly; Secure; SameSite=None";

let browser;
let sim;
let api;
let work;
let script;
/** Ports: the shop with its proxy, a page of another origin. */
let shop;
let other;
/** What the proxy was asked, and how it answered. */
const asked = [];
const cleanups = [];
const shopOrigin = () => `http://127.0.0.1:${shop}`;

before(async () => {
  const t = { after: (close) => cleanups.push(close) };
  work = workFolder(installed.folder, "pages");
  const { outputFiles } = await build({ stdin: { contents: PAGE, resolveDir: work }, bundle: true, minify: true, write: false, format: "esm", platform: "browser", logLevel: "error" });
  script = outputFiles[0].text;
  sim = createSimulator({ speed: 300, rateLimit: false, apiKey: SECRET });
  api = await serve(sim);
  other = await listenOn(t, (request, response) => {
    if (request.url === "/main.js") return response.writeHead(200, { "content-type": "text/javascript" }).end(script);
    // A way round by which a request gets the proxy for its target.
    if (request.url === "/bounce") return response.writeHead(307, { location: `${shopOrigin()}${MOUNT}/api/apps/${APP_ID}/executions` }).end();
    response.writeHead(200, { "content-type": "text/html" }).end(html("/main.js"));
  });
  const listed = `http://localhost:${other}`;
  const make = (origins) =>
    toNodeHandler(
      createProxyHandler({
        apiKey: SECRET,
        baseUrl: api.url,
        origins,
        // As careless as can be: nothing but the proxy itself keeps other origins out.
        authorize: () => true,
      }),
    );
  const [strict, open] = [make([]), make([listed])];
  shop = await listenOn(t, (request, response) => {
    const { method, url, headers } = request;
    if (url.startsWith(`/open${MOUNT}`)) return open(request, response);
    if (url.startsWith(MOUNT)) {
      const entry = { method, url, cookie: headers.cookie, origin: headers.origin, site: headers["sec-fetch-site"], mode: headers["sec-fetch-mode"] };
      asked.push(entry);
      response.on("finish", () => (entry.status = response.statusCode));
      return strict(request, response);
    }
    if (url === "/main.js") return response.writeHead(200, { "content-type": "text/javascript" }).end(script);
    response.writeHead(200, { "content-type": "text/html", "set-cookie": SESSION }).end(html("/main.js"));
  });
  browser = await launchChromium();
});
after(async () => {
  await browser?.close();
  await Promise.all(cleanups.map((close) => close()));
  await api?.close();
  sim?.close();
  if (work) rmSync(work, { recursive: true, force: true });
});
beforeEach(() => {
  asked.length = 0;
  sim.ledger.clear();
});

/** A visitor with the shop's session, at an address. */
async function visit(address) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${shopOrigin()}/`);
  assert.deepEqual((await context.cookies()).map(({ name, value }) => `${name}=${value}`), ["session=1"]);
  const received = [];
  page.on("response", (response) => {
    received.push(response.allHeaders().then(JSON.stringify), response.text().catch(() => ""), response.url());
  });
  await page.goto(address, { waitUntil: "load" });
  return { context, page, received };
}

describe("one's own page", () => {
  for (const options of [{}, { apiVersion: "v1", transport: "stream" }, { apiVersion: "v1", transport: "long-poll" }]) {
    test(`lists, starts and waits by ${options.transport ?? "looks"}, and the key is in nothing that the browser received`, async () => {
      const { context, page, received } = await visit(`${shopOrigin()}/`);
      await page.waitForFunction(() => window.life !== undefined);
      const told = await page.evaluate(([url, given]) => window.life(url, given), [MOUNT, options]);
      assert.deepEqual(told, {
        apps: sim.apps.length,
        status: "completed",
        outputs: 4,
        last: "completed",
        refused: ["FORBIDDEN The proxy does not allow this operation.", "FORBIDDEN The proxy does not allow webhooks."],
      });
      const inPage = await page.evaluate(() => JSON.stringify([window.bodies, document.documentElement.outerHTML, { ...localStorage }, { ...sessionStorage }, document.cookie]));
      const everything = [...(await Promise.all(received)), inPage].join("\n");
      assert.ok(received.length >= 3 * 7, `${received.length}`);
      for (const word of ["completed", "The proxy does not allow webhooks.", "window.life"]) assert.ok(everything.includes(word), word);
      assert.ok(!everything.includes(SECRET));
      // The service got it each time, and nothing of the visitor's.
      const { requests } = sim.ledger;
      assert.ok(requests.length >= 4);
      for (const { headers } of requests) {
        assert.deepEqual([headers["x-api-key"], headers.cookie, headers.origin, headers.referer], [SECRET, undefined, undefined, undefined]);
        assert.doesNotMatch(headers["user-agent"] ?? "", /Chrom/);
      }
      assert.ok(asked.every(({ site, cookie }) => site === "same-origin" && cookie === "session=1"));
      await context.close();
    });
  }

  test("of a listed origin may call from elsewhere, by CORS", async () => {
    const { context, page } = await visit(`http://localhost:${other}/`);
    await page.waitForFunction(() => window.life !== undefined);
    const told = await page.evaluate(([url]) => window.life(url), [`${shopOrigin()}/open${MOUNT}`]);
    assert.deepEqual([told.status, told.refused.map((text) => text.split(" ")[0])], ["completed", ["FORBIDDEN", "FORBIDDEN"]]);
    await context.close();
  });
});

for (const [what, host, site] of [["another site", "localhost", "cross-site"], ["the same site", "127.0.0.1", "same-site"]]) {
  describe(`a page of another origin, on ${what}`, () => {
    let visitor;
    before(async () => {
      visitor = await visit(`http://${host}:${other}/`);
      // What an attack does to the page is over with the next.
      visitor.page.on("dialog", (dialog) => dialog.dismiss());
    });
    after(() => visitor?.context.close());

    for (const [name, attack] of Object.entries(attacks)) {
      test(`${name}: nothing is read, nothing is started`, async () => {
        const { page } = visitor;
        const target = { list: `${shopOrigin()}${MOUNT}/api/apps`, start: `${shopOrigin()}${MOUNT}/api/apps/${sim.apps[0].appId}/executions`, bounce: `http://${host}:${other}/bounce` };
        const read = await page.evaluate(attack.run, target);
        assert.ok(read === undefined || !/appId|executionId|data/.test(String(read)), String(read));
        for (let n = 0; n < 200 && asked.filter(({ status }) => status).length < attack.arrives; n++) await page.waitForTimeout(10);
        assert.ok(asked.length >= attack.arrives, `${asked.length} of ${attack.arrives} requests came`);
        for (const { status, cookie, ...request } of asked) {
          const text = JSON.stringify({ ...request, status });
          assert.ok([403, 405].includes(status), text);
          assert.equal(request.site, attack.bare ? "cross-site" : site, text);
          // To a page of another site the browser may deny it.
          if (site === "same-site" && request.method !== "OPTIONS" && !attack.bare) assert.equal(cookie, "session=1", text);
        }
        assert.deepEqual(sim.ledger.requests, []);
      });
    }
  });
}

test("a page verifies webhooks by Chromium's WebCrypto", async () => {
  const { context, page } = await visit(`${shopOrigin()}/`);
  await page.waitForFunction(() => window.all !== undefined);
  const verify = (given, keys) =>
    page.evaluate(
      async ([{ body, headers }, set, now]) => {
        const lamina = new window.all.Lamina({ proxyUrl: "/nowhere" });
        return lamina.verifyWebhook({ body, headers }, { keys: set, now }).then(({ requestId, keyId }) => [requestId, keyId], ({ code }) => code);
      },
      [given, { keys }, NOW],
    );
  const id = JSON.parse(VECTOR.body).data.executionId;
  assert.deepEqual(await verify(vectorDelivery(), [OTHER.jwk, KEY.jwk]), [id, "test"]);
  assert.equal(await verify(vectorDelivery(), [OTHER.jwk]), "WEBHOOK_INVALID_SIGNATURE");
  const { headers } = delivery(VECTOR.body, { key: OTHER });
  assert.equal(await verify({ body: VECTOR.body, headers }, [KEY.jwk]), "WEBHOOK_INVALID_SIGNATURE");
  await context.close();
});
