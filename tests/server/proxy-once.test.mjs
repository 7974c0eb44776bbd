// A start that a browser sends again by itself, since the connection broke before the reply, is one start.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { startFaultProxy } from "../support/fault-proxy.mjs";
import { installPackage } from "../support/install.mjs";
import { APP_ID, KEY, paths, STARTED } from "../support/payloads.mjs";
import { data, json, startServer } from "../support/scripted-server.mjs";
import { APPS, audit, soak } from "../support/soak.mjs";
import { OTHERS } from "../faults/table.mjs";

const installed = await installPackage();
const { createProxyHandler, toNodeHandler } = await installed.import("/server");
const { createSimulator } = await installed.import("/simulator");
const { serve } = await installed.import("/simulator/node");

/** A handler before a service that answers the starts with these. */
async function setUp(t, answers, options) {
  const service = await startServer(t);
  service.on(paths.start, ...answers);
  const handler = createProxyHandler({ authorize: () => true, apiKey: KEY, baseUrl: service.url, ...options });
  const start = (once, path = `/api/lamina/api/apps/${APP_ID}/executions`) =>
    handler(new Request(`http://page.example${path}${once ? `?once=${once}` : ""}`, { method: "POST", headers: { "content-type": "application/json" }, body: '{"inputs":{}}' }));
  return { service, start };
}

describe("a start that comes again", () => {
  test("is answered like the first one, and the service is asked once, with nothing of it", async (t) => {
    const { service, start } = await setUp(t, [data(STARTED, 202), data({ ...STARTED, executionId: "other" }, 202)]);
    const replies = await Promise.all([start("a-1"), start("a-1")]);
    replies.push(await start("a-1"));
    for (const reply of replies) assert.deepEqual([reply.status, (await reply.json()).data.executionId], [202, STARTED.executionId]);
    assert.deepEqual(service.urls, [`/api/apps/${APP_ID}/executions`]);
    assert.equal((await (await start("a-2")).json()).data.executionId, "other", "another start is another");
  });

  test("is another start where the client did not name it, or too long, and for another app", async (t) => {
    const { service, start } = await setUp(t, [data(STARTED, 202)]);
    service.on("*", data(STARTED, 202));
    for (const once of [undefined, undefined, "a", "x".repeat(65), "x".repeat(65)]) await start(once);
    await start("a", "/api/lamina/api/apps/other/executions");
    assert.equal(service.requests.length, 6);
  });

  test("is refused like the first one: what was lost may have started, and is not asked for again", async (t) => {
    for (const [answer, status] of [[json({ error: "x" }, 500), 500], [(request) => request.socket.destroy(), 502]]) {
      const { service, start } = await setUp(t, [answer, data(STARTED, 202)]);
      for (let n = 0; n < 3; n++) {
        const reply = await start("a");
        assert.equal(reply.status, status);
        assert.equal(typeof (await reply.json()).error, "string");
      }
      assert.equal(service.requests.length, 1);
    }
  });

  const refused = (status, code) => json({ error: "x", code, retryable: true }, status, { "retry-after": "0" });
  for (const [what, answer] of [["429", refused(429)], ["503 RESOURCE_UNAVAILABLE", refused(503, "RESOURCE_UNAVAILABLE")], ["500 AUTH_FAILED", refused(500, "AUTH_FAILED")]]) {
    test(`is carried out where the first one was refused before any work: ${what}`, async (t) => {
      const { service, start } = await setUp(t, [answer, data(STARTED, 202)]);
      assert.notEqual((await start("a")).status, 202);
      for (let n = 0; n < 2; n++) assert.equal((await start("a")).status, 202);
      assert.equal(service.requests.length, 2);
    });
  }

  test("the client in a browser names all attempts of one start alike, each start otherwise, and nothing else", async (t) => {
    const service = await startServer(t);
    service.on("POST /api/lamina/api/apps/a/executions", refused(429), data(STARTED, 202)).on("*", data([]));
    const { Lamina } = await installed.import();
    const lamina = new Lamina({ proxyUrl: `${service.url}/api/lamina` });
    const navigator = Object.getOwnPropertyDescriptor(globalThis, "navigator");
    Object.defineProperty(globalThis, "navigator", { configurable: true, value: { userAgent: "Mozilla/5.0 (X11; Linux x86_64)" } });
    t.after(() => (navigator ? Object.defineProperty(globalThis, "navigator", navigator) : delete globalThis.navigator));
    await lamina.execute("a", {});
    await lamina.execute("a", {}, { webhook: "https://me.example/hook" });
    await lamina.listApps();
    delete globalThis.navigator;
    await lamina.execute("a", {}); // a server's own requests are not sent again unasked
    const names = service.urls.map((url) => new URL(url, service.url).searchParams.get("once"));
    assert.match(names[0], /^\d+(-\d+){3}$/);
    assert.deepEqual([names[1] === names[0], names[2] === names[0], names[2] === null, names[3], names[4]], [true, false, false, null, null]);
  });

  test("counts once for the visitor's limit", async (t) => {
    const { start } = await setUp(t, [data(STARTED, 202)], { rateLimit: { requestsPerMinute: 1, visitor: () => "all" } });
    const statuses = [];
    for (const once of ["a", "a", "a", "b"]) statuses.push((await start(once)).status);
    assert.deepEqual(statuses, [202, 202, 202, 429]);
  });

  test("is carried out where the first one never came whole", async (t) => {
    const { service } = await setUp(t, [data(STARTED, 202)]);
    const handler = createProxyHandler({ authorize: () => true, apiKey: KEY, baseUrl: service.url, onError: () => {} });
    const url = `http://page.example/api/apps/${APP_ID}/executions?once=a`;
    const broken = new ReadableStream({ pull: (controller) => controller.error(new Error("the connection broke")) });
    const headers = { "content-type": "application/json" };
    assert.equal((await handler(new Request(url, { method: "POST", headers, body: broken, duplex: "half" }))).status, 500);
    assert.equal((await handler(new Request(url, { method: "POST", headers, body: '{"inputs":{}}' }))).status, 202);
  });
});

