// pollStep: the polling state machine as a pure function over plain JSON.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { runChild } from "../support/child.mjs";
import { installPackage } from "../support/install.mjs";
import { COMPLETED, execution, EXECUTION_ID, KEY } from "../support/payloads.mjs";
import { rejection } from "../support/settle.mjs";

const installed = await installPackage();
const { Lamina, LaminaError, isLaminaError } = await installed.import();

const NOW = Date.UTC(2026, 2, 23, 12, 0, 0);
const RUNNING = execution("running");
const lamina = new Lamina({ apiKey: KEY, fetch: () => assert.fail("pollStep sends nothing") });
const throughJson = (state) => JSON.parse(JSON.stringify(state));
const first = (more = {}) => lamina.pollStep(null, { now: NOW, executionId: EXECUTION_ID, ...more });
/** The next step from a state that was stored in between. */
const then = (state, observation) => lamina.pollStep(throughJson(state), observation);

describe("pollStep", () => {
  test("begins with a look at once, by the id alone", async () => {
    const { state, next } = await first();
    assert.deepEqual(next, { type: "poll", afterMs: 0 });
    assert.deepEqual(throughJson(state), state);
  });

  test("goes from poll to done, its state stored as JSON after each step", async () => {
    let { state } = await first();
    let now = NOW;
    const pauses = [];
    for (const seen of [execution("queued"), RUNNING, RUNNING]) {
      const step = await then(state, { now: (now += 5_000), execution: seen });
      assert.equal(step.next.type, "poll");
      pauses.push(step.next.afterMs);
      state = step.state;
    }
    for (const pause of pauses) assert.ok(pause >= 2_700 && pause <= 3_300, `${pause}`);
    const { next } = await then(state, { now: now + 5_000, execution: COMPLETED });
    assert.deepEqual(next, { type: "done", execution: COMPLETED });
  });

  test("a first observation may hold the execution, and even be the last", async () => {
    assert.equal((await lamina.pollStep(null, { now: NOW, execution: RUNNING })).next.type, "poll");
    assert.deepEqual((await lamina.pollStep(null, { now: NOW, execution: COMPLETED })).next, { type: "done", execution: COMPLETED });
    assert.equal((await lamina.pollStep(undefined, { now: NOW, executionId: EXECUTION_ID })).next.type, "poll");
  });

  test("is pure: the same step twice gives the same, and changes neither argument", async () => {
    const { state } = await first();
    const observation = { now: NOW + 60_000, execution: RUNNING };
    const before = JSON.stringify([state, observation]);
    const one = await lamina.pollStep(state, observation);
    const two = await lamina.pollStep(state, observation);
    assert.deepEqual(two, one);
    assert.equal(JSON.stringify([state, observation]), before);
  });

  test("the pause grows with the age to 15 s, ±10 %", async () => {
    const { state } = await first();
    for (const [age, pause] of [[1, 3_000], [60, 6_000], [100, 10_000], [600, 15_000]]) {
      const { next } = await then(state, { now: NOW + age * 1_000, execution: RUNNING });
      assert.ok(next.afterMs >= pause * 0.9 - 1 && next.afterMs <= pause * 1.1 + 1, `${age} s: ${next.afterMs}`);
    }
  });

  test("options of the first observation are kept in the state", async () => {
    const { state } = await first({ options: { pollIntervalMs: 250, timeoutMs: 10_000, throwOnFailure: false } });
    const again = await then(state, { now: NOW + 1_000, execution: RUNNING });
    assert.equal(again.next.afterMs, 250);
    const failed = execution("failed");
    assert.deepEqual((await then(again.state, { now: NOW + 2_000, execution: failed })).next, { type: "done", execution: failed });
    assert.equal((await then(again.state, { now: NOW + 10_000, execution: RUNNING })).next.type, "fail");
  });

  for (const [status, code] of [["failed", "EXECUTION_FAILED"], ["cancelled", "EXECUTION_CANCELLED"]]) {
    test(`an execution that ${status} is fail with ${code}, the execution on the error`, async () => {
      const { state } = await first();
      const ended = execution(status, { errorMessage: "Insufficient credits" });
      const { next } = await then(state, { now: NOW + 1_000, execution: ended });
      assert.equal(next.type, "fail");
      assert.ok(isLaminaError(next.error) && next.error instanceof LaminaError);
      assert.deepEqual([next.error.code, next.error.message, next.error.execution], [code, "Insufficient credits", ended]);
    });
  }

  test("after timeoutMs it is fail with WAIT_TIMEOUT, the last seen execution on the error", async () => {
    const { state } = await first();
    const seen = await then(state, { now: NOW + 1_000, execution: RUNNING });
    const { next } = await then(seen.state, { now: NOW + 1_800_000, error: { code: "NETWORK_ERROR" } });
    assert.equal(next.error.code, "WAIT_TIMEOUT");
    assert.deepEqual(next.error.execution, RUNNING);
    assert.equal((await then(seen.state, { now: NOW + 1_799_000, execution: RUNNING })).next.type, "poll");
    assert.equal((await then(seen.state, { now: NOW + 1_900_000, execution: COMPLETED })).next.type, "done");
  });

  test("a pause never goes beyond the deadline", async () => {
    const { state } = await first({ options: { timeoutMs: 10_000 } });
    const { next } = await then(state, { now: NOW + 9_000, execution: RUNNING });
    assert.ok(next.afterMs <= 1_000, `${next.afterMs}`);
  });

  for (const error of [{ code: "NETWORK_ERROR" }, { code: "TIMEOUT" }, { code: "INVALID_RESPONSE" }, { code: "INTERNAL_ERROR", status: 500 },
    { code: "API_ERROR", status: 408 }, { code: "RATE_LIMITED", status: 429 }, new TypeError("fetch failed"), "broken"]) {
    test(`${error.code ?? error} ${error.status ?? ""} does not end it`, async () => {
      const { state } = await first();
      const seen = await then(state, { now: NOW, execution: RUNNING });
      const { next } = await then(seen.state, { now: NOW + 3_000, error });
      assert.equal(next.type, "poll");
      assert.ok(next.afterMs > 0 && next.afterMs <= 3_300);
    });
  }

  test("what the server asked for is waited for", async () => {
    const { state } = await first();
    const { next } = await then(state, { now: NOW, error: { code: "RATE_LIMITED", status: 429, retryAfterMs: 42_000 } });
    assert.deepEqual(next, { type: "poll", afterMs: 42_000 });
  });

  for (const [status, code] of [[400, "VALIDATION_ERROR"], [401, "AUTH_INVALID_KEY"], [403, "FORBIDDEN"], [404, "NOT_FOUND"]]) {
    test(`${code} ends it at once, with the very error`, async () => {
      const { state } = await first();
      const error = Object.assign(new LaminaError(code, "no"), { status });
      const { next } = await lamina.pollStep(state, { now: NOW + 20_000, error });
      assert.equal(next.type, "fail");
      assert.equal(next.error.code, code);
      const fromJson = await then(state, { now: NOW + 20_000, error: throughJson(error) });
      assert.equal(fromJson.next.type, "fail");
      assert.equal(fromJson.next.error.code, code);
    });
  }

  test("a 404 within 10 s of the start is not the end, if the wait began with what execute gave", async () => {
    const { state } = await lamina.pollStep(null, { now: NOW, execution: execution("queued") });
    const gone = { code: "NOT_FOUND", status: 404 };
    assert.equal((await then(state, { now: NOW + 9_000, error: gone })).next.type, "poll");
    assert.equal((await then(state, { now: NOW + 11_000, error: gone })).next.type, "fail");
  });

  test("a state holds no key", async () => {
    const { state } = await lamina.pollStep(null, { now: NOW, execution: RUNNING });
    assert.ok(!JSON.stringify(state).includes(KEY));
  });

  test("a state of a newer version, or none, is INVALID_ARGUMENT", async () => {
    const { state } = await first();
    const version = Object.entries(state).find(([, value]) => value === 1)?.[0];
    const observation = { now: NOW, execution: RUNNING };
    for (const bad of [{}, [], "x", 5, { ...state, executionId: undefined }, { ...state, [version]: 999 }, { ...state, [version]: "1" }]) {
      await rejection(lamina.pollStep(bad, observation), "INVALID_ARGUMENT");
    }
  });

  test("an observation that is none is INVALID_ARGUMENT", async () => {
    for (const bad of [undefined, null, {}, "x", { now: "x" }, { now: NaN }, { now: NOW }, { now: NOW, executionId: "" }, { now: NOW, executionId: "..", execution: RUNNING },
      { now: NOW, executionId: "e", execution: {} }, { now: NOW, executionId: "e", options: { timeoutMs: -1 } }]) {
      await rejection(lamina.pollStep(null, bad), "INVALID_ARGUMENT");
    }
  });

  test("it needs no key, no fetch and no timer", async () => {
    const { status, stderr, json } = await runChild(
      installed.folder,
      `import { pollStep, Lamina } from "lamina-wasm";
       await pollStep(null, { now: 0, executionId: "e" });
       const used = [];
       globalThis.fetch = () => used.push("fetch");
       for (const name of ["setTimeout", "setInterval"]) { const real = globalThis[name]; globalThis[name] = (...args) => (used.push(name), real(...args)); }
       Date.now = () => (used.push("Date.now"), 0);
       Math.random = () => (used.push("random"), 0);
       const { next } = await pollStep(null, { now: 5, execution: { executionId: "e", status: "running" } });
       console.log(JSON.stringify({ next, used }));`,
    );
    assert.equal(status, 0, stderr);
    assert.equal(json.next.type, "poll");
    assert.deepEqual(json.used, []);
  });
});
