// Both handlers in Cloudflare's workerd, as a Worker has them: deliveries are verified by workerd's WebCrypto, and a page's
// requests are passed on.

import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { installPackage, workFolder } from "../support/install.mjs";
import { APP_ID, COMPLETED, paths } from "../support/payloads.mjs";
import { MOUNT, SECRET, serveLife, START } from "../support/proxied.mjs";
import { event, run, RUN_ID, stream, v1 } from "../support/runs.mjs";
import { json, redirect, startServer } from "../support/scripted-server.mjs";
import { within } from "../support/settle.mjs";
import { bodyOf, delivery, ID, KEY, OTHER, seconds } from "./vectors/deliveries.mjs";

const installed = await installPackage();

const WORKER = `import { Lamina } from "lamina-wasm";
  import { createProxyHandler, createWebhookHandler } from "lamina-wasm/server";
  const handled = [];
  const errors = [];
  let made;
  // A Worker has its settings with the first request; the handlers stay.
  const make = ({ baseUrl, apiKey }) => ({
    proxy: createProxyHandler({ apiKey, baseUrl, authorize: ({ headers }) => headers.get("cookie") === "session=1", onError: (error) => errors.push(String(error)) }),
    hook: createWebhookHandler({
      client: new Lamina({ apiKey, baseUrl, maxRetries: 0 }),
      answerWithinMs: 1_500,
      async onExecution({ executionId, slow, stuck }) {
        handled.push(executionId);
        if (stuck && handled.length === 1) await new Promise(() => {});
        if (slow) await new Promise((resolve) => setTimeout(resolve, 300));
      },
      onError: (error) => errors.push(error.code ?? String(error)),
    }),
  });
  export default {
    fetch(request, env) {
      made ??= make(env);
      const { pathname } = new URL(request.url);
      if (pathname === "/told") return Response.json({ handled: handled.splice(0), errors: errors.splice(0) });
      return (pathname === "/hook" ? made.hook : made.proxy)(request);
    },
  };`;

let upstream;
let worker;
let work;
const cleanups = [];
before(async () => {
  upstream = serveLife(await startServer({ after: (close) => cleanups.push(close) }));
  upstream
    .on("GET /api/webhooks/signing-key", json({ keys: [KEY.jwk] }))
    .on(v1.stream, stream(event("progress", run("running")), 30, event("complete", run("completed")), (response) => response.end()))
    .on("GET /api/apps/moved", redirect("https://evil.example/"));
  work = workFolder(installed.folder, "worker");
  const options = { bundle: true, write: false, format: "esm", conditions: ["workerd", "worker", "browser"], external: ["*.wasm"], logLevel: "error" };
  const { outputFiles } = await build({ stdin: { contents: WORKER, resolveDir: work }, ...options });
  const contents = outputFiles[0].text;
  const [, path] = /from\s*"([^"]*lamina_bg\.wasm)"/.exec(contents);
  worker = new Miniflare({
    modules: [
      { type: "ESModule", path: "worker.mjs", contents },
      { type: "CompiledWasm", path: path.replace(/^\.\//, ""), contents: readFileSync(join(installed.root, "lamina_bg.wasm")) },
    ],
    compatibilityDate: "2024-09-23",
    bindings: { baseUrl: upstream.url, apiKey: SECRET },
  });
});
after(async () => {
  await worker?.dispose();
  await Promise.all(cleanups.map((close) => close()));
  if (work) rmSync(work, { recursive: true, force: true });
});

const ask = (path, init) => within(10_000, worker.dispatchFetch(`https://shop.example${path}`, { redirect: "manual", ...init }), path);
const told = async () => (await ask("/told")).json();
const deliver = async (given) => (await ask("/hook", { method: "POST", ...given })).status;
const good = (id = ID, more = {}, how = {}) => delivery(bodyOf(id, more), { timestamp: seconds(), requestId: id, ...how });

