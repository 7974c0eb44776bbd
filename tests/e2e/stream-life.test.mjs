// The connection of a stream: what closes it, what comes after, and how fast it is read.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { installPackage } from "../support/install.mjs";
import { KEY } from "../support/payloads.mjs";
import { both, cut, DONE, end, event, run, RUN_ID, scripted, stream, ways } from "../support/runs.mjs";
import { data, json, stall } from "../support/scripted-server.mjs";
import { rejection, sleep, until, within } from "../support/settle.mjs";

const { Lamina } = await (await installPackage()).import();
const setUp = scripted(Lamina);
await new Lamina({ apiKey: KEY, fetch: async () => new Response('{"data":[]}') }).listApps(); // compiles the module

const WAIT = { transport: "stream", pollIntervalMs: 20 };
const RUNNING = run("running");
const PROGRESS = event("progress", RUNNING);
const COMPLETE = event("complete", DONE);
const FINISHED = both(DONE);

describe("on a connection", { concurrency: 6 }, () => {
  for (const [what, more, ends] of [
    ["an abort", {}, (controller) => controller.abort("enough")],
    ["an onUpdate that throws", { onUpdate: () => { throw "enough"; } }],
    ["an onUpdate that rejects", { onUpdate: async () => { throw "enough"; } }],
  ]) {
    test(`${what} closes it at once`, async (t) => {
      const { server, lamina } = await setUp(t, { stream: stream(PROGRESS) });
      const controller = new AbortController();
      const waiting = lamina.waitForExecution(RUN_ID, { ...WAIT, signal: controller.signal, ...more });
      const rejected = rejection(waiting);
      await until(() => server.requests.length === 1);
      if (ends) await sleep(50);
      assert.equal(server.requests[0].dropped, false);
      ends?.(controller);
      assert.equal(await rejected, "enough");
      await until(() => server.requests[0].dropped);
      assert.ok(server.requests[0].dropped);
      assert.equal(server.requests.length, 1);
    });
  }

  test("a server that keeps it open after the last event does not: it is closed here", async (t) => {
    for (const last of [COMPLETE, event("error", run("failed"))]) {
      const { server, lamina } = await setUp(t, { stream: stream(PROGRESS, last) });
      await lamina.waitForExecution(RUN_ID, { ...WAIT, throwOnFailure: false });
      await until(() => server.requests[0].dropped);
      assert.ok(server.requests[0].dropped);
    }
  });

  test("a loop that is left early closes it", async (t) => {
    const { server, lamina } = await setUp(t, { stream: stream(PROGRESS) });
    for await (const { status } of lamina.watchExecution(RUN_ID, WAIT)) {
      assert.equal(status, "running");
      break;
    }
    await until(() => server.requests[0].dropped);
    assert.ok(server.requests[0].dropped);
  });

  test("an execution that arrives by another way closes it", async (t) => {
    const { server, lamina } = await setUp(t, { stream: stream(PROGRESS) });
    const arrival = new Promise((resolve) => setTimeout(resolve, 50, DONE));
    assert.equal((await lamina.waitForExecution(RUN_ID, { ...WAIT, arrival })).status, "completed");
    await until(() => server.requests[0].dropped);
    assert.ok(server.requests[0].dropped);
  });

  test("one that is not answered in the attempt's time is given up for a look", async (t) => {
    const { server, lamina } = await setUp(t, { stream: [stall(), stream(COMPLETE)], look: data(RUNNING) });
    assert.deepEqual(await lamina.waitForExecution(RUN_ID, { ...WAIT, attemptTimeoutMs: 100 }), FINISHED);
    assert.deepEqual(ways(server), ["stream", "look", "stream"]);
    assert.ok(server.requests[0].dropped);
  });

  test("attemptTimeoutMs is for its head: what streams lives longer", async (t) => {
    const { server, lamina } = await setUp(t, { stream: stream(PROGRESS, 400, COMPLETE) });
    assert.deepEqual(await lamina.waitForExecution(RUN_ID, { ...WAIT, attemptTimeoutMs: 150 }), FINISHED);
    assert.deepEqual(ways(server), ["stream"]);
  });

  test("what breaks it (a cut, an early end, a 500) is followed by looks, and by the next stream", async (t) => {
    const { server, lamina } = await setUp(t, {
      stream: [stream(PROGRESS, cut), stream(PROGRESS, end), json({ error: "x" }, 500), stream(PROGRESS, COMPLETE)],
      look: data(RUNNING),
    });
    const statuses = [];
    const wait = { ...WAIT, onUpdate: ({ status }) => statuses.push(status) };
    assert.deepEqual(await lamina.waitForExecution(RUN_ID, wait), FINISHED);
    // A 500 is the second break without an event between.
    assert.deepEqual(ways(server), ["stream", "look", "stream", "look", "stream", "look", "look", "look", "stream"]);
    assert.deepEqual(statuses, ["running", "completed"]);
  });

  test("a stream takes one place in the budget, and none while it lives", async (t) => {
    const { server, lamina } = await setUp(t, { stream: stream(PROGRESS), look: data(RUNNING) }, { requestsPerMinute: 3 });
    const controller = new AbortController();
    const waits = [1, 2].map(() => lamina.waitForExecution(RUN_ID, { ...WAIT, signal: controller.signal }).catch((reason) => reason));
    await until(() => server.requests.length === 2);
    await sleep(100);
    assert.equal((await within(2_000, lamina.getExecution(RUN_ID))).status, "running");
    controller.abort("enough");
    assert.deepEqual(await Promise.all(waits), ["enough", "enough"]);
    assert.deepEqual(ways(server), ["stream", "stream", "look"]);
  });
});

