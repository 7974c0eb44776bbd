// Waits that `arrival` ends: a promise, an async iterable, the events of a webhook's handler. Whichever comes first, it or a look.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { runChild } from "../support/child.mjs";
import { installPackage } from "../support/install.mjs";
import { APP_ID, COMPLETED, execution, EXECUTION_ID, KEY, paths, STARTED } from "../support/payloads.mjs";
import { both, DONE } from "../support/runs.mjs";
import { data, stall, startServer } from "../support/scripted-server.mjs";
import { rejection, sleep, until, within } from "../support/settle.mjs";
import { backEnd, gate } from "./vectors/endpoint.mjs";

const installed = await installPackage();
const { Lamina } = await installed.import();

const NEVER = new Promise(() => {});
const HOUR = 3_600_000;
/** No look but the first comes by itself. */
const SLOW = { pollIntervalMs: HOUR, timeoutMs: 2 * HOUR };
const RUNNING = execution("running");
const FAILED = execution("failed", { errorMessage: "Insufficient credits" });

/** A service whose looks say what is given, and a client of it. */
async function setUp(t, ...looks) {
  const server = await startServer(t);
  server.on(paths.look, ...(looks.length ? looks : [data(RUNNING)])).on(paths.start, data(STARTED, 202));
  return { server, lamina: new Lamina({ apiKey: KEY, baseUrl: server.url, requestsPerMinute: Infinity }) };
}

/** An async iterable that gives what it is told to, and says how it is used. */
function source() {
  const events = [];
  let wake = () => {};
  const seen = { iterators: 0, returned: 0, waiting: 0 };
  const next = async () => {
    seen.waiting++;
    while (!events.length) await new Promise((resolve) => (wake = resolve));
    seen.waiting--;
    const { error, ...result } = events.shift();
    if (error) throw error;
    return result;
  };
  const push = (event) => (events.push(event), wake());
  return {
    seen,
    send: (value) => push({ done: false, value }),
    end: () => push({ done: true, value: undefined }),
    fail: (error) => push({ error }),
    [Symbol.asyncIterator]: () => (seen.iterators++, { next, return: async () => (seen.returned++, { done: true, value: undefined }) }),
  };
}

/** What a wait came to, within a time that no look would have kept to. */
const soon = (promise) => within(5_000, promise, "the wait");

