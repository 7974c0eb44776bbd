// cancelExecution, and cancelOnAbort: what a wait does on the server when it is given up.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { installPackage } from "../support/install.mjs";
import { APP_ID, KEY } from "../support/payloads.mjs";
import { DONE, QUEUED_RUN, run, RUN_ID, scripted, ways } from "../support/runs.mjs";
import { data, json, reset, stall } from "../support/scripted-server.mjs";
import { rejection, sleep, until } from "../support/settle.mjs";

const pkg = await installPackage();
const { Lamina } = await pkg.import();
const { createSimulator } = await pkg.import("/simulator");
const { serve } = await pkg.import("/simulator/node");
const setUp = scripted(Lamina);

const QUICK = { pollIntervalMs: 20 };
const RUNNING = data(run("running"));
const CANCELLED = { runId: RUN_ID, status: "cancelled" };
const NEVER = { name: "Never", outputs: [{ label: "A", type: "text", durationMs: Infinity }] };

/** A run that goes on for ever, and a server that takes a cancellation. */
const endless = (t, more) =>
  setUp(t, { start: data(QUEUED_RUN, 202), look: RUNNING, wait: stall(), stream: stall(), cancel: data(CANCELLED), ...more });
/** How often the server was asked to cancel, once it could have been. */
async function cancels(server) {
  await until(() => ways(server).includes("cancel"));
  await sleep(30);
  return ways(server).filter((way) => way === "cancel").length;
}

async function simulate(t, options) {
  const sim = createSimulator({ speed: 100, rateLimit: false, apps: [{ name: "Quick" }, NEVER], ...options });
  const server = await serve(sim);
  t.after(async () => {
    await server.close();
    sim.close();
  });
  return { sim, lamina: new Lamina({ apiKey: sim.apiKey, baseUrl: server.url, apiVersion: "v1" }), ids: sim.apps.map(({ appId }) => appId) };
}

describe("cancelExecution", { concurrency: 4 }, () => {
  test("ends a run; once more, or too late, it tells the status and changes nothing", async (t) => {
    const { lamina, ids } = await simulate(t);
    const { executionId } = await lamina.execute(ids[1], {});
    const waiting = rejection(lamina.waitForExecution(executionId, QUICK), "EXECUTION_CANCELLED");
    for (let n = 0; n < 3; n++) assert.deepEqual(await lamina.cancelExecution(executionId), { runId: executionId, executionId, status: "cancelled" });
    const { execution } = await waiting;
    assert.deepEqual(execution.outputs.map(({ status }) => status), ["cancelled"]);
    assert.deepEqual(await lamina.getExecution(executionId), execution);
    assert.equal((await lamina.waitForExecution(executionId, { throwOnFailure: false })).status, "cancelled");

    const done = await lamina.run(ids[0], {}, QUICK);
    assert.equal((await lamina.cancelExecution(done)).status, "completed");
    assert.deepEqual(await lamina.getExecution(done.executionId), done);
    await rejection(lamina.cancelExecution("no-such-run"), "NOT_FOUND");
  });

  test("is repeated after a broken connection and a 500, for twice changes nothing", async (t) => {
    const refused = json({ error: "x", code: "INTERNAL_ERROR", retryable: true, requestId: "r" }, 500);
    const { server, lamina } = await setUp(t, { cancel: [reset(), refused, data(CANCELLED)] });
    assert.equal((await lamina.cancelExecution(RUN_ID)).status, "cancelled");
    assert.deepEqual(ways(server), ["cancel", "cancel", "cancel"]);
    assert.deepEqual(server.requests.map(({ body, headers }) => [body, headers["content-type"]]), Array(3).fill(["", undefined]));
  });

  // The status of a cancellation is not documented: whatever says success will do.
  for (const status of [200, 201, 202]) {
    test(`takes a ${status} for an answer`, async (t) => {
      const { lamina } = await setUp(t, { cancel: data(CANCELLED, status) });
      assert.deepEqual(await lamina.cancelExecution(RUN_ID), { ...CANCELLED, executionId: RUN_ID });
    });
  }

  test("takes a whole execution, by either name of its id, and nothing that is none", async (t) => {
    const { server, lamina } = await setUp(t, { cancel: data(CANCELLED) });
    for (const given of [RUN_ID, run("running"), { executionId: RUN_ID, runId: "other" }]) await lamina.cancelExecution(given);
    assert.equal(server.requests.length, 3);
    for (const given of ["", ".", "..", undefined, null, 5, {}, { runId: "" }, { executionId: 7 }]) await rejection(lamina.cancelExecution(given), "INVALID_ARGUMENT");
    assert.equal(server.requests.length, 3);
  });
});