describe("in workerd", () => {
  test("a signed delivery is 200 once, a forged or old one 400, and the log hears why", async () => {
    const given = good();
    assert.deepEqual([await deliver(given), await deliver(given)], [200, 200]);
    assert.deepEqual(await told(), { handled: [ID], errors: [] });
    assert.equal(await deliver(good("e2", {}, { key: OTHER })), 400);
    assert.equal(await deliver({ ...good("e2"), body: `${bodyOf("e2")} ` }), 400);
    assert.equal(await deliver(good("e2", {}, { timestamp: seconds() - 360 })), 400);
    assert.deepEqual(await told(), { handled: [], errors: ["WEBHOOK_INVALID_SIGNATURE", "WEBHOOK_INVALID_SIGNATURE", "WEBHOOK_EXPIRED"] });
    const asked = upstream.requests.filter(({ path }) => path.endsWith("signing-key")).length;
    assert.equal(asked, 2, "once, and once again this minute, for what no key had signed");
  });

  test("deliveries side by side, each in a request of its own, are all answered", async () => {
    const ids = Array.from({ length: 10 }, (_, n) => `many-${n}`);
    assert.deepEqual(await Promise.all(ids.map((id) => deliver(good(id)))), Array(10).fill(200));
    assert.deepEqual((await told()).handled.sort(), ids.sort());
  });

  test("deliveries of one execution side by side are handled once, and none of them hangs", async () => {
    const statuses = await Promise.all(Array.from({ length: 4 }, () => deliver(good("twice", { slow: true }))));
    assert.ok(statuses.includes(200) && statuses.every((status) => status === 200 || status === 503), `${statuses}`);
    assert.equal(await deliver(good("twice", { slow: true })), 200);
    assert.deepEqual((await told()).handled, ["twice"]);
  });

  test("a run that ends with its request, as all do here, does not keep the next delivery from being handled", async () => {
    assert.equal(await deliver(good("stuck", { stuck: true })), 503);
    assert.equal(await deliver(good("stuck", { stuck: true })), 200);
    assert.deepEqual((await told()).handled, ["stuck", "stuck"]);
  });

  test("a page's requests pass with the key, others are refused", async () => {
    const headers = { cookie: "session=1", origin: "https://shop.example", "sec-fetch-site": "same-origin" };
    const start = await ask(`${MOUNT}/api/apps/${APP_ID}/executions`, { method: "POST", body: START.body, headers: { ...headers, ...START.headers } });
    assert.equal(start.status, 202);
    const { headers: sent, body } = upstream.requests.findLast(({ method }) => method === "POST");
    assert.deepEqual([sent["x-api-key"], sent.cookie, sent.origin, body], [SECRET, undefined, undefined, START.body]);
    const look = await ask(MOUNT + paths.look.slice(4), { headers });
    assert.deepEqual(await look.json(), { data: COMPLETED });
    const cross = { ...headers, origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    const statuses = [];
    for (const [path, given] of [["/api/apps", {}], ["/api/apps", { cookie: "session=2" }], ["/api/apps", cross], ["/api/apps/..%2fx", headers], ["/api/apps/moved", headers]]) {
      const reply = await ask(MOUNT + path, { headers: given });
      statuses.push(reply.status);
      assert.ok(!(await reply.text()).includes(SECRET));
    }
    assert.deepEqual(statuses, [403, 403, 403, 404, 502]);
  });

  test("a start that comes twice, as a browser may send it, is one start, at once or later", async () => {
    const send = async () => {
      const reply = await ask(`${MOUNT}/api/apps/${APP_ID}/executions?once=1-2-3`, { method: "POST", body: START.body, headers: { cookie: "session=1", ...START.headers } });
      return [reply.status, await reply.text()];
    };
    const before = upstream.requests.length;
    const [first, second] = await Promise.all([send(), send()]);
    assert.equal(first[0], 202);
    assert.deepEqual([second, await send()], [first, first]);
    assert.equal(upstream.requests.length, before + 1);
  });

  test("a stream comes through, and its end", async () => {
    const reply = await ask(`${MOUNT}/v1/runs/${RUN_ID}/stream`, { headers: { cookie: "session=1" } });
    const text = await reply.text();
    assert.deepEqual([reply.headers.get("content-type"), text], ["text/event-stream", event("progress", run("running")) + event("complete", run("completed"))]);
  });

  test("a body that is too large is 413", async () => {
    const body = Buffer.alloc(1_048_577, " ");
    assert.equal((await ask(`${MOUNT}/api/apps/${APP_ID}/executions`, { method: "POST", body, headers: { cookie: "session=1", ...START.headers } })).status, 413);
  });
});
