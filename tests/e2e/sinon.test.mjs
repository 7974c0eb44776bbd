// The clock of sinon: every timer, Date and performance are its own.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import FakeTimers from "@sinonjs/fake-timers";
import { installPackage } from "../support/install.mjs";
import { APP_ID, COMPLETED, EXECUTION_ID, KEY, STARTED } from "../support/payloads.mjs";
import { rejection } from "../support/settle.mjs";

const { Lamina } = await (await installPackage()).import();
await new Lamina({ apiKey: KEY, fetch: async () => ({ status: 404 }) }).listApps().catch(() => {}); // compiles the module

const HOUR = 3_600_000;
const RUNNING = { executionId: EXECUTION_ID, status: "running", outputs: [] };
const reply = (data, status = 200, headers = {}) => ({ status, headers: new Headers(headers), text: async () => JSON.stringify({ data }) });
const never = () => new Promise(() => {});

/** Every fake of sinon's but those that this test runner stands on itself; and those alone that a user may want. */
const KINDS = { "all of them": { toNotFake: ["nextTick", "queueMicrotask"] }, "of setTimeout, clearTimeout and Date": { toFake: ["setTimeout", "clearTimeout", "Date"] } };

/** A client whose looks see `running` until `over`. */
function waiting(t, config) {
  const clock = FakeTimers.install({ now: 1_774_268_560_000, ...config });
  t.after(() => clock.uninstall());
  const state = { looks: 0, over: false };
  const lamina = new Lamina({ apiKey: KEY, fetch: async () => (state.looks++, reply(state.over ? COMPLETED : RUNNING)) });
  return { clock, state, lamina };
}

for (const [which, config] of Object.entries(KINDS)) {
  describe(`with sinon's fakes, ${which}`, () => {
    test("a wait looks when the clock is turned, and ends", async (t) => {
      const { clock, state, lamina } = waiting(t, config);
      const wait = lamina.waitForExecution(EXECUTION_ID, { pollIntervalMs: 5_000 });
      await clock.tickAsync(0);
      for (let n = 1; n <= 5; n++) {
        assert.equal(state.looks, n);
        await clock.tickAsync(5_000);
      }
      state.over = true;
      await clock.tickAsync(5_000);
      assert.deepEqual(await wait, COMPLETED);
      assert.deepEqual([...(clock.timers?.values() ?? [])].map(({ type, delay, func }) => `${type} ${delay} ${func}`), [], "no timer stays");
    });

    test("time-outs, retries and Retry-After go by it", async (t) => {
      const { clock } = waiting(t, config);
      const stalled = rejection(new Lamina({ apiKey: KEY, fetch: never }).listApps({ timeoutMs: 20_000 }), "TIMEOUT");
      await clock.tickAsync(20_000);
      await stalled;
      const at = [];
      const answers = [reply({}, 500), reply({}, 429, { "retry-after": "30" }), reply([])];
      const began = Date.now();
      const call = new Lamina({ apiKey: KEY, fetch: async () => (at.push(Date.now() - began), answers.shift()) }).listApps();
      await clock.tickAsync(60_000);
      assert.deepEqual(await call, []);
      assert.ok(at[1] >= 250 && at[1] <= 500, `${at}`);
      assert.equal(at[2] - at[1] >= 30_000 && at[2] - at[1] <= 30_010, true, `${at}`);
    });

    test("the wall clock may jump an hour either way: looks go on at their pace, and the wait ends at its time", async (t) => {
      const { clock, state, lamina } = waiting(t, config);
      let error;
      lamina.waitForExecution(EXECUTION_ID, { pollIntervalMs: 5_000, timeoutMs: 10 * 60_000 }).catch((reason) => (error = reason));
      await clock.tickAsync(60_000);
      for (const jump of [HOUR, -2 * HOUR, HOUR]) {
        const before = state.looks;
        clock.setSystemTime(Date.now() + jump);
        await clock.tickAsync(60_000);
        assert.ok(state.looks - before >= 11 && state.looks - before <= 13, `${state.looks - before} looks in a minute`);
      }
      assert.equal(error, undefined);
      await clock.tickAsync(6 * 60_000 + 1_000);
      assert.equal(error?.code, "WAIT_TIMEOUT");
    });

    test("a laptop that sleeps through a wait looks once when it wakes, and goes on", async (t) => {
      const { clock, state, lamina } = waiting(t, config);
      const wait = lamina.waitForExecution(EXECUTION_ID, { pollIntervalMs: 5_000, timeoutMs: 12 * HOUR });
      await clock.tickAsync(60_000);
      const before = state.looks;
      clock.jump(8 * HOUR);
      await clock.tickAsync(100);
      assert.ok(state.looks - before >= 1 && state.looks - before <= 2, `${state.looks - before} looks on waking`);
      state.over = true;
      await clock.tickAsync(5_000);
      assert.deepEqual(await wait, COMPLETED);
    });

    test("fakes that come and go leave no trace: what is called afterwards keeps real time", async (t) => {
      const { clock, lamina } = waiting(t, config);
      lamina.waitForExecution(EXECUTION_ID, { pollIntervalMs: 5_000 }).catch(() => {});
      await clock.tickAsync(10_000);
      clock.uninstall();
      const began = performance.now();
      await rejection(new Lamina({ apiKey: KEY, fetch: never }).listApps({ timeoutMs: 150 }), "TIMEOUT");
      assert.ok(performance.now() - began < 2_000);
      assert.equal((await new Lamina({ apiKey: KEY, fetch: async () => reply(STARTED) }).execute(APP_ID, {})).status, "queued");
    });
  });
}
