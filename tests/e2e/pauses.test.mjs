// The lengths of pauses and time-outs, the documented defaults first of all, to the millisecond: in virtual time.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { installPackage } from "../support/install.mjs";
import { APP, APP_ID, COMPLETED, execution, EXECUTION_ID, KEY, STARTED } from "../support/payloads.mjs";
import { assertBetween, rejection } from "../support/settle.mjs";
import { virtualTime } from "../support/virtual-time.mjs";

const { Lamina } = await (await installPackage()).import();
await new Lamina({ apiKey: KEY, fetch: async () => ({ status: 404 }) }).listApps().catch(() => {}); // compiles the module

const MINUTE = 60_000;
const reply = (value, status = 200, headers = {}) => ({ status, headers: new Headers(headers), text: async () => JSON.stringify(value) });
const never = () => new Promise(() => {});
const FAILED = reply({ error: "x" }, 500);
const look = (status, more) => reply({ data: execution(status, more) });

/**
 * A client in virtual time whose fetch gives `answers` in turn, the last one for ever.
 * @param {...(object | (() => unknown))} answers
 */
function inTime(t, options, ...answers) {
  const time = virtualTime(t);
  const times = [];
  const fetch = async () => {
    times.push(time.now);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    return typeof answer === "function" ? answer() : answer;
  };
  const lamina = new Lamina({ apiKey: KEY, fetch, ...options });
  return { lamina, time, times, gaps: () => times.slice(1).map((at, index) => at - times[index]) };
}

/** When `promise` settles, and how. */
async function end(time, promise, ms = 120 * MINUTE) {
  const began = time.now;
  let took;
  const result = promise.then((value) => ((took = time.now - began), { value }), (error) => ((took = time.now - began), { error }));
  await time.pass(ms, result);
  return { ...(await result), took };
}

/** Not sooner, and at most a millisecond later, for a timer counts whole ones. */
const exactly = (value, ms) => assert.ok(value >= ms && value <= ms + 1, `${value} ms where ${ms} are promised`);

describe("time-outs", () => {
  test("a call takes 60 s by default, an attempt 30 s", async (t) => {
    const { lamina, time, times } = inTime(t, { maxRetries: 9 }, never);
    const { error, took } = await end(time, lamina.listApps());
    assert.equal(error.code, "TIMEOUT");
    exactly(took, MINUTE);
    assert.equal(times.length, 2);
    assertBetween(times[1] - times[0], 30_250, 30_502);
  });

  test("a start's attempt takes 30 s, and is the only one", async (t) => {
    const { lamina, time, times } = inTime(t, {}, never);
    const { error, took } = await end(time, lamina.execute(APP_ID, {}));
    assert.equal(error.code, "TIMEOUT");
    exactly(took, 30_000);
    assert.equal(times.length, 1);
  });

  test("a wait takes 30 minutes by default, whatever the client's timeoutMs is", async (t) => {
    const { lamina, time } = inTime(t, { timeoutMs: 1_000 }, look("running"));
    const { error, took } = await end(time, lamina.waitForExecution(EXECUTION_ID));
    assert.equal(error.code, "WAIT_TIMEOUT");
    exactly(took, 30 * MINUTE);
  });

  test("a wait that is named its time takes it, across stalls and failures", async (t) => {
    const { lamina, time } = inTime(t, {}, look("running"), never, FAILED, never, look("running"));
    const { error, took } = await end(time, lamina.waitForExecution(EXECUTION_ID, { timeoutMs: 5 * MINUTE }));
    assert.equal(error.code, "WAIT_TIMEOUT");
    exactly(took, 5 * MINUTE);
  });
});

