// Every fault of the proxy on what a wait learns by: held replies and event streams, and the plain reads between them.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startFaultProxy } from "../support/fault-proxy.mjs";
import { installPackage } from "../support/install.mjs";
import { outcome, sleep, until, within } from "../support/settle.mjs";
import { FAULTS, OTHERS } from "./table.mjs";

const installed = await installPackage();
const { Lamina } = await installed.import();
const { createSimulator } = await installed.import("/simulator");
const { serve } = await installed.import("/simulator/node");

const TRANSPORTS = ["poll", "long-poll", "stream", "auto"];
const APP = {
  name: "Echo",
  queueMs: 2_000,
  parameters: [{ name: "Token", type: "text" }],
  outputs: [
    { label: "Early", type: "text", durationMs: 5_000, value: "größer 😀" },
    { label: "Echo", type: "text", durationMs: 15_000, value: ({ inputs }) => inputs.Token },
  ],
};
const NEVER = { name: "Never", outputs: [{ label: "A", type: "text", durationMs: Infinity }] };
/** Of the requests that look at a run, whichever way. */
const LOOKS = { method: "GET", path: /^\/v1\/runs\/[^/]+/ };

let simulator;
let server;
before(async () => {
  simulator = createSimulator({ speed: 100, rateLimit: false, apps: [APP, NEVER] });
  server = await serve(simulator);
});
after(() => {
  simulator.close();
  return server.close();
});

let count = 0;
async function setUp(t, { attemptTimeoutMs = 10_000, seed } = {}) {
  const proxy = await startFaultProxy(t, server.url, { seed });
  const options = { apiKey: simulator.apiKey, apiVersion: "v1", attemptTimeoutMs, requestsPerMinute: Infinity };
  const [echo, never] = simulator.apps.map(({ appId }) => appId);
  // Starts go past the proxy: what they come to is told elsewhere.
  const direct = new Lamina({ ...options, attemptTimeoutMs: 10_000, baseUrl: server.url });
  const start = async (appId = echo) => {
    const token = `token ${count++}`;
    const { executionId } = await direct.execute(appId, appId === echo ? { Token: token } : {});
    return { executionId, token };
  };
  return { proxy, lamina: new Lamina({ ...options, baseUrl: proxy.url }), direct, start, never };
}

const valuesOf = ({ status, outputs }) => [status, ...outputs.map(({ value }) => value)];
const right = (token) => ["completed", "größer 😀", token];

for (const transport of TRANSPORTS.slice(1)) {
  describe(`a wait by ${transport}`, { concurrency: 6 }, () => {
    for (const [what, { fault }] of Object.entries(FAULTS)) {
      // A stream that falls silent is given up after 45 seconds; virtual time tells that (stream-time.test.mjs).
      if (transport !== "long-poll" && fault.kind === "stall" && fault.stage === "in-body") continue;
      test(`through ${what}, again and again: the right execution`, async (t) => {
        const { proxy, lamina, start } = await setUp(t, { attemptTimeoutMs: fault.kind === "stall" ? 250 : undefined });
        const { executionId, token } = await start();
        proxy.fault({ ...LOOKS, times: 3 }, fault);
        const heard = [];
        const wait = { transport, pollIntervalMs: 20, onUpdate: ({ status }) => heard.push(status) };
        const done = await within(15_000, lamina.waitForExecution(executionId, wait), what);
        assert.deepEqual([done.executionId, ...valuesOf(done)], [executionId, ...right(token)]);
        assert.equal(heard.at(-1), "completed");
        assert.ok(proxy.requests.some(({ fault }) => fault));
      });
    }

    test("a stream or a hold that breaks each time: plain reads bring it home", async (t) => {
      const { proxy, lamina, start } = await setUp(t);
      const { executionId, token } = await start();
      proxy.fault({ method: "GET", path: /\/(stream|wait)$/ }, { kind: "reset", stage: "in-body" }, { kind: "status", status: 502 }, { kind: "close", stage: "in-head" });
      const done = await within(15_000, lamina.waitForExecution(executionId, { transport, pollIntervalMs: 20 }));
      assert.deepEqual(valuesOf(done), right(token));
    });

    test("connections that are cut, a server that goes and comes back, an abort: it goes on, and then nothing more is sent", async (t) => {
      const { proxy, lamina, direct, start, never } = await setUp(t);
      const { executionId } = await start(never);
      const controller = new AbortController();
      const waiting = outcome(lamina.waitForExecution(executionId, { transport, pollIntervalMs: 20, signal: controller.signal }));
      const passed = () => proxy.requests.filter(({ status }) => status === 200).length;
      for (let n = 0; n < 3; n++) {
        await until(() => passed() > n);
        proxy.cut();
      }
      const before = passed();
      await proxy.down();
      await sleep(100);
      await proxy.up();
      await until(() => passed() > before);
      assert.ok(passed() > before, "it came back");
      controller.abort("enough");
      assert.equal((await waiting).error, "enough");
      const sent = proxy.requests.length;
      await sleep(150);
      assert.equal(proxy.requests.length, sent);
      assert.equal((await direct.cancelExecution(executionId)).status, "cancelled");
    });
  });
}

describe("a third of all requests meets a fault", () => {
  for (const seed of [1, 2]) {
    test(`seed ${seed}: waits side by side, by every transport, all get their own execution`, async (t) => {
      const { proxy, lamina, start } = await setUp(t, { seed });
      proxy.fault({ ...LOOKS, probability: 0.33 }, ...OTHERS);
      const waits = TRANSPORTS.flatMap((transport) => Array.from({ length: 6 }, () => transport));
      const results = await within(
        30_000,
        Promise.all(
          waits.map(async (transport) => {
            const { executionId, token } = await start();
            const done = await lamina.waitForExecution(executionId, { transport, pollIntervalMs: 20 });
            return [transport, done.executionId === executionId, valuesOf(done), token];
          }),
        ),
      );
      for (const [transport, own, values, token] of results) assert.deepEqual([own, values], [true, right(token)], transport);
      assert.ok(proxy.requests.filter(({ fault }) => fault).length >= 5);
    });
  }
});
