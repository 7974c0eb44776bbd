// An abort settles the call at once with the signal's own reason, and leaves nothing behind.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { installPackage } from "../support/install.mjs";
import { APP_ID, COMPLETED, execution, EXECUTION_ID, KEY, STARTED, SUMMARY } from "../support/payloads.mjs";
import { after, data, json, stall, stallBody, startServer, text } from "../support/scripted-server.mjs";
import { assertBetween, outcome, sleep, until } from "../support/settle.mjs";

const { Lamina } = await (await installPackage()).import();
await new Lamina({ apiKey: KEY, baseUrl: "http://127.0.0.1:1", maxRetries: 0 }).listApps().catch(() => {}); // compiles the module

async function setUp(t, answers, options = {}) {
  const server = await startServer(t);
  server.on("*", ...[answers].flat());
  return { server, lamina: new Lamina({ apiKey: KEY, baseUrl: server.url, ...options }) };
}

/** A signal that counts its listeners. */
function counted() {
  const controller = new AbortController();
  const { signal } = controller;
  const listeners = new Set();
  let most = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = function (type, listener, ...rest) {
    listeners.add(listener);
    most = Math.max(most, listeners.size);
    return addEventListener.call(this, type, listener, ...rest);
  };
  signal.removeEventListener = function (type, listener, ...rest) {
    listeners.delete(listener);
    return removeEventListener.call(this, type, listener, ...rest);
  };
  return { controller, signal, get left() { return listeners.size; }, get most() { return most; } };
}

/** Where a call can be when it is aborted: the server's answers, the client's options, the call. */
const STAGES = {
  "before the reply's head": [stall(), {}, (lamina, o) => lamina.listApps(o)],
  "within the body": [stallBody(), {}, (lamina, o) => lamina.listApps(o)],
  "of a start": [stall(), {}, (lamina, o) => lamina.execute(APP_ID, {}, o)],
  "of the app that a start is checked against": [stall(), {}, (lamina, o) => lamina.execute(APP_ID, {}, { ...o, validate: true })],
  "in the pause before a retry": [json({ error: "x" }, 500), {}, (lamina, o) => lamina.listApps(o)],
  "in the pause that the server asked for": [text("slow", 429, { "retry-after": "5" }), {}, (lamina, o) => lamina.listApps(o)],
  "in a wait's look": [stall(), {}, (lamina, o) => lamina.waitForExecution(EXECUTION_ID, o)],
  "between two looks": [data(execution("running")), {}, (lamina, o) => lamina.waitForExecution(EXECUTION_ID, { ...o, pollIntervalMs: 5_000 })],
  "of a run": [data(STARTED, 202), {}, (lamina, o) => lamina.run(APP_ID, {}, { ...o, pollIntervalMs: 5_000 })],
  "while the key is asked for": [data([]), { apiKey: () => new Promise(() => {}) }, (lamina, o) => lamina.listApps(o)],
  "with a fetch that ignores it": [data([]), { fetch: () => new Promise(() => {}) }, (lamina, o) => lamina.listApps(o)],
};

const REASONS = { "an error": new Error("mine"), text: "because", "an object": { my: "own" }, null: null, "a number": 0 };