describe("cancelled is terminal", { concurrency: 4 }, () => {
  test("with what was made so far, and the execution's own message where there is one", async (t) => {
    for (const [errorMessage, message] of [["Cancelled by Ann", "Cancelled by Ann"], [null, "The execution was cancelled."]]) {
      const { server, lamina } = await setUp(t, { look: data(run("cancelled", { errorMessage })) });
      const error = await rejection(lamina.waitForExecution(RUN_ID), "EXECUTION_CANCELLED");
      assert.deepEqual([error.message, error.execution.status, error.retryable], [message, "cancelled", false]);
      assert.equal(server.requests.length, 1);
    }
  });

  for (const status of ["cancel_requested", "canceled", "CANCELLED", "paused"]) {
    test(`${status} is not, for no source says that it ends`, async (t) => {
      const { server, lamina } = await setUp(t, { look: [data(run(status)), data(DONE)] });
      assert.equal((await lamina.waitForExecution(RUN_ID, QUICK)).status, "completed");
      assert.equal(server.requests.length, 2);
    });
  }

  test("runAll goes on after one, watchExecution gives it last", async (t) => {
    const { lamina } = await setUp(t, { start: data(QUEUED_RUN, 202), look: [data(run("cancelled")), data(DONE)] });
    const seen = [];
    const requests = [1, 2].map(() => ({ appId: APP_ID, inputs: {} }));
    for await (const { error, execution } of lamina.runAll(requests, { ...QUICK, concurrency: 1 })) seen.push(error?.code ?? execution.status);
    assert.deepEqual(seen, ["EXECUTION_CANCELLED", "completed"]);

    const other = await setUp(t, { look: [RUNNING, data(run("cancelled"))] });
    const statuses = [];
    const watching = (async () => {
      for await (const { status } of other.lamina.watchExecution(RUN_ID, QUICK)) statuses.push(status);
    })();
    await rejection(watching, "EXECUTION_CANCELLED");
    assert.deepEqual(statuses, ["running", "cancelled"]);
  });
});