describe("back-pressure", () => {
  /** A client of a stream of 50 states that is as fast as it is read; how many were read. */
  function fast() {
    const state = { pulled: 0 };
    const pull = (controller) => {
      state.pulled++;
      const execution = state.pulled === 50 ? DONE : run("running", { progress: { completedOutputs: state.pulled } });
      controller.enqueue(new TextEncoder().encode(event("progress", execution)));
    };
    const body = new ReadableStream({ pull }, { highWaterMark: 0 });
    const fetch = async () => new Response(body, { headers: { "content-type": "text/event-stream" } });
    return { state, lamina: new Lamina({ apiKey: KEY, apiVersion: "v1", fetch }) };
  }

  test("the next piece is asked for only when the one before was dealt with", async () => {
    const { state, lamina } = fast();
    const ahead = [];
    await lamina.waitForExecution(RUN_ID, { ...WAIT, onUpdate: () => ahead.push(state.pulled - ahead.length) });
    assert.deepEqual([state.pulled, ahead.length], [50, 50]);
    assert.equal(Math.max(...ahead), 1);
  });

  test("a loop that is slower than the stream holds it back, and misses nothing", async () => {
    const { state, lamina } = fast();
    const seen = [];
    for await (const { progress } of lamina.watchExecution(RUN_ID, WAIT)) {
      seen.push(progress?.completedOutputs);
      if (seen.length % 10 === 1) await sleep(30);
      assert.ok(state.pulled - seen.length <= 2, `${state.pulled} read, ${seen.length} taken`);
    }
    assert.deepEqual(seen, [...Array.from({ length: 49 }, (_, n) => n + 1), undefined]);
  });

  test("several that are asked for at once are given at once, and a reader who never comes back holds up nothing else", async () => {
    const { state, lamina } = fast();
    const iterator = lamina.watchExecution(RUN_ID, WAIT);
    const firsts = await Promise.all([iterator.next(), iterator.next(), iterator.next()]);
    assert.deepEqual(firsts.map(({ value }) => value.progress.completedOutputs), [1, 2, 3]);
    await sleep(30);
    assert.ok(state.pulled <= 5, `${state.pulled}`);
    assert.equal((await fast().lamina.waitForExecution(RUN_ID, WAIT)).status, "completed");
    await iterator.return();
  });
});