describe("retries", () => {
  test("three further attempts by default, after 500, 1,000 and 2,000 ms, each times a half to one", async (t) => {
    const { lamina, time, times, gaps } = inTime(t, {}, FAILED);
    const { error } = await end(time, lamina.listApps());
    assert.equal(error.attempts, 4);
    assert.equal(times.length, 4);
    [500, 1_000, 2_000].forEach((most, index) => assertBetween(gaps()[index], most / 2, most + 2));
  });

  test("the pause grows to 8 s and no further", async (t) => {
    const { lamina, time, gaps } = inTime(t, { maxRetries: 9, timeoutMs: 10 * MINUTE }, FAILED);
    await end(time, lamina.listApps());
    [500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000, 8_000, 8_000].forEach((most, index) => assertBetween(gaps()[index], most / 2, most + 2));
    assert.ok(new Set(gaps().slice(4)).size > 1, "at random");
  });

  for (const [what, headers, ms] of [["seconds", { "retry-after": "20" }, 20_000], ["a fraction", { "retry-after": "2.5" }, 2_500],
    ["a date", { date: "Mon, 23 Mar 2026 12:22:40 GMT", "retry-after": "Mon, 23 Mar 2026 12:23:10 GMT" }, 30_000], ["just as much as is allowed", { "retry-after": "60" }, MINUTE]]) {
    test(`Retry-After as ${what} is waited for in full, and not longer`, async (t) => {
      const { lamina, time, gaps } = inTime(t, { timeoutMs: 3 * MINUTE }, reply({}, 429, headers), reply({ data: [] }));
      assert.deepEqual((await end(time, lamina.listApps())).value, []);
      exactly(gaps()[0], ms);
    });
  }

  test("the body's retryAfter is waited for in full where there is no header", async (t) => {
    const { lamina, time, gaps } = inTime(t, {}, reply({ error: "x", code: "RATE_LIMITED", retryable: true, retryAfter: 7 }, 429), reply({ data: STARTED }, 202));
    await end(time, lamina.execute(APP_ID, {}));
    exactly(gaps()[0], 7_000);
  });

  test("a Retry-After that is longer than the time left rejects at once; one that just fits is waited for", async (t) => {
    const { lamina, time, times } = inTime(t, {}, reply({}, 429, { "retry-after": "10" }), reply({ data: [] }));
    const { error, took } = await end(time, lamina.listApps({ timeoutMs: 9_000 }));
    assert.deepEqual([error.code, error.retryAfterMs, took, times.length], ["RATE_LIMITED", 10_000, 0, 1]);
  });
});

describe("looks", () => {
  test("a fixed interval is kept to the millisecond", async (t) => {
    const { lamina, time, gaps } = inTime(t, {}, ...Array(5).fill(look("running")), reply({ data: COMPLETED }));
    await end(time, lamina.waitForExecution(EXECUTION_ID, { pollIntervalMs: 1_234 }));
    assert.equal(gaps().length, 5);
    for (const gap of gaps()) exactly(gap, 1_234);
  });

  for (const [what, pollIntervalMs, min, max] of [["by default", undefined, 3_000, 15_000], ["within own bounds", { min: 1_000, max: 4_000 }, 1_000, 4_000]]) {
    test(`the pause is a tenth of the age ${what}, ±10 %`, async (t) => {
      const { lamina, time, times, gaps } = inTime(t, {}, look("running"));
      await end(time, lamina.waitForExecution(EXECUTION_ID, { timeoutMs: 6 * MINUTE, pollIntervalMs }));
      gaps().forEach((gap, index) => {
        const pause = Math.min(max, Math.max(min, times[index] / 10));
        assertBetween(gap, pause * 0.9, pause * 1.1 + 2, `look ${index + 2}, at ${times[index]}`);
      });
      assert.ok(new Set(gaps().slice(0, 5)).size > 1, "with jitter");
    });
  }

  test("the age counts from createdAt, so that a wait that is taken up again does not begin anew", async (t) => {
    const createdAt = new Date(1_774_268_560_000 - 2 * MINUTE).toISOString();
    const { lamina, time, gaps } = inTime(t, {}, look("running", { createdAt }), reply({ data: COMPLETED }));
    await end(time, lamina.waitForExecution(EXECUTION_ID));
    assertBetween(gaps()[0], 10_800, 13_202);
  });

  test("a failed look is repeated sooner than the next one would have been, and never hammers", async (t) => {
    const { lamina, time, gaps } = inTime(t, {}, look("running"), ...Array(6).fill(FAILED), reply({ data: COMPLETED }));
    await end(time, lamina.waitForExecution(EXECUTION_ID));
    for (const gap of gaps()) assertBetween(gap, 250, 3_302);
  });

  test("a 404 is `not visible yet` for 10 s after this client's own execute", async (t) => {
    const { lamina, time } = inTime(t, {}, reply({ data: STARTED }, 202), reply({ error: "Execution not found" }, 404));
    const { value } = await end(time, lamina.execute(APP_ID, {}));
    const { error, took } = await end(time, lamina.waitForExecution(value, { pollIntervalMs: 500 }));
    assert.equal(error.code, "NOT_FOUND");
    assertBetween(took, 10_000, 10_600);
  });

  test("an app is kept for 5 minutes for execute with validate: true", async (t) => {
    const { lamina, time, times } = inTime(t, {}, reply({ data: APP }), reply({ data: STARTED }, 202), reply({ data: STARTED }, 202), reply({ data: APP }), reply({ data: STARTED }, 202));
    for (const pause of [0, 4 * MINUTE, 2 * MINUTE]) {
      await time.pass(pause);
      await end(time, lamina.execute(APP_ID, {}, { validate: true }));
    }
    assert.equal(times.length, 5);
  });
});