describe("cancelOnAbort", { concurrency: 6 }, () => {
  for (const transport of ["poll", "long-poll", "stream", "auto"]) {
    test(`${transport}: an abort rejects at once with its reason, and the run is cancelled`, async (t) => {
      const { server, lamina } = await endless(t);
      const controller = new AbortController();
      const waiting = lamina.waitForExecution(RUN_ID, { ...QUICK, transport, cancelOnAbort: true, signal: controller.signal });
      await until(() => server.requests.length > 0);
      assert.equal(ways(server).includes("cancel"), false);
      controller.abort("enough");
      assert.equal(await rejection(waiting), "enough");
      assert.equal(await cancels(server), 1);
      assert.equal(server.requests.at(-1).headers["x-api-key"], KEY);
    });

    test(`${transport}: a time-out is WAIT_TIMEOUT, and the run is cancelled`, async (t) => {
      const { server, lamina } = await endless(t);
      await rejection(lamina.waitForExecution(RUN_ID, { ...QUICK, transport, cancelOnAbort: true, timeoutMs: 150 }), "WAIT_TIMEOUT");
      assert.equal(await cancels(server), 1);
    });
  }

  test("an onUpdate that throws, or rejects, gives the wait up, and the run is cancelled", async (t) => {
    const enough = new Error("enough");
    for (const onUpdate of [() => { throw enough; }, async () => { throw enough; }]) {
      const { server, lamina } = await endless(t);
      assert.equal(await rejection(lamina.run(APP_ID, {}, { ...QUICK, cancelOnAbort: true, onUpdate })), enough);
      assert.equal(await cancels(server), 1);
    }
  });

  test("a loop over watchExecution that is left early cancels as well", async (t) => {
    const { server, lamina } = await endless(t);
    for await (const { status } of lamina.watchExecution(RUN_ID, { ...QUICK, cancelOnAbort: true })) {
      assert.equal(status, "running");
      break;
    }
    assert.equal(await cancels(server), 1);
  });

  test("a loop over runAll that is left early cancels what is running", async (t) => {
    const { sim, lamina, ids } = await simulate(t);
    const requests = [ids[0], ids[1], ids[1]].map((appId) => ({ appId, inputs: {} }));
    for await (const { execution } of lamina.runAll(requests, { ...QUICK, cancelOnAbort: true })) {
      assert.equal(execution.status, "completed");
      break;
    }
    const statuses = () => [...sim.executions.values()].map(({ status }) => status).sort();
    await until(() => !statuses().includes("running"));
    assert.deepEqual(statuses(), ["cancelled", "cancelled", "completed"]);
  });

  test("nothing is cancelled where the run is over, or the look is refused", async (t) => {
    const refused = json({ error: "x", code: "FORBIDDEN", retryable: false, requestId: "r" }, 403);
    for (const [look, code] of [[data(DONE)], [data(run("failed")), "EXECUTION_FAILED"], [data(run("cancelled")), "EXECUTION_CANCELLED"], [refused, "FORBIDDEN"]]) {
      const { server, lamina } = await endless(t, { look });
      const controller = new AbortController();
      const waiting = lamina.waitForExecution(RUN_ID, { ...QUICK, cancelOnAbort: true, signal: controller.signal });
      if (code) await rejection(waiting, code);
      else await waiting;
      controller.abort();
      await sleep(50);
      assert.deepEqual(ways(server), ["look"], code);
    }
  });

  test("without it, an abort and a time-out leave the run alone", async (t) => {
    const { server, lamina } = await endless(t);
    await rejection(lamina.waitForExecution(RUN_ID, { ...QUICK, timeoutMs: 60 }), "WAIT_TIMEOUT");
    const signal = AbortSignal.timeout(60);
    assert.equal(await rejection(lamina.waitForExecution(RUN_ID, { ...QUICK, signal, cancelOnAbort: false })), signal.reason);
    await sleep(50);
    assert.equal(ways(server).includes("cancel"), false);
  });

  test("a signal that is aborted before the call sends nothing: nobody knows whether there is a run", async (t) => {
    const { server, lamina } = await endless(t);
    assert.equal(await rejection(lamina.waitForExecution(RUN_ID, { cancelOnAbort: true, signal: AbortSignal.abort("before") })), "before");
    await sleep(30);
    assert.equal(server.requests.length, 0);
  });

  test("a cancellation that fails is nobody's unhandled rejection, and is tried again", async (t) => {
    const { server, lamina } = await endless(t, { cancel: [reset(), json({}, 503), json({ error: "x" }, 404)] });
    const unhandled = [];
    const listener = (error) => unhandled.push(error);
    process.on("unhandledRejection", listener);
    t.after(() => process.off("unhandledRejection", listener));
    await rejection(lamina.waitForExecution(RUN_ID, { ...QUICK, cancelOnAbort: true, timeoutMs: 50 }), "WAIT_TIMEOUT");
    await until(() => ways(server).filter((way) => way === "cancel").length === 3);
    await sleep(50);
    assert.equal(ways(server).filter((way) => way === "cancel").length, 3);
    assert.deepEqual(unhandled, []);
  });

  test("the simulator's run is really over, and its result, were there one, is the server's last word", async (t) => {
    const { sim, lamina, ids } = await simulate(t);
    const error = await rejection(lamina.run(ids[1], {}, { ...QUICK, cancelOnAbort: true, timeoutMs: 100 }), "WAIT_TIMEOUT");
    const { executionId } = error.execution;
    await until(() => sim.executions.get(executionId).status === "cancelled");
    assert.equal((await lamina.getExecution(executionId)).status, "cancelled");
  });
});