describe("a wait is ended by", { concurrency: 4 }, () => {
  const promised = (value) => sleep(50).then(() => value);
  for (const [what, value, expected = COMPLETED] of [
    ["a promise of its execution", COMPLETED],
    ["a promise of a webhook's event", { execution: COMPLETED, requestId: EXECUTION_ID, timestamp: 1 }],
    ["a promise of a run of v1", DONE, { ...both(DONE) }],
    ["a promise of one that is frozen", Object.freeze({ ...COMPLETED })],
  ]) {
    test(`${what}, in the pause between two looks`, async (t) => {
      const { server, lamina } = await setUp(t);
      const heard = [];
      const { promise: arrival, open } = gate();
      const onUpdate = ({ status }) => heard.push(status) === 1 && setTimeout(open, 20, value);
      const done = await soon(lamina.waitForExecution(EXECUTION_ID, { ...SLOW, arrival, onUpdate }));
      const { executionId, ...rest } = done;
      assert.deepEqual([executionId ?? done.runId, rest.status, rest.outputs], [EXECUTION_ID, "completed", expected.outputs]);
      assert.deepEqual([heard, server.requests.length], [["running", "completed"], 1]);
    });
  }

  test("what arrives while a look is under way: the look is given up", async (t) => {
    const { server, lamina } = await setUp(t, stall());
    const arrival = until(() => server.requests.length > 0).then(() => COMPLETED);
    assert.deepEqual(await soon(lamina.waitForExecution(EXECUTION_ID, { ...SLOW, arrival })), COMPLETED);
    await until(() => server.requests[0].dropped);
    assert.equal(server.requests[0].dropped, true);
  });

  test("what has arrived before the wait", async (t) => {
    const { lamina } = await setUp(t, stall());
    assert.deepEqual(await soon(lamina.waitForExecution(EXECUTION_ID, { ...SLOW, arrival: Promise.resolve(COMPLETED) })), COMPLETED);
  });

  test("an async iterable's execution, after others and after one that is not over", async (t) => {
    const { server, lamina } = await setUp(t);
    const arrival = source();
    const heard = [];
    const wait = lamina.waitForExecution(EXECUTION_ID, { ...SLOW, arrival, onUpdate: ({ status, step }) => heard.push(step ?? status) });
    await until(() => heard.length === 1);
    for (const step of [1, 1, 2]) arrival.send(execution("running", { step }));
    arrival.send({ ...COMPLETED, executionId: "another" });
    arrival.send({ execution: { ...COMPLETED, executionId: "another" }, requestId: EXECUTION_ID });
    await until(() => heard.includes(2));
    arrival.send({ execution: COMPLETED });
    assert.deepEqual(await soon(wait), COMPLETED);
    assert.deepEqual([heard.at(0), heard.at(-1), server.requests.length <= 4], ["running", "completed", true], `${heard}`);
  });

  test("a failed execution as by a look", async (t) => {
    const { lamina } = await setUp(t);
    const error = await soon(rejection(lamina.waitForExecution(EXECUTION_ID, { ...SLOW, arrival: promised(FAILED) }), "EXECUTION_FAILED"));
    assert.deepEqual([error.message, error.execution], ["Insufficient credits", FAILED]);
    assert.equal((await soon(lamina.waitForExecution(EXECUTION_ID, { ...SLOW, arrival: promised(FAILED), throwOnFailure: false }))).status, "failed");
  });

  test("a look that comes first, and what arrives later is not heard", async (t) => {
    const { lamina } = await setUp(t, data(COMPLETED));
    const arrival = source();
    const heard = [];
    await lamina.waitForExecution(EXECUTION_ID, { arrival, onUpdate: ({ status }) => heard.push(status) });
    arrival.send(FAILED);
    await sleep(50);
    assert.deepEqual([heard, arrival.seen.returned], [["completed"], 1]);
  });

  test("the handler's events: the simulator delivers long before the next look", async (t) => {
    const { sim, lamina, hook, start } = await backEnd(t);
    const { url, handler } = await hook();
    const started = await Promise.all(Array.from({ length: 10 }, () => start(url)));
    const all = await soon(Promise.all(started.map((each) => lamina.waitForExecution(each, { ...SLOW, arrival: handler.events }))));
    assert.deepEqual(all.map(({ executionId }) => executionId), started.map(({ executionId }) => executionId));
    assert.ok(sim.ledger.requests.filter(({ operation }) => operation === "getExecution").length <= 10);
  });

  test("the handler's events, in run, runAll and watchExecution", async (t) => {
    const { sim, lamina, hook, start } = await backEnd(t);
    const { url: webhook, handler } = await hook();
    const options = { ...SLOW, webhook, arrival: handler.events };
    const [{ appId }] = sim.apps;
    assert.equal((await soon(lamina.run(appId, {}, options))).status, "completed");
    const ended = [];
    await soon((async () => {
      for await (const { execution: { status } } of lamina.runAll([{ appId, inputs: {} }, { appId, inputs: {} }], options)) ended.push(status);
    })());
    assert.deepEqual(ended, ["completed", "completed"]);
    const seen = [];
    const started = await start(webhook);
    await soon((async () => {
      for await (const { status } of lamina.watchExecution(started, options)) seen.push(status);
    })());
    assert.equal(seen.at(-1), "completed");
  });
});

