// Clocks and timers that are not what they seem: fakes of test runners, a laptop that slept.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { installPackage } from "../support/install.mjs";
import { COMPLETED, EXECUTION_ID, KEY } from "../support/payloads.mjs";
import { assertBetween, outcome, rejection, within } from "../support/settle.mjs";
import { virtualTime } from "../support/virtual-time.mjs";

const { Lamina } = await (await installPackage()).import();
await new Lamina({ apiKey: KEY, fetch: async () => ({ status: 404 }) }).listApps().catch(() => {}); // compiles the module

const never = () => new Promise(() => {});
const turn = () => new Promise((resolve) => setImmediate(resolve));
const seen = (execution) => ({ status: 200, text: async () => JSON.stringify({ data: execution }) });
const RUNNING = { executionId: EXECUTION_ID, status: "running", outputs: [] };

/** A client whose looks see `running` until `done()` is called. */
function waiting() {
  const state = { looks: 0, over: false };
  const lamina = new Lamina({ apiKey: KEY, fetch: async () => (state.looks++, seen(state.over ? COMPLETED : RUNNING)) });
  return { lamina, state };
}

describe("timers", () => {
  test("the mock timers of node:test drive a wait, though they fake no performance.now", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
    const { lamina, state } = waiting();
    const wait = lamina.waitForExecution(EXECUTION_ID, { pollIntervalMs: 5_000 });
    await turn();
    for (let n = 1; n <= 5; n++) {
      t.mock.timers.tick(5_000);
      await turn();
      assert.equal(state.looks, n + 1);
    }
    state.over = true;
    t.mock.timers.tick(5_000);
    assert.deepEqual(await wait, COMPLETED);
  });

  test("mock timers drive time-outs", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
    const lamina = new Lamina({ apiKey: KEY, fetch: never });
    const call = rejection(lamina.listApps({ timeoutMs: 20_000 }), "TIMEOUT");
    await turn();
    t.mock.timers.tick(20_000);
    await within(500, call);
  });

  test("fakes that come and go while nothing waits leave no trace", async (t) => {
    for (let n = 0; n < 3; n++) {
      t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
      const call = rejection(new Lamina({ apiKey: KEY, fetch: never }).listApps({ timeoutMs: 20_000 }), "TIMEOUT");
      await turn();
      t.mock.timers.tick(20_000);
      await call;
      t.mock.timers.reset();
      const { error, ms } = await within(1_000, outcome(() => new Lamina({ apiKey: KEY, fetch: never }).listApps({ timeoutMs: 150 })));
      assert.equal(error.code, "TIMEOUT");
      assertBetween(ms, 150, 300);
    }
  });

  test("a wait that was left behind in fake timers does not stop the timers of later calls", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
    const { lamina: forgotten } = waiting();
    forgotten.waitForExecution(EXECUTION_ID, { pollIntervalMs: 50, timeoutMs: 60_000 }).catch(() => {});
    await turn();
    t.mock.timers.reset(); // its timer is gone, as with `vi.useRealTimers()`
    const { error, ms } = await within(2_000, outcome(() => new Lamina({ apiKey: KEY, fetch: never }).listApps({ timeoutMs: 300 })), "a later call");
    assert.equal(error.code, "TIMEOUT");
    assertBetween(ms, 300, 500);
  });

  test("a laptop that sleeps through a wait looks again when it wakes", async (t) => {
    const time = virtualTime(t);
    const { lamina, state } = waiting();
    const wait = lamina.waitForExecution(EXECUTION_ID, { timeoutMs: 4 * 3_600_000 });
    await time.pass(60_000);
    const looks = state.looks;
    time.sleep(3_600_000);
    await time.pass(1_000);
    assertBetween(state.looks - looks, 1, 2, "looks on waking");
    state.over = true;
    assert.deepEqual(await time.pass(60_000, wait), COMPLETED);
  });

  test("a laptop that sleeps beyond a wait's time ends it", async (t) => {
    const time = virtualTime(t);
    const { lamina } = waiting();
    const wait = rejection(lamina.waitForExecution(EXECUTION_ID, { timeoutMs: 600_000 }), "WAIT_TIMEOUT");
    await time.pass(60_000);
    time.sleep(3_600_000);
    const error = await time.pass(1_000, wait);
    assert.equal(error.execution.status, "running");
  });

  test("a timer may be longer than a host can count", async (t) => {
    const time = virtualTime(t);
    const { lamina } = waiting();
    const wait = rejection(lamina.waitForExecution(EXECUTION_ID, { timeoutMs: 40 * 86_400_000, pollIntervalMs: 30 * 86_400_000 }), "WAIT_TIMEOUT");
    await time.pass(39 * 86_400_000);
    await time.pass(2 * 86_400_000, wait);
  });
});
