// Waits through createProxyHandler, by every transport of the newest API, and where a back end knows nothing but looks.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { describe, test } from "node:test";
import { installPackage } from "../support/install.mjs";
import { MOUNT, SECRET } from "../support/proxied.mjs";
import { event, RUN_ID, run, v1 } from "../support/runs.mjs";
import { data, json, startServer } from "../support/scripted-server.mjs";
import { rejection, until, within } from "../support/settle.mjs";

const installed = await installPackage();
const { Lamina } = await installed.import();
const { createProxyHandler, toNodeHandler } = await installed.import("/server");
const { createSimulator } = await installed.import("/simulator");
const { serve } = await installed.import("/simulator/node");

const QUICK = { pollIntervalMs: 20, timeoutMs: 20_000 };
const APPS = [
  { name: "Two", queueMs: 2_000, outputs: [{ label: "A", type: "text", durationMs: 3_000 }, { label: "B", type: "image", durationMs: 8_000 }] },
  { name: "Fails", queueMs: 2_000, outputs: [{ label: "A", type: "text", durationMs: 3_000, error: "It broke" }] },
  { name: "Never", outputs: [{ label: "A", type: "text", durationMs: Infinity }] },
];

/** The simulator, a proxy before it, and a page's client. */
async function setUp(t, proxyOptions) {
  const sim = createSimulator({ speed: 10, rateLimit: false, apps: APPS, apiKey: SECRET });
  const api = await serve(sim);
  const handler = createProxyHandler({ apiKey: SECRET, baseUrl: api.url, authorize: () => true, ...proxyOptions });
  const server = createServer(toNodeHandler(handler));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await api.close();
    sim.close();
  });
  const proxyUrl = `http://127.0.0.1:${server.address().port}${MOUNT}`;
  const operations = () => [...new Set(sim.ledger.requests.map(({ operation }) => operation))];
  return { sim, proxyUrl, operations, page: (more) => new Lamina({ proxyUrl, apiVersion: "v1", ...more }), ids: sim.apps.map(({ appId }) => appId) };
}

describe("a page waits", { concurrency: 4 }, () => {
  for (const [transport, way] of [["poll", "getExecution"], ["long-poll", "wait"], ["stream", "stream"], ["auto", "stream"]]) {
    test(`by ${transport}: each change is told, and the end`, async (t) => {
      const { page, ids, operations } = await setUp(t);
      const heard = [];
      const client = page();
      const done = await client.run(ids[0], {}, { ...QUICK, transport, onUpdate: ({ status }) => heard.push(status) });
      assert.deepEqual([done.status, done.outputs.length, heard.at(-1)], ["completed", 2, "completed"]);
      if (transport !== "long-poll") assert.ok(heard.includes("running"), `${heard}`);
      assert.deepEqual(operations().filter((name) => name !== "execute").slice(0, 1), [way], `${operations()}`);
      const failed = await rejection(client.run(ids[1], {}, { ...QUICK, transport }), "EXECUTION_FAILED");
      assert.equal(failed.execution.outputs[0].error, "It broke");
      await rejection(client.waitForExecution(await client.execute(ids[2], {}), { ...QUICK, transport, timeoutMs: 300 }), "WAIT_TIMEOUT");
    });
  }

  test("and leaves: neither a held reply nor a stream goes on behind the proxy", async (t) => {
    for (const transport of ["long-poll", "stream"]) {
      const upstream = await startServer(t);
      upstream.on(v1.wait, () => {}).on(v1.stream, (_, response) => (response.writeHead(200, { "content-type": "text/event-stream" }), response.write(event("progress", run("running")))));
      const { page } = await setUp(t, { baseUrl: upstream.url });
      const controller = new AbortController();
      const waiting = page().waitForExecution(RUN_ID, { transport, signal: controller.signal });
      await until(() => upstream.requests.length > 0);
      controller.abort("enough");
      assert.equal(await waiting.catch((reason) => reason), "enough");
      await until(() => upstream.requests[0].dropped);
      assert.equal(upstream.requests[0].dropped, true, transport);
    }
  });

  test("by a webhook's execution as well, where the back end tells it", async (t) => {
    const { page, ids, sim } = await setUp(t);
    const client = page();
    const started = await client.execute(ids[2], {});
    const arrival = Promise.resolve({ executionId: started.executionId, status: "completed", outputs: [] });
    assert.equal((await client.waitForExecution(started, { ...QUICK, arrival })).status, "completed");
    assert.ok(sim.ledger.requests.length <= 2);
  });

  test("many at once, and all end", async (t) => {
    const { page, ids } = await setUp(t);
    const client = page({ requestsPerMinute: Infinity });
    const statuses = [];
    const requests = Array.from({ length: 20 }, () => ({ appId: ids[0], inputs: {} }));
    for await (const { execution, error } of client.runAll(requests, { concurrency: 20, ...QUICK, transport: "auto" })) statuses.push(execution?.status ?? error);
    assert.deepEqual(statuses, Array(20).fill("completed"));
  });

  test("and may cancel, where that is allowed", async (t) => {
    const { page, ids, sim } = await setUp(t, { allow: { operations: ["run", "cancelExecution"] } });
    const client = page();
    await rejection(client.waitForExecution(await client.execute(ids[2], {}), { ...QUICK, timeoutMs: 300, cancelOnAbort: true }), "WAIT_TIMEOUT");
    const cancelled = () => sim.ledger.requests.some(({ operation }) => operation === "cancel");
    await until(cancelled);
    assert.equal(cancelled(), true);
  });
});

describe("before a back end of one's own that knows nothing but looks, auto", { concurrency: 4 }, () => {
  const gone = (status, body = { error: "no" }) => json(body, status);
  const html = (_, response) => (response.writeHead(200, { "content-type": "text/html" }), response.end("<!doctype html><title>app</title>"));
  for (const [what, answer] of [["404", gone(404)], ["405", gone(405)], ["400", gone(400)], ["501", gone(501)], ["a page of HTML", html]]) {
    test(`falls back to them on ${what}, and keeps to them`, async (t) => {
      const backEnd = await startServer(t);
      backEnd.on(v1.look, data(run("running")), data(run("completed")), data(run("running")), data(run("completed"))).on("*", answer);
      const page = new Lamina({ proxyUrl: backEnd.url, apiVersion: "v1" });
      const wait = () => within(15_000, page.waitForExecution(RUN_ID, { ...QUICK, transport: "auto" }));
      assert.equal((await wait()).status, "completed");
      const count = backEnd.requests.length;
      assert.equal((await wait()).status, "completed");
      assert.deepEqual(backEnd.urls.slice(count).filter((url) => !url.endsWith(RUN_ID)), [], `${backEnd.urls}`);
    });
  }
});