describe("a source that is of no use ends no wait", { concurrency: 4 }, () => {
  const hostile = { get executionId() { throw new Error("gone"); } };
  const noThen = { then() { throw new Error("gone"); } };
  for (const [what, make] of [
    ["a promise that rejects", () => Promise.reject(new Error("gone"))],
    ["a promise of nothing", () => Promise.resolve()],
    ["a promise of another execution", () => Promise.resolve({ ...COMPLETED, executionId: "another" })],
    ["a promise of one without a status", () => Promise.resolve({ executionId: EXECUTION_ID })],
    ["a promise of one whose status is no text", () => Promise.resolve({ ...COMPLETED, status: 1 })],
    ["a promise of what throws when it is read", () => Promise.resolve(hostile)],
    ["what throws instead of promising", () => noThen],
    ["an iterable that ends", () => (async function* () {})()],
    ["an iterable that fails", () => (async function* () { throw new Error("gone"); })()],
    ["an iterable that cannot be begun", () => ({ [Symbol.asyncIterator]() { throw new Error("gone"); } })],
    ["an iterable without an end of its own", () => ({ [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true }) }) })],
    ["an iterable whose end fails", () => ({ [Symbol.asyncIterator]: () => ({ next: () => NEVER, return: () => Promise.reject(new Error("gone")) }) })],
    ["an iterable whose end throws", () => ({ [Symbol.asyncIterator]: () => ({ next: () => NEVER, return() { throw new Error("gone"); } }) })],
    ["an iterable of odd things", () => (async function* () { yield* [null, undefined, 5, "x", [], {}, { execution: null }, { executionId: EXECUTION_ID }, { status: "completed" }, { runId: 5, status: "completed" }]; })()],
  ]) {
    test(what, async (t) => {
      const { server, lamina } = await setUp(t, data(RUNNING), data(RUNNING), data(COMPLETED));
      assert.deepEqual(await soon(lamina.waitForExecution(EXECUTION_ID, { pollIntervalMs: 10, arrival: make() })), COMPLETED);
      assert.equal(server.requests.length, 3);
    });
  }

  for (const [what, arrival] of [["a number", 5], ["a text", "x"], ["an object", {}], ["an array", [COMPLETED]], ["a function", () => COMPLETED], ["what cannot be looked at", { get then() { throw new Error("gone"); } }]]) {
    test(`${what} is INVALID_ARGUMENT, and nothing is sent`, async (t) => {
      const { server, lamina } = await setUp(t);
      const error = await soon(rejection(lamina.waitForExecution(EXECUTION_ID, { arrival }), "INVALID_ARGUMENT"));
      assert.match(error.message, /`arrival`/);
      await rejection(lamina.run(APP_ID, {}, { arrival }), "INVALID_ARGUMENT");
      assert.equal(server.requests.length, 0);
    });
  }
});

describe("an iterable is left once, however the wait ends", { concurrency: 4 }, () => {
  const left = async ({ seen }) => {
    await until(() => seen.returned > 0);
    assert.deepEqual([seen.iterators, seen.returned], [1, 1]);
  };
  const ways = {
    "by what arrived": async (lamina, arrival) => (setTimeout(arrival.send, 50, COMPLETED), lamina.waitForExecution(EXECUTION_ID, { ...SLOW, arrival })),
    "by an abort": (lamina, arrival) => lamina.waitForExecution(EXECUTION_ID, { ...SLOW, arrival, signal: AbortSignal.timeout(50) }),
    "by its time": (lamina, arrival) => lamina.waitForExecution(EXECUTION_ID, { ...SLOW, arrival, timeoutMs: 50 }),
    "by onUpdate": (lamina, arrival) => lamina.waitForExecution(EXECUTION_ID, { ...SLOW, arrival, onUpdate: () => { throw new Error("enough"); } }),
    "by a break out of watchExecution": async (lamina, arrival) => {
      for await (const _ of lamina.watchExecution(EXECUTION_ID, { ...SLOW, arrival })) break;
    },
    "by an error that stays": (lamina, arrival) => lamina.waitForExecution("unknown", { ...SLOW, arrival }),
  };
  for (const [what, wait] of Object.entries(ways)) {
    test(what, async (t) => {
      const { server, lamina } = await setUp(t);
      server.on("GET /api/executions/unknown", (_, response) => response.writeHead(404).end());
      const arrival = source();
      await soon(wait(lamina, arrival).catch(() => {}));
      await left(arrival);
    });
  }

  test("a wait that is over before it began does not even begin it", async (t) => {
    const { lamina } = await setUp(t);
    const arrival = source();
    await lamina.waitForExecution(EXECUTION_ID, { arrival, signal: AbortSignal.abort("early") }).catch(() => {});
    assert.deepEqual([arrival.seen.iterators, arrival.seen.returned], [0, 0]);
  });
});