describe("in Chromium, behind the proxy, on connections that are used again", () => {
  let executablePath;
  before(() => {
    const found = execFileSync(fileURLToPath(new URL("../../scripts/chromium.sh", import.meta.url)), { encoding: "utf8" });
    executablePath = /^CHROMIUM=(.*)$/m.exec(found)[1];
  });

  test("the browser sends starts again, and nothing is started twice, nothing is lost, nothing is wrong", async (t) => {
    const COUNT = 150;
    const simulator = createSimulator({ speed: 100, apps: APPS });
    const service = await serve(simulator);
    t.after(() => (simulator.close(), service.close()));
    const handler = createProxyHandler({ authorize: () => true, apiKey: simulator.apiKey, baseUrl: service.url, onError: () => {} });
    const asNode = toNodeHandler(handler);
    const backEnd = createServer((request, response) =>
      request.url === "/" ? response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>page</title>") : asNode(request, response));
    await new Promise((resolve) => backEnd.listen(0, "127.0.0.1", resolve));
    t.after(() => (backEnd.closeAllConnections(), backEnd.close()));
    const faults = await startFaultProxy(t, `http://127.0.0.1:${backEnd.address().port}`, { seed: 11 });

    const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage", "--no-first-run"] });
    t.after(() => browser.close());
    const page = await browser.newPage();
    await page.goto(`${faults.url}/`);
    await page.addScriptTag({ path: join(installed.root, "lamina.iife.js") });
    await page.addScriptTag({ content: `window.soak = ${soak}` });
    faults.fault({ path: "/api/lamina", probability: 0.3 }, ...OTHERS);
    const options = {
      client: { proxyUrl: `${faults.url}/api/lamina`, timeoutMs: 20_000, attemptTimeoutMs: 10_000, requestsPerMinute: 1e9 },
      apps: simulator.apps.map(({ appId }) => appId),
      ...{ count: COUNT, concurrency: 6, waitMs: 60_000, endlessMs: 300 },
    };
    const reports = await page.evaluate((given) => window.soak(window.lamina.Lamina, given), options);
    const sums = audit(reports, simulator.ledger.starts);
    assert.equal(reports.length, COUNT);
    const posts = faults.requests.filter(({ method, forwarded }) => method === "POST" && forwarded).length;
    t.diagnostic(JSON.stringify({ ...sums, posts, starts: simulator.ledger.starts.length }));
    // It was put to the test: more starts reached the back end than the service was asked for.
    assert.ok(posts > simulator.ledger.starts.length, `${posts} of ${simulator.ledger.starts.length}`);
  });
});
