// waitForExecution and run: when they look, what they tell, how they end. (The lengths of pauses are in pauses.test.mjs.)

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { installPackage } from "../support/install.mjs";
import { APP_ID, COMPLETED, execution, EXECUTION_ID, KEY, paths, STARTED } from "../support/payloads.mjs";
import { after, data, json, redirect, reset, stall, startServer, text, truncate } from "../support/scripted-server.mjs";
import { assertBetween, outcome, rejection } from "../support/settle.mjs";

const { Lamina } = await (await installPackage()).import();

// Compiles the module, and has Node load what its fetch needs: else the first pauses are longer.
await new Lamina({ apiKey: KEY, baseUrl: "http://127.0.0.1:1", maxRetries: 0 }).listApps().catch(() => {});

const QUICK = { pollIntervalMs: 20 };

async function setUp(t, answers, options = {}) {
  const server = await startServer(t);
  server.on(paths.look, ...answers).on(paths.start, data(STARTED, 202));
  return { server, lamina: new Lamina({ apiKey: KEY, baseUrl: server.url, requestsPerMinute: Infinity, ...options }) };
}

const QUEUED = data(execution("queued"));
const RUNNING = data(execution("running"));
const DONE = data(COMPLETED);

describe("waiting", { concurrency: 6 }, () => {
  for (const [what, given] of [["its id", EXECUTION_ID], ["what execute gave", STARTED]]) {
    test(`a wait for ${what} looks at once, and resolves to the completed execution`, async (t) => {
      const { server, lamina } = await setUp(t, [DONE]);
      const { value, ms } = await outcome(() => lamina.waitForExecution(given));
      assert.deepEqual(value, COMPLETED);
      assert.equal(server.requests.length, 1);
      assert.ok(ms < 500, `${ms}`);
    });
  }

  test("a number fixes the pause between two looks", async (t) => {
    const { server, lamina } = await setUp(t, [RUNNING, RUNNING, RUNNING, DONE]);
    await lamina.waitForExecution(EXECUTION_ID, { pollIntervalMs: 200 });
    assert.equal(server.requests.length, 4);
    for (const gap of server.gaps) assertBetween(gap, 200, 500);
  });

  test("the pause grows with the execution's age, within its bounds, ±10 %", async (t) => {
    const aged = (seconds) => data(execution("running", { createdAt: new Date(Date.now() - seconds * 1000).toISOString() }));
    for (const [age, pause] of [[1, 200], [4, 400], [60, 600]]) {
      const { server, lamina } = await setUp(t, [aged(age), DONE]);
      await lamina.waitForExecution(EXECUTION_ID, { pollIntervalMs: { min: 200, max: 600 } });
      assertBetween(server.gaps[0], pause * 0.9, pause * 1.1 + 250, `after ${age} s`);
    }
  });

  test("onUpdate hears the first look and every change, and nothing twice", async (t) => {
    const half = execution("running", { outputs: [{ ...STARTED.outputs[0], type: "image", status: "completed", value: "https://x" }] });
    const { lamina } = await setUp(t, [QUEUED, QUEUED, RUNNING, RUNNING, RUNNING, data(half), data(half), DONE]);
    const heard = [];
    const result = await lamina.waitForExecution(EXECUTION_ID, { ...QUICK, onUpdate: (seen) => heard.push(seen) });
    assert.deepEqual(heard, [execution("queued"), execution("running"), half, COMPLETED]);
    assert.equal(heard.at(-1), result);
  });

  for (const [what, onUpdate] of [
    ["throws", () => { throw new RangeError("mine"); }],
    ["rejects", async () => { throw new RangeError("mine"); }],
  ]) {
    test(`what onUpdate ${what} rejects the wait, and ends it`, async (t) => {
      const { server, lamina } = await setUp(t, [RUNNING]);
      const { error } = await outcome(lamina.waitForExecution(EXECUTION_ID, { ...QUICK, onUpdate }));
      assert.ok(error instanceof RangeError && error.message === "mine");
      await new Promise((resolve) => setTimeout(resolve, 100));
      assert.ok(server.requests.length <= 2);
    });

    test(`what onUpdate ${what} at the end rejects the wait as well`, async (t) => {
      const { lamina } = await setUp(t, [DONE]);
      const { error } = await outcome(lamina.waitForExecution(EXECUTION_ID, { ...QUICK, onUpdate }));
      assert.ok(error instanceof RangeError && error.message === "mine");
    });
  }

  test("a wait whose time is over may be tried again; a run may not, which would start another execution", async (t) => {
    const { lamina } = await setUp(t, [RUNNING]);
    const options = { ...QUICK, timeoutMs: 150 };
    assert.equal((await rejection(lamina.waitForExecution(EXECUTION_ID, options), "WAIT_TIMEOUT")).retryable, true);
    const { retryable, execution: seen } = await rejection(lamina.run(APP_ID, {}, options), "WAIT_TIMEOUT");
    assert.deepEqual([retryable, seen.executionId], [false, EXECUTION_ID]);
    const refused = await setUp(t, [json({ error: "x", code: "FORBIDDEN", retryable: true, requestId: "r" }, 403)]);
    assert.equal((await rejection(refused.lamina.run(APP_ID, {}, QUICK), "FORBIDDEN")).retryable, false);
  });

  test("an onUpdate that takes its time does not hold the wait up", async (t) => {
    const { lamina } = await setUp(t, [DONE]);
    assert.deepEqual(await lamina.waitForExecution(EXECUTION_ID, { ...QUICK, onUpdate: () => new Promise(() => {}) }), COMPLETED);
  });

  for (const status of ["needs_input", "cancel_requested", "COMPLETED", "error", "paused", "", "canceled"].filter(Boolean)) {
    test(`status ${status} is not the end`, async (t) => {
      const { server, lamina } = await setUp(t, [data(execution(status)), DONE]);
      assert.equal((await lamina.waitForExecution(EXECUTION_ID, QUICK)).status, "completed");
      assert.equal(server.requests.length, 2);
    });
  }

  const outputs = (...errors) => errors.map((error, index) => ({ id: `n${index}`, label: "x", type: "pending", value: null, status: error ? "error" : "completed", error }));
  for (const [what, ended, code, message] of [
    ["failed with a message", execution("failed", { errorMessage: "Insufficient credits", outputs: outputs("other") }), "EXECUTION_FAILED", /^Insufficient credits$/],
    ["failed with its outputs' errors", execution("failed", { outputs: outputs("first broke", null, "second broke") }), "EXECUTION_FAILED", /first broke.*second broke/s],
    ["failed without a word", execution("failed"), "EXECUTION_FAILED", /./],
    ["was cancelled", execution("cancelled"), "EXECUTION_CANCELLED", /./],
    ["was cancelled with a message", execution("cancelled", { errorMessage: "by its user" }), "EXECUTION_CANCELLED", /^by its user$/],
  ]) {
    test(`an execution that ${what} rejects with ${code}, and is on the error`, async (t) => {
      const { lamina } = await setUp(t, [RUNNING, data(ended)]);
      const error = await rejection(lamina.waitForExecution(EXECUTION_ID, QUICK), code);
      assert.match(error.message, message);
      assert.deepEqual(error.execution, ended);
      assert.equal(error.retryable, false);
    });

    test(`an execution that ${what} resolves with throwOnFailure: false`, async (t) => {
      const { lamina } = await setUp(t, [RUNNING, data(ended)]);
      assert.deepEqual(await lamina.waitForExecution(EXECUTION_ID, { ...QUICK, throwOnFailure: false }), ended);
    });
  }

  test("an output's error alone does not end a wait", async (t) => {
    const { lamina } = await setUp(t, [data(execution("running", { outputs: outputs("one broke") })), DONE]);
    assert.equal((await lamina.waitForExecution(EXECUTION_ID, QUICK)).status, "completed");
  });

  test("WAIT_TIMEOUT comes at timeoutMs, with the last seen execution", async (t) => {
    const { lamina } = await setUp(t, [QUEUED, RUNNING]);
    const { error, ms } = await outcome(() => lamina.waitForExecution(EXECUTION_ID, { pollIntervalMs: 70, timeoutMs: 500 }));
    assert.equal(error.code, "WAIT_TIMEOUT");
    assert.deepEqual(error.execution, execution("running"));
    assertBetween(ms, 500, 700);
  });

  test("a pause that is longer than the wait does not make it longer", async (t) => {
    const { lamina } = await setUp(t, [RUNNING]);
    const { error, ms } = await outcome(() => lamina.waitForExecution(EXECUTION_ID, { pollIntervalMs: 10_000, timeoutMs: 300 }));
    assert.equal(error.code, "WAIT_TIMEOUT");
    assertBetween(ms, 300, 500);
  });

  test("the client's timeoutMs is a call's, not a wait's", async (t) => {
    const { lamina } = await setUp(t, [RUNNING, RUNNING, RUNNING, DONE], { timeoutMs: 150 });
    assert.equal((await lamina.waitForExecution(EXECUTION_ID, { pollIntervalMs: 100 })).status, "completed");
  });

  const TRANSIENT = {
    "a reset": reset(),
    "a body that breaks off": truncate(),
    "a stalled look": stall(),
    "HTML": text("<html>", 200),
    "a broken JSON": text('{"data": {"exec'),
    "an odd shape": data([]),
    "408": json({ error: "x" }, 408),
    "429": text("slow", 429, { "retry-after": "0" }),
    "500": json({ error: "x" }, 500),
    "502": text("<html>", 502),
    "503": json({ error: "x" }, 503),
    "504": text("", 504),
  };
  for (const [what, answer] of Object.entries(TRANSIENT)) {
    test(`${what} does not end a wait, however often, and whatever maxRetries says`, async (t) => {
      const { server, lamina } = await setUp(t, [answer, RUNNING, answer, answer, DONE], { attemptTimeoutMs: 150, maxRetries: 0 });
      const result = await lamina.waitForExecution(EXECUTION_ID, QUICK);
      assert.deepEqual(result, COMPLETED);
      assert.equal(server.requests.length, 5);
    });
  }

  test("trouble to the end is WAIT_TIMEOUT, with the last seen execution and the trouble as cause", async (t) => {
    const { lamina } = await setUp(t, [RUNNING, json({ error: "x" }, 500)]);
    const error = await rejection(lamina.waitForExecution(EXECUTION_ID, { ...QUICK, timeoutMs: 400 }), "WAIT_TIMEOUT");
    assert.deepEqual(error.execution, execution("running"));
  });

  test("a 429 within a wait is waited for in full", async (t) => {
    const { server, lamina } = await setUp(t, [text("slow", 429, { "retry-after": "1" }), DONE]);
    await lamina.waitForExecution(EXECUTION_ID, QUICK);
    assertBetween(server.gaps[0], 1000, 1400);
  });

  for (const [status, code] of [[400, "VALIDATION_ERROR"], [401, "AUTH_INVALID_KEY"], [403, "FORBIDDEN"], [404, "NOT_FOUND"]]) {
    test(`a ${status} ends a wait at once`, async (t) => {
      const { server, lamina } = await setUp(t, [RUNNING, json({ error: "no" }, status)]);
      const error = await rejection(lamina.waitForExecution(EXECUTION_ID, QUICK), code);
      assert.equal(error.status, status);
      assert.equal(server.requests.length, 2);
    });
  }

  test("a redirect ends a wait at once", async (t) => {
    const { server, lamina } = await setUp(t, [redirect("/elsewhere")]);
    await rejection(lamina.waitForExecution(EXECUTION_ID, QUICK), "INVALID_RESPONSE");
    assert.equal(server.requests.length, 1);
  });

  test("a 404 right after this client's own execute is `not visible yet`", async (t) => {
    const gone = json({ error: "Execution not found" }, 404);
    const { server, lamina } = await setUp(t, [gone, gone, DONE]);
    const started = await lamina.execute(APP_ID, {});
    assert.equal((await lamina.waitForExecution(started.executionId, QUICK)).status, "completed");
    assert.equal(server.requests.length, 4);
  });

  test("a 404 right after another client's execute ends the wait", async (t) => {
    const { server, lamina } = await setUp(t, [json({ error: "Execution not found" }, 404)]);
    const other = new Lamina({ apiKey: KEY, baseUrl: server.url });
    await rejection(lamina.waitForExecution(await other.execute(APP_ID, {}), QUICK), "NOT_FOUND");
    assert.equal(server.requests.length, 2);
  });

  test("run is execute and then a wait, and getExecution is one look", async (t) => {
    const { server, lamina } = await setUp(t, [QUEUED, RUNNING, DONE]);
    const heard = [];
    const result = await lamina.run(APP_ID, { Style: "x" }, { ...QUICK, webhook: "https://me.example/h", onUpdate: ({ status }) => heard.push(status) });
    assert.deepEqual(result, COMPLETED);
    assert.deepEqual(heard, ["queued", "running", "completed"]);
    assert.deepEqual(server.requests.map(({ method }) => method), ["POST", "GET", "GET", "GET"]);
    assert.match(server.urls[0], /\?webhook=/);
    assert.equal(server.requests[0].body, '{"inputs":{"Style":"x"}}');
    await lamina.getExecution(EXECUTION_ID);
    assert.equal(server.requests.length, 5);
  });

  test("run rejects with what execute rejects with, and looks at nothing", async (t) => {
    const server = await startServer(t);
    server.on("*", json({ error: "Invalid inputs" }, 400));
    await rejection(new Lamina({ apiKey: KEY, baseUrl: server.url }).run(APP_ID, {}), "VALIDATION_ERROR");
    assert.equal(server.requests.length, 1);
  });

  test("waits side by side do not disturb each other", async (t) => {
    const { lamina } = await setUp(t, [after(30, RUNNING), after(30, DONE)]);
    const results = await Promise.all(Array.from({ length: 20 }, () => lamina.waitForExecution(EXECUTION_ID, QUICK)));
    assert.deepEqual([...new Set(results.map(({ status }) => status))], ["completed"]);
  });
});
