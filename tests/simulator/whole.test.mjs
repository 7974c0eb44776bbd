// The simulator as a whole: what repeats, what is recorded, what ends, and what the types say.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createSimulator, signWebhook } from "../../pkg-template/simulator/index.js";
import { serve } from "../../pkg-template/simulator/node.js";
import { CARTOONIFY, bothWays, caller, handClock, simulate, sleep } from "./helpers.mjs";

const folder = new URL("../../pkg-template/simulator/", import.meta.url);

test("the same seed and the same requests give the same replies", async () => {
  const story = async (seed) => {
    const clock = handClock();
    const sim = createSimulator({ seed, now: clock.now, apps: [{ name: "A", parameters: [{ name: "P", type: "text" }] }] });
    const api = caller(sim);
    const told = [(await api("GET /v1/apps")).text];
    for (let i = 0; i < 3; i++) {
      const { text, body } = await api(`POST /api/apps/${sim.apps[0].appId}/executions`, { inputs: { P: String(i) } });
      clock.move(12_000);
      told.push(text, (await api(`GET /v1/runs/${body.data.executionId}`)).text);
    }
    const { headers } = await api("GET /v1/nothing");
    return [...told, headers.get("x-request-id")].join("\n");
  };
  const first = await story("seed");
  assert.equal(await story("seed"), first);
  assert.notEqual(await story("other"), first);
  assert.match(first, /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/);
});

bothWays("the ledger has every request as it came", {}, async ({ sim, api }) => {
  await api("GET /api/apps?search=a%20b&limit=3");
  await api(`POST /api/apps/${CARTOONIFY}/executions`, { inputs: { Style: "Ghibli" } }, { headers: { "X-Custom": "Yes" } });
  const [list, start] = sim.ledger.requests;
  assert.deepEqual([list.method, list.path, list.status, list.operation], ["GET", "/api/apps", 200, "listApps"]);
  assert.deepEqual(list.query, { search: "a b", limit: "3" });
  assert.ok(Math.abs(list.at - Date.now()) < 5000);
  assert.deepEqual([start.headers["x-api-key"], start.headers["x-custom"]], [sim.apiKey, "Yes"]);
  assert.equal(start.body, `{"inputs":{"Style":"Ghibli"}}`);
  const [{ executionId, appId, inputs }] = sim.ledger.starts;
  assert.deepEqual([appId, inputs], [CARTOONIFY, { Style: "Ghibli" }]);
  assert.equal(sim.executions.get(executionId).status, "queued");
  sim.ledger.clear();
  assert.deepEqual([sim.ledger.requests, sim.ledger.starts], [[], []]);
});

test("fetch takes a string, a URL or a Request, and any host", async (t) => {
  const { sim } = simulate(t);
  const headers = { "x-api-key": sim.apiKey, "content-type": "application/json" };
  const start = `https://app.uselamina.ai/api/apps/${CARTOONIFY}/executions`;
  const request = new Request(start, { method: "POST", headers, body: `{"inputs":{}}` });
  const replies = await Promise.all([
    sim.fetch("https://app.uselamina.ai/api/apps", { headers }),
    sim.fetch(new URL("/api/apps", sim.baseUrl), { headers: new Headers(headers) }),
    sim.fetch(request),
    sim.fetch(start, { method: "post", headers: Object.entries(headers), body: new Blob([`{"inputs":{}}`]) }),
  ]);
  for (const reply of replies) assert.ok(reply instanceof Response);
  assert.deepEqual(replies.map(({ status }) => status), [200, 200, 202, 202]);
  assert.equal(replies[2].url, start);
  await assert.rejects(sim.fetch("/api/apps", { headers }), TypeError);
  await assert.rejects(sim.fetch(sim.baseUrl, { body: "x" }), TypeError);
  await assert.rejects(sim.fetch(sim.baseUrl, { headers: { "x-api-key": "a\nb" } }), TypeError);
});

test("an abort rejects with its reason and leaves no listener", async (t) => {
  const { sim, api } = simulate(t);
  const reason = { mine: true };
  await assert.rejects(sim.fetch(sim.baseUrl, { signal: AbortSignal.abort(reason) }), (error) => error === reason);
  assert.equal(sim.ledger.requests.length, 0);

  sim.fault({ kind: "stall", times: 1 });
  const controller = new AbortController();
  const listeners = new Set();
  for (const [name, change] of [
    ["addEventListener", "add"],
    ["removeEventListener", "delete"],
  ]) {
    const real = controller.signal[name];
    controller.signal[name] = function (type, listener, options) {
      listeners[change](listener);
      return real.call(this, type, listener, options);
    };
  }
  const { signal } = controller;
  const stalled = api("GET /api/apps", undefined, { signal });
  await api("GET /api/apps", undefined, { signal });
  await sleep(1);
  assert.equal(listeners.size, 1);
  controller.abort(reason);
  await assert.rejects(stalled, (error) => error === reason);
  assert.equal(listeners.size, 0);
});