describe("aborts", { concurrency: 12 }, () => {
  for (const [stage, [answers, options, call]] of Object.entries(STAGES)) {
    test(`an abort ${stage} rejects at once with signal.reason, and no listener stays`, async (t) => {
      const { server, lamina } = await setUp(t, answers, options);
      const watch = counted();
      const reason = { of: stage };
      const call1 = outcome(call(lamina, { signal: watch.signal }));
      if (!options.apiKey && !options.fetch) await until(() => server.requests.length > 0);
      await sleep(60);
      const before = performance.now();
      watch.controller.abort(reason);
      const { error } = await call1;
      assert.equal(error, reason);
      assertBetween(performance.now() - before, 0, 50);
      assert.equal(watch.left, 0);
      await sleep(50); // what was on its way
      const sent = server.requests.length;
      await sleep(650);
      assert.equal(server.requests.length, sent, "nothing is sent after an abort");
    });

    test(`a signal that is aborted already: nothing is sent (${stage})`, async (t) => {
      const { server, lamina } = await setUp(t, answers, options);
      const watch = counted();
      const reason = new Error("before");
      watch.controller.abort(reason);
      const { error } = await outcome(call(lamina, { signal: watch.signal }));
      assert.equal(error, reason);
      assert.equal(watch.left, 0);
      assert.equal(server.requests.length, 0);
    });
  }

  for (const [what, reason] of Object.entries(REASONS)) {
    test(`the reason may be ${what}`, async (t) => {
      const { lamina } = await setUp(t, stall());
      const early = await outcome(lamina.listApps({ signal: AbortSignal.abort(reason) }));
      assert.equal(early.error, reason);
      const controller = new AbortController();
      const late = outcome(lamina.listApps({ signal: controller.signal }));
      await sleep(30);
      controller.abort(reason);
      assert.equal((await late).error, reason);
    });
  }

  test("an abort without a reason is the AbortError that fetch rejects with", async (t) => {
    const { lamina } = await setUp(t, stall());
    const controller = new AbortController();
    const call = outcome(lamina.listApps({ signal: controller.signal }));
    await sleep(30);
    controller.abort();
    const { error } = await call;
    assert.equal(error, controller.signal.reason);
    assert.equal(error.name, "AbortError");
  });

  test("AbortSignal.timeout and AbortSignal.any work", async (t) => {
    const { lamina } = await setUp(t, stall());
    const timeout = AbortSignal.timeout(100);
    const { error, ms } = await outcome(() => lamina.listApps({ signal: AbortSignal.any([timeout, new AbortController().signal]) }));
    assert.equal(error.name, "TimeoutError");
    assert.equal(error, timeout.reason);
    assertBetween(ms, 95, 250);
  });

  test("an abort in the same tick sends nothing", async (t) => {
    const { server, lamina } = await setUp(t, data([]));
    const controller = new AbortController();
    const call = outcome(new Lamina({ apiKey: async () => KEY, baseUrl: server.url }).listApps({ signal: controller.signal }));
    controller.abort("now");
    assert.equal((await call).error, "now");
    await sleep(50);
    assert.equal(server.requests.length, 0);
    assert.deepEqual(await lamina.listApps(), []);
  });

  test("fetch gets a signal that is aborted with the call, and the connection is dropped", async (t) => {
    let seen;
    const { server, lamina } = await setUp(t, stall(), { fetch: (url, init) => ((seen = init.signal), fetch(url, init)) });
    const controller = new AbortController();
    const call = outcome(lamina.listApps({ signal: controller.signal }));
    await sleep(60);
    assert.equal(seen.aborted, false);
    controller.abort("enough");
    await call;
    assert.equal(seen.aborted, true);
    assert.equal(seen.reason, "enough");
    await sleep(50);
    assert.equal(server.requests[0].dropped, true);
  });

  test("an abort after the end changes nothing", async (t) => {
    const { lamina } = await setUp(t, data([SUMMARY]));
    const controller = new AbortController();
    const apps = await lamina.listApps({ signal: controller.signal });
    controller.abort();
    assert.deepEqual(apps, [SUMMARY]);
    assert.deepEqual(await lamina.listApps(), [SUMMARY]);
  });

  const ENDINGS = {
    "a success": [data([]), (lamina, o) => lamina.listApps(o)],
    "a failure": [json({ error: "x" }, 404), (lamina, o) => lamina.listApps(o)],
    "a retry": [[json({ error: "x" }, 500), data([])], (lamina, o) => lamina.listApps(o)],
    "a time-out": [stall(), (lamina, o) => lamina.listApps({ ...o, timeoutMs: 100 })],
    "a bad argument": [data([]), (lamina, o) => lamina.getApp("", o)],
    "bad options": [data([]), (lamina, o) => lamina.listApps({ ...o, limit: -1 })],
    "a wait": [[data(execution("running")), data(COMPLETED)], (lamina, o) => lamina.waitForExecution(EXECUTION_ID, { ...o, pollIntervalMs: 20 })],
    "a wait that failed": [data(execution("failed")), (lamina, o) => lamina.waitForExecution(EXECUTION_ID, o)],
    "a callback that threw": [data(execution("running")), (lamina, o) => lamina.waitForExecution(EXECUTION_ID, { ...o, onUpdate: () => { throw 1; } })],
    "a loop that was left": [data(execution("running")), async (lamina, o) => { for await (const _ of lamina.watchExecution(EXECUTION_ID, o)) break; }],
    "a loop that ended": [data(COMPLETED), async (lamina, o) => { for await (const _ of lamina.watchExecution(EXECUTION_ID, o)); }],
    "all runs": [[data(STARTED, 202), data(COMPLETED)], async (lamina, o) => { for await (const _ of lamina.runAll([{ appId: APP_ID, inputs: {} }], o)); }],
    "runs that were left": [data(STARTED, 202), async (lamina, o) => {
      const two = [{ appId: "", inputs: {} }, { appId: APP_ID, inputs: {} }];
      for await (const _ of lamina.runAll(two, o)) break;
    }],
  };
  for (const [what, [answers, call]] of Object.entries(ENDINGS)) {
    test(`no listener stays on the signal after ${what}`, async (t) => {
      const { lamina } = await setUp(t, answers);
      const watch = counted();
      await outcome(call(lamina, { signal: watch.signal }));
      await sleep(20);
      assert.equal(watch.left, 0);
    });
  }

  test("a thousand calls on one signal make no warning, and end together", async (t) => {
    const warnings = [];
    const onWarning = (warning) => warnings.push(warning.name);
    process.on("warning", onWarning);
    t.after(() => process.off("warning", onWarning));
    const lamina = new Lamina({ apiKey: KEY, fetch: () => new Promise(() => {}), requestsPerMinute: Infinity });
    const watch = counted();
    const calls = Array.from({ length: 1_000 }, () => outcome(lamina.waitForExecution(EXECUTION_ID, { signal: watch.signal })));
    await sleep(100);
    const before = performance.now();
    watch.controller.abort("all");
    const errors = await Promise.all(calls);
    assert.ok(performance.now() - before < 500);
    assert.ok(errors.every(({ error }) => error === "all"));
    assert.equal(watch.left, 0);
    await sleep(10);
    assert.deepEqual(warnings, []);
  });

  test("one call's abort leaves the others alone", async (t) => {
    const { lamina } = await setUp(t, after(150, data([SUMMARY])));
    const controller = new AbortController();
    const [aborted, kept] = [outcome(lamina.listApps({ signal: controller.signal })), outcome(lamina.listApps())];
    await sleep(50);
    controller.abort("one");
    assert.equal((await aborted).error, "one");
    assert.deepEqual((await kept).value, [SUMMARY]);
  });
});
