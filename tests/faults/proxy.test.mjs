// The fault proxy itself: what it does is what a client sees, and what the server sees.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startFaultProxy } from "../support/fault-proxy.mjs";
import { installPackage } from "../support/install.mjs";
import { data, startServer } from "../support/scripted-server.mjs";
import { outcome, sleep, within } from "../support/settle.mjs";

const installed = await installPackage();
const { createSimulator } = await installed.import("/simulator");
const { serve } = await installed.import("/simulator/node");

/** A server that answers everything, and a proxy before it. */
async function setUp(t, options) {
  const server = await startServer(t);
  server.on("*", data({ text: "x".repeat(300) }));
  return { server, proxy: await startFaultProxy(t, server.url, options) };
}

const post = (url, signal = AbortSignal.timeout(300)) => fetch(`${url}/start`, { method: "POST", body: "{}", signal });
/** How a request ended: its status and body, or how `fetch` failed. */
async function seen(proxy) {
  const { value, error } = await outcome(() => post(proxy.url).then(async (reply) => [reply.status, await reply.text()]));
  return value ?? (error.name === "TimeoutError" ? "silence" : (error.cause?.code ?? error.message));
}

test("without a fault everything passes as it is, also on a connection that is used again", async (t) => {
  const { server, proxy } = await setUp(t);
  for (let n = 0; n < 3; n++) assert.deepEqual(await seen(proxy), [200, JSON.stringify({ data: { text: "x".repeat(300) } })]);
  assert.deepEqual(server.requests.map(({ method, url, body }) => [method, url, body]), Array(3).fill(["POST", "/start", "{}"]));
});

for (const [stage, reaches] of [["before-read", false], ["before-forward", false], ["before-reply", true], ["in-head", true], ["in-body", true]]) {
  for (const kind of ["reset", "close", "stall"]) {
    test(`${kind} ${stage}: the client gets no whole reply, and the server sees the request ${reaches ? "once" : "never"}`, async (t) => {
      const { server, proxy } = await setUp(t);
      proxy.fault({ times: 1 }, { kind, stage });
      const failure = await within(2_000, seen(proxy));
      assert.equal(typeof failure, "string", String(failure));
      if (kind === "stall") assert.equal(failure, "silence");
      else assert.notEqual(failure, "silence");
      assert.equal(server.requests.length, reaches ? 1 : 0);
      assert.equal((await seen(proxy))[0], 200, "the next one passes");
    });
  }
}

test("status replies in the server's place; `processed` lets the server work all the same", async (t) => {
  const { server, proxy } = await setUp(t);
  proxy.fault({ times: 1 }, { kind: "status", status: 502, body: "<html>" });
  assert.deepEqual(await seen(proxy), [502, "<html>"]);
  assert.equal(server.requests.length, 0);
  proxy.fault({ times: 1 }, { kind: "status", status: 503, processed: true });
  assert.deepEqual(await seen(proxy), [503, ""]);
  assert.equal(server.requests.length, 1);
});

test("truncate and corrupt leave a whole reply that is no JSON, garbage no HTTP, trickle all of it, in pieces", async (t) => {
  const { proxy } = await setUp(t);
  for (const kind of ["truncate", "corrupt"]) {
    proxy.fault({ times: 1 }, { kind });
    const [status, text] = await seen(proxy);
    assert.equal(status, 200);
    assert.throws(() => JSON.parse(text));
  }
  proxy.fault({ times: 1 }, { kind: "garbage" });
  assert.match(await seen(proxy), /^HPE_/);
  proxy.fault({ times: 1 }, { kind: "trickle", bytes: 64, everyMs: 10 });
  const { value, ms } = await outcome(() => post(proxy.url).then((reply) => reply.json()));
  assert.equal(value.data.text.length, 300);
  assert.ok(ms > 50, `${ms}`);
});

test("a stream passes as it comes, and breaks where it is told", async (t) => {
  const simulator = createSimulator({ speed: 100 });
  const server = await serve(simulator);
  t.after(() => server.close());
  t.after(() => simulator.close());
  const proxy = await startFaultProxy(t, server.url);
  const headers = { "x-api-key": simulator.apiKey, "content-type": "application/json" };
  const start = await fetch(`${proxy.url}/v1/apps/${simulator.apps[0].appId}/runs`, { method: "POST", headers, body: '{"inputs":{"Style":"Ghibli"}}' });
  const { data: run } = await start.json();
  const read = () => fetch(`${proxy.url}/v1/runs/${run.runId}/stream`, { headers }).then((reply) => reply.text());
  proxy.fault({ path: "/v1/runs/", times: 1 }, { kind: "reset", stage: "in-body", at: 20 });
  await assert.rejects(within(2_000, read()));
  assert.match(await within(5_000, read()), /completed/);
});

test("the seed decides by itself which request of a path meets a fault", async (t) => {
  const faults = async (seed) => {
    const { proxy } = await setUp(t, { seed });
    proxy.fault({ probability: 0.5 }, { kind: "status", status: 500 }, { kind: "status", status: 503 });
    for (let n = 0; n < 30; n++) await post(proxy.url);
    return proxy.requests.map(({ fault }) => fault).join();
  };
  const first = await faults(3);
  assert.equal(await faults(3), first);
  assert.notEqual(await faults(4), first);
  for (const what of ["status 500", "status 503", ",,"]) assert.ok(first.includes(what), first);
});

test("a rule names its requests, and counts", async (t) => {
  const { proxy } = await setUp(t);
  const remove = proxy.fault({ method: "POST", path: "/sta", after: 1, times: 2 }, { kind: "status", status: 500 });
  proxy.fault({ method: "GET" }, { kind: "status", status: 404 });
  const statuses = [];
  for (let n = 0; n < 4; n++) statuses.push((await seen(proxy))[0]);
  remove();
  assert.deepEqual(statuses, [200, 500, 500, 200]);
  assert.deepEqual(proxy.requests.map(({ fault }) => fault), [undefined, "status 500", "status 500", undefined]);
});

test("it may go down, with all connections, and come back on its port", async (t) => {
  const { proxy } = await setUp(t);
  proxy.fault({ times: 1 }, { kind: "stall", stage: "before-reply" });
  const open = seen(proxy);
  await sleep(50);
  await proxy.down();
  assert.notEqual(await open, "silence");
  assert.equal(await seen(proxy), "ECONNREFUSED");
  await proxy.up();
  assert.equal((await seen(proxy))[0], 200);
});