test("close ends what is in flight, and what comes later", async () => {
  const sim = createSimulator({ faults: [{ kind: "stall", times: 1 }] });
  const api = caller(sim);
  const stalled = api("GET /api/apps");
  const waiting = api(`POST /v1/apps/${CARTOONIFY}/runs`, { inputs: { Style: "Ghibli" } }).then(({ body }) =>
    api(`GET /v1/runs/${body.data.runId}/wait`),
  );
  await sleep(5);
  sim.close();
  for (const call of [stalled, waiting, api("GET /api/apps")]) {
    await assert.rejects(call, { name: "TypeError", message: "fetch failed" });
  }
});

test("a port that is closed ends every connection at once, and can be opened again", async () => {
  const sim = createSimulator({ faults: [{ kind: "stall", times: 1 }] });
  const server = await serve(sim);
  assert.equal(server.url, `http://127.0.0.1:${server.port}`);
  const stalled = caller(sim, fetch, server.url)("GET /api/apps");
  await sleep(20);
  await Promise.all([server.close(), assert.rejects(stalled, TypeError)]);
  const again = await serve(sim, { port: server.port });
  assert.equal((await caller(sim, fetch, again.url)("GET /api/apps")).status, 200);
  await assert.rejects(serve(sim, { port: again.port }), { code: "EADDRINUSE" });
  await again.close();
});

test("a port that uses no connection again still breaks bodies", async (t) => {
  const sim = createSimulator();
  const server = await serve(sim, { keepAlive: false });
  t.after(() => server.close());
  const api = caller(sim, fetch, server.url);
  assert.equal((await api("GET /api/apps")).headers.get("connection"), "close");
  sim.fault({ kind: "truncate", reset: true, times: 1 });
  await assert.rejects(api("GET /api/apps"), { name: "TypeError", message: "terminated" });
  sim.fault({ kind: "network", times: 1 });
  await assert.rejects(api("GET /api/apps"), { name: "TypeError", message: "fetch failed" });
  assert.equal(sim.ledger.requests.length, 3);
});

test("the process ends at once: no timer outlives its work", () => {
  const program = `
    import { createSimulator } from ${JSON.stringify(new URL("index.js", folder).href)};
    import { serve } from ${JSON.stringify(new URL("node.js", folder).href)};
    const sim = createSimulator({ faults: [{ kind: "stall", times: 1 }, { kind: "latency", ms: 60_000, times: 1 }] });
    const headers = { "x-api-key": sim.apiKey, "content-type": "application/json" };
    const get = (path, init) => sim.fetch(sim.baseUrl + path, { headers, ...init });
    for (let i = 0; i < 2; i++) await get("/api/apps", { signal: AbortSignal.timeout(10) }).catch(() => {});
    const started = await get("/v1/apps/${CARTOONIFY}/runs", { method: "POST", body: '{"inputs":{"Style":"Ghibli"}}' });
    const { runId } = (await started.json()).data;
    await get("/v1/runs/" + runId + "/wait", { signal: AbortSignal.timeout(10) }).catch(() => {});
    const stream = await get("/v1/runs/" + runId + "/stream");
    const reader = stream.body.getReader();
    await reader.read();
    await reader.cancel();
    const hooked = createSimulator();
    await hooked.fetch(hooked.baseUrl + "/api/apps/${CARTOONIFY}/executions?webhook=http%3A%2F%2F127.0.0.1%3A1", {
      method: "POST", headers, body: '{"inputs":{}}',
    });
    hooked.close();
    const server = await serve(sim, { unref: true });
    console.log("done");
  `;
  const begun = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    encoding: "utf8",
    timeout: 5000,
  });
  assert.deepEqual([status, stdout.trim(), stderr], [0, "done", ""]);
  assert.ok(performance.now() - begun < 3000);
});

test("only node.js knows a host, and no file does work when it is imported", () => {
  for (const name of readdirSync(folder).filter((name) => name.endsWith(".js"))) {
    const text = readFileSync(new URL(name, folder), "utf8");
    assert.match(text, /^\/\/ @ts-check\n\/\/ [A-Z]/, name);
    if (name !== "node.js") assert.doesNotMatch(text, /["']node:|\bprocess\.|\bBuffer\b/, name);
    assert.doesNotMatch(text, /^(?:const|let) .*(?:setTimeout|fetch|Date\.now|Math\.random|crypto)\(/m, name);
  }
});

test("the code and its users type-check", () => {
  const tsc = fileURLToPath(new URL("../node_modules/.bin/tsc", import.meta.url));
  for (const project of [fileURLToPath(folder), fileURLToPath(new URL("types/", import.meta.url))]) {
    const { status, stdout } = spawnSync(tsc, ["-p", project], { encoding: "utf8" });
    assert.equal(status, 0, stdout);
  }
  assert.equal(typeof signWebhook, "function");
});