describe("the handler's events", { concurrency: 4 }, () => {
  test("are heard by each listener, from when it began to listen, each execution once", async (t) => {
    const { hook, signed } = await backEnd(t);
    const { status, handler } = await hook();
    const deliver = async (id) => assert.equal(await status(await signed({ executionId: id, status: "completed" }, id)), 200);
    await deliver("e0");
    const [one, other] = [0, 1].map(() => handler.events[Symbol.asyncIterator]());
    const waiting = one.next();
    for (const id of ["e1", "e1", "e2"]) await deliver(id);
    const late = handler.events[Symbol.asyncIterator]();
    await deliver("e3");
    const ids = async (iterator, count) => (await Promise.all(Array.from({ length: count }, () => iterator.next()))).map(({ value }) => value.requestId);
    assert.equal((await waiting).value.requestId, "e1");
    assert.deepEqual(await ids(one, 2), ["e2", "e3"]);
    assert.deepEqual(await ids(other, 3), ["e1", "e2", "e3"]);
    assert.deepEqual(await ids(late, 1), ["e3"]);
  });

  test("of a listener that leaves end, also those that it waits for", async (t) => {
    const { hook } = await backEnd(t);
    const { handler } = await hook();
    const listener = handler.events[Symbol.asyncIterator]();
    const waiting = [listener.next(), listener.next()];
    await listener.return();
    assert.deepEqual(await Promise.all([...waiting, listener.next()]), Array(3).fill({ done: true, value: undefined }));
  });

  test("are sent before onExecution is through, for a wait may be what it waits for", async (t) => {
    const { lamina, hook, start } = await backEnd(t);
    const work = gate();
    const { url, handler } = await hook({ onExecution: () => work.promise });
    const started = await start(url);
    assert.equal((await soon(lamina.waitForExecution(started, { ...SLOW, arrival: handler.events }))).status, "completed");
    work.open();
  });

  test("do not pile up behind waits that are over", async () => {
    const source = `
      import { Lamina } from "lamina-wasm";
      import { createWebhookHandler } from "lamina-wasm/server";
      const body = new Uint8Array(100_000);
      let count = 0;
      const client = { verifyWebhook: async () => ({ requestId: String(count), execution: { executionId: String(count++), status: "completed", body: new Uint8Array(100_000) } }) };
      const handler = createWebhookHandler({ client });
      const lamina = new Lamina({ apiKey: "k", fetch: async () => Response.json({ data: { executionId: "x", status: "completed", outputs: [] } }), requestsPerMinute: Infinity });
      for (let n = 0; n < 200; n++) await lamina.waitForExecution("x", { arrival: handler.events });
      const deliver = () => handler(new Request("https://hooks.example/", { method: "POST", body: "{}" }));
      for (let n = 0; n < 100; n++) await deliver();
      gc();
      const before = process.memoryUsage().arrayBuffers;
      for (let n = 0; n < 200; n++) await deliver();
      await new Promise((resolve) => setTimeout(resolve, 50));
      gc();
      console.log(JSON.stringify({ grown: process.memoryUsage().arrayBuffers - before }));`;
    const { status, stderr, json } = await runChild(installed.folder, source, { flags: ["--expose-gc"] });
    assert.equal(status, 0, stderr);
    assert.ok(json.grown < 5_000_000, `${json.grown} bytes of 20,000,000`);
  });
});

test("what will never arrive keeps no process alive, and rejects nowhere", async (t) => {
  const { server } = await setUp(t, data(RUNNING), data(COMPLETED));
  const source = `
    import { Lamina } from "lamina-wasm";
    const lamina = new Lamina({ apiKey: "k", baseUrl: process.env.URL });
    const never = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) };
    for (const arrival of [new Promise(() => {}), never]) console.log((await lamina.waitForExecution(${JSON.stringify(EXECUTION_ID)}, { pollIntervalMs: 10, arrival })).status);`;
  const { status, stdout, stderr } = await runChild(installed.folder, source, { env: { URL: server.url } });
  assert.deepEqual([status, stdout.trim().split("\n"), stderr], [0, ["completed", "completed"], ""]);
});
