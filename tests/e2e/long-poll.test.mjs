// Held replies: `/wait`, for how long, how often, and what comes when they break.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { installPackage } from "../support/install.mjs";
import { KEY } from "../support/payloads.mjs";
import { both, DONE, run, RUN_ID, scripted, ways } from "../support/runs.mjs";
import { after, data, json, reset, stall, text } from "../support/scripted-server.mjs";
import { assertBetween, outcome, until } from "../support/settle.mjs";

const { Lamina } = await (await installPackage()).import();
const setUp = scripted(Lamina);

// Compiles the module, and has Node load what its fetch needs: else the first pauses are longer.
await new Lamina({ apiKey: KEY, baseUrl: "http://127.0.0.1:1", maxRetries: 0 }).listApps().catch(() => {});

const QUICK = { pollIntervalMs: 20 };
const RUNNING = data(run("running"));
const COMPLETED = data(DONE);
const FINISHED = both(DONE);
/** How the documentation's `/wait` answers when its time runs out. */
const expired = (ms) => after(ms, json({ data: run("running"), timeout: true }));

describe("long-poll", { concurrency: 5 }, () => {
  const asked = ({ requests }) => requests.map(({ url }) => new URL(url, "http://x").searchParams.get("timeout"));

  test("is asked to hold the reply for as long as an attempt and the wait have time, and 1 to 120 seconds", async (t) => {
    const table = [
      [{}, {}, [20, 29]],
      [{ attemptTimeoutMs: 10_000 }, {}, [5, 9]],
      [{ attemptTimeoutMs: 600_000 }, {}, [120, 120]],
      [{}, { attemptTimeoutMs: 5_000 }, [1, 4]],
      [{}, { timeoutMs: 10_000 }, [5, 9]],
      [{ timeoutMs: 1_000 }, {}, [20, 29]],
    ];
    for (const [options, wait, [least, most]] of table) {
      const { server, lamina } = await setUp(t, { wait: COMPLETED }, options);
      await lamina.waitForExecution(RUN_ID, { transport: "long-poll", ...wait });
      const [seconds] = asked(server);
      assert.match(seconds, /^\d+$/);
      assert.ok(seconds >= least && seconds <= most, `${JSON.stringify([options, wait])}: ${seconds}`);
      assert.deepEqual(ways(server), ["wait"]);
    }
  });

  test("a hold that expires is followed by the next at once", async (t) => {
    const { server, lamina } = await setUp(t, { wait: [expired(1_000), expired(1_000), COMPLETED] });
    const heard = [];
    const wait = { transport: "long-poll", attemptTimeoutMs: 3_500, pollIntervalMs: 60_000, onUpdate: ({ status }) => heard.push(status) };
    assert.deepEqual(await lamina.waitForExecution(RUN_ID, wait), FINISHED);
    assert.deepEqual(asked(server), ["1", "1", "1"]);
    for (const gap of server.gaps) assertBetween(gap, 990, 2_000);
    assert.deepEqual(heard, ["running", "completed"]);
  });

  test("one that is over before its time ends the wait at once", async (t) => {
    const { lamina } = await setUp(t, { wait: after(200, COMPLETED) });
    const { value, ms } = await outcome(() => lamina.waitForExecution(RUN_ID, { transport: "long-poll" }));
    assert.deepEqual(value, FINISHED);
    assertBetween(ms, 190, 2_000);
  });

  for (const [what, answer] of [["without holding", RUNNING], ["`timeout: true` without holding", expired(0)]]) {
    test(`a server that answers ${what} is asked no oftener than a plain read would be`, async (t) => {
      const { server, lamina } = await setUp(t, { wait: answer });
      const { error } = await outcome(() => lamina.waitForExecution(RUN_ID, { transport: "long-poll", pollIntervalMs: 200, timeoutMs: 4_000 }));
      assert.equal(error.code, "WAIT_TIMEOUT");
      assert.ok(server.requests.length >= 10 && server.requests.length <= 22, `${server.requests.length}`);
    });
  }

  // The documentation has `timeout` as true, as false and left out; what a number out of range comes to, it does not say.
  for (const timeout of [true, false, null, "true", undefined]) {
    test(`the status decides, whatever \`timeout\` says: ${timeout}`, async (t) => {
      const { server, lamina } = await setUp(t, { wait: [json({ data: run("running"), timeout }), json({ data: DONE, timeout })] });
      assert.deepEqual(await lamina.waitForExecution(RUN_ID, { ...QUICK, transport: "long-poll" }), FINISHED);
      assert.deepEqual(ways(server), ["wait", "wait"]);
    });
  }

  test("a server that takes no such timeout is read plainly", async (t) => {
    const refused = json({ error: "timeout must be 1 to 60", code: "VALIDATION_ERROR", retryable: false, requestId: "r" }, 400);
    const { server, lamina } = await setUp(t, { wait: refused, look: [data(run("running")), data(DONE)] });
    assert.deepEqual(await lamina.waitForExecution(RUN_ID, { ...QUICK, transport: "long-poll" }), FINISHED);
    assert.deepEqual(ways(server), ["wait", "look", "wait", "look"]);
  });

  test("it settles at the wait's timeoutMs, though the server holds on", async (t) => {
    const { server, lamina } = await setUp(t, { wait: [expired(0), stall()], look: stall() });
    const { error, ms } = await outcome(() => lamina.waitForExecution(RUN_ID, { ...QUICK, transport: "long-poll", timeoutMs: 3_200 }));
    assert.equal(error.code, "WAIT_TIMEOUT");
    assert.equal(error.execution.status, "running");
    assertBetween(ms, 3_200, 4_500);
    await until(() => server.requests.at(-1).dropped);
    assert.ok(server.requests.at(-1).dropped, "the connection is closed");
  });

  test("an abort closes the held connection at once", async (t) => {
    const { server, lamina } = await setUp(t, { wait: stall() });
    const controller = new AbortController();
    const waiting = lamina.waitForExecution(RUN_ID, { transport: "long-poll", signal: controller.signal });
    await until(() => server.requests.length === 1);
    controller.abort("enough");
    const { error, ms } = await outcome(() => waiting);
    assert.equal(error, "enough");
    assertBetween(ms, 0, 1_000);
    await until(() => server.requests[0].dropped);
    assert.ok(server.requests[0].dropped);
  });

  test("a held reply that breaks is followed by a plain read, and then by the next hold", async (t) => {
    const { server, lamina } = await setUp(t, { wait: [reset(), text("<html>", 504), COMPLETED], look: RUNNING });
    assert.deepEqual(await lamina.waitForExecution(RUN_ID, { ...QUICK, transport: "long-poll" }), FINISHED);
    assert.deepEqual(ways(server), ["wait", "look", "wait", "look", "look", "look", "wait"]);
  });

  test("many waits at once are held at once", async (t) => {
    const { server, lamina } = await setUp(t, { wait: after(300, COMPLETED) }, { requestsPerMinute: Infinity });
    const waits = Array.from({ length: 20 }, () => lamina.waitForExecution(RUN_ID, { transport: "long-poll" }));
    const { value, ms } = await outcome(() => Promise.all(waits));
    assert.equal(value.length, 20);
    assert.equal(server.requests.length, 20);
    assertBetween(ms, 0, 2_500);
  });
});
