// One fault at a time, on a real port: what a start, a read and a wait come to, and what the server counts.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startFaultProxy } from "../support/fault-proxy.mjs";
import { installPackage } from "../support/install.mjs";
import { assertBetween, outcome, within } from "../support/settle.mjs";
import { FAULTS, titleOf } from "./table.mjs";

const installed = await installPackage();
const { Lamina, isLaminaError } = await installed.import();
const { createSimulator } = await installed.import("/simulator");
const { serve } = await installed.import("/simulator/node");

const APP = { name: "Echo", parameters: [{ name: "Token", type: "text" }], outputs: [{ label: "Echo", type: "text", value: ({ inputs }) => inputs.Token }] };
const ATTEMPT_MS = 400;

let simulator;
let server;
before(async () => {
  simulator = createSimulator({ speed: 100, apps: [APP] });
  server = await serve(simulator);
});
after(() => {
  simulator.close();
  return server.close();
});

let count = 0;
async function setUp(t, fault) {
  const proxy = await startFaultProxy(t, server.url);
  // Short only where it has to run out: a busy machine takes its time.
  const attemptTimeoutMs = fault?.kind === "stall" ? ATTEMPT_MS : 10_000;
  const lamina = new Lamina({ apiKey: simulator.apiKey, baseUrl: proxy.url, attemptTimeoutMs, timeoutMs: 15_000, requestsPerMinute: Infinity });
  const token = `token ${count++}`;
  return {
    ...{ proxy, lamina, token, appId: simulator.apps[0].appId, inputs: { Token: token } },
    started: () => simulator.ledger.starts.filter(({ inputs }) => inputs.Token === token),
  };
}

describe("one fault", { concurrency: 4 }, () => {
  for (const [what, { fault, start, starts, read, repeated }] of Object.entries(FAULTS)) {
    test(titleOf(what), async (t) => {
      const { proxy, lamina, appId, inputs, started } = await setUp(t, fault);
      proxy.fault({ method: "POST", times: 1 }, fault);
      const { value, error, ms } = await within(15_000, outcome(() => lamina.execute(appId, inputs)));
      assert.equal(proxy.requests[0].fault !== undefined, true);
      assert.equal(proxy.requests.length, repeated ? 2 : 1);
      if (start.code) {
        assert.ok(isLaminaError(error), String(error ?? value));
        assert.deepEqual([error.code, error.retryable, error.attempts], [start.code, start.retryable, 1], error.message);
      } else {
        assert.equal(value?.executionId, started()[0]?.executionId, String(error));
      }
      if (fault.kind === "stall") assertBetween(ms, ATTEMPT_MS, ATTEMPT_MS + 150);
      assert.equal(started().length, starts);
    });

    test(`a read through ${what}: ${read ?? "the right value"}`, async (t) => {
      const { proxy, lamina } = await setUp(t, fault);
      proxy.fault({ times: 1 }, fault);
      const { value, error } = await within(15_000, outcome(lamina.listApps()));
      if (read) assert.deepEqual([error?.code, error?.attempts], [read, 1], String(error));
      else assert.equal(value?.[0].name, APP.name, String(error));
    });

    test(`a wait through ${what}, again and again: the right execution`, async (t) => {
      const { proxy, lamina, appId, inputs, token, started } = await setUp(t, fault);
      const { executionId } = await lamina.execute(appId, inputs, { attemptTimeoutMs: 10_000 });
      proxy.fault({ times: 3 }, fault);
      const done = await within(15_000, lamina.waitForExecution(executionId, { pollIntervalMs: 20 }));
      assert.deepEqual([done.executionId, done.status, done.outputs[0].value], [executionId, "completed", token]);
      assert.ok(proxy.requests.some(({ fault }) => fault));
      assert.equal(started().length, 1);
    });
  }

  test("one bit of a reply that is another, anywhere: a typed error or a value, in time, and the client goes on", async (t) => {
    const { proxy, lamina, appId } = await setUp(t);
    proxy.fault({ probability: 0.8 }, { kind: "flip" });
    // A length that is another leaves the rest of the body to wait for.
    const once = { maxRetries: 0, attemptTimeoutMs: 500 };
    const calls = Array.from({ length: 300 }, (_, n) => () => (n % 2 ? lamina.getApp(appId, once) : lamina.listApps(once)));
    const codes = new Map();
    for (let n = 0; n < calls.length; n += 30) {
      for (const { value, error } of await within(15_000, Promise.all(calls.slice(n, n + 30).map((call) => outcome(call)))) ) {
        if (error) assert.ok(isLaminaError(error), String(error));
        else assert.equal(typeof value, "object");
        codes.set(error?.code, (codes.get(error?.code) ?? 0) + 1);
      }
    }
    assert.ok(codes.get(undefined) >= 30 && codes.get("INVALID_RESPONSE") + codes.get("NETWORK_ERROR") >= 30, JSON.stringify([...codes]));
    proxy.clearFaults();
    assert.equal((await lamina.listApps())[0].name, APP.name);
  });

  test("a server that is gone and comes back: a start is not repeated, a read is, and a wait lives on", async (t) => {
    const { proxy, lamina, appId, inputs, token, started } = await setUp(t);
    const { executionId } = await lamina.execute(appId, inputs);
    await proxy.down();
    const wait = lamina.waitForExecution(executionId, { pollIntervalMs: 20 });
    const read = lamina.listApps();
    const { error } = await outcome(lamina.execute(appId, inputs));
    assert.deepEqual([error.code, error.retryable, error.attempts], ["NETWORK_ERROR", false, 1]);
    await proxy.up();
    assert.equal((await within(15_000, read))[0].name, APP.name);
    assert.equal((await within(15_000, wait)).outputs[0].value, token);
    assert.equal(started().length, 1);
  });
});
