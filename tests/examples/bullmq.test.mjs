// examples/bullmq on a real Redis: workers are killed in the middle of what they do, others go on, and the simulator's ledger
// says what was really started.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { installPackage } from "../support/install.mjs";
import { sleep } from "../support/settle.mjs";
import { copyExample } from "./project.mjs";
import { startRedis } from "./redis.mjs";

const installed = await installPackage();
const { createSimulator } = await installed.import("/simulator");
const { serve } = await installed.import("/simulator/node");

/** The job of a dead worker is another's after this time, or twice as much. */
const STALLED_AFTER_MS = 1_000;

/** Apps whose executions show in their output which order they were started for. */
const writer = (appId, ms) => ({
  appId,
  name: appId,
  queueMs: 100,
  parameters: [{ name: "Product", type: "text", required: true }],
  outputs: [{ label: "Text", type: "text", durationMs: ms }],
});
const FAILS = { ...writer("fails", 300), parameters: [], errorMessage: "Image generation timed out" };
const APPS = [writer("quick", 700), writer("slow", 2_000), FAILS];

let example;
let redisServer;
let shared; // the example's queue.js
let recordKey;
before(async () => {
  redisServer = await startRedis();
  example = await copyExample("bullmq");
  const load = (file) => import(pathToFileURL(join(example.folder, file)).href);
  process.env.REDIS_URL = redisServer.url;
  shared = await load("queue.js");
  ({ recordKey } = await load("start-once.js"));
});
after(async () => {
  await redisServer?.stop();
  example?.remove();
});

let simulator;
let standsStillAt; // the simulator's clock, or undefined: it is this machine's
let server;
let redis;
let queue;
const programs = new Set();
beforeEach(async () => {
  standsStillAt = undefined;
  simulator = createSimulator({ apps: APPS, now: () => standsStillAt ?? Date.now() });
  server = await serve(simulator);
  redis = shared.connect();
  queue = shared.openQueue(redis);
});
afterEach(async () => {
  for (const program of programs) await end(program, "SIGKILL");
  await queue.close();
  await redis.flushall();
  redis.disconnect();
  await server.close();
  simulator.close();
});

function run(file, ...args) {
  const { LAMINA_API_KEY, LAMINA_BASE_URL, NODE_OPTIONS, NODE_TEST_CONTEXT, ...inherited } = process.env;
  const program = spawn(process.execPath, [join(example.folder, file), ...args], {
    env: {
      ...inherited,
      LAMINA_API_KEY: simulator.apiKey,
      LAMINA_BASE_URL: server.url,
      LAMINA_REQUESTS_PER_MINUTE: "100000",
      STALLED_AFTER_MS: String(STALLED_AFTER_MS),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  program.output = "";
  for (const stream of [program.stdout, program.stderr]) stream.setEncoding("utf8").on("data", (text) => (program.output += text));
  programs.add(program);
  program.ended = once(program, "close").then(([status]) => (programs.delete(program), status));
  return program;
}
const worker = () => run("worker.js");
async function end(program, signal) {
  program.kill(signal);
  return program.ended;
}
async function operator(...args) {
  const program = run("operator.js", ...args);
  assert.equal(await program.ended, 0, program.output);
  return program.output;
}

const send = (orderId, more = {}) =>
  shared.enqueue(queue, { orderId, appId: "quick", inputs: { Product: orderId }, wait: { pollIntervalMs: 200 }, ...more });
const jobOf = (orderId) => queue.getJob(shared.jobId(orderId));
const record = async (orderId) => JSON.parse(await redis.get(recordKey(orderId)));
const startsOf = (orderId) => simulator.ledger.starts.filter(({ inputs }) => inputs.Product === orderId);

/** Polls until `condition` holds; what the workers said is what a failure is explained by. */
async function eventually(what, condition, ms = 30_000) {
  for (const deadline = Date.now() + ms; !(await condition()); await sleep(20)) {
    if (Date.now() > deadline) assert.fail(`not within ${ms} ms: ${what}\n${[...programs].map(({ output }) => output).join("\n")}`);
  }
}
const isIn = (orderId, state) => async () => (await (await jobOf(orderId)).getState()) === state;

/** The order is done, it was started once, and its result is that start's. */
async function assertDoneOnce(orderId) {
  await eventually(`${orderId} is completed`, isIn(orderId, "completed"));
  const { returnvalue } = await jobOf(orderId);
  assert.deepEqual(startsOf(orderId).map(({ executionId }) => executionId), [returnvalue.executionId]);
  assert.equal(returnvalue.status, "completed");
  assert.match(returnvalue.outputs[0].value, new RegExp(orderId));
}
/** The order waits for a person, and no worker has started it beyond what `starts` says. */
async function assertUndecided(orderId, starts) {
  await eventually(`${orderId} is failed`, isIn(orderId, "failed"));
  assert.match((await jobOf(orderId)).failedReason, /^START_UNKNOWN/);
  assert.match(await operator(), new RegExp(`^${orderId}\t.*START_UNKNOWN`, "m"));
  assert.equal(startsOf(orderId).length, starts);
}

describe("the BullMQ example", () => {
  test("workers are killed in the middle of many waits, and another finishes them: nothing lost, nothing started twice", async () => {
    const orders = Array.from({ length: 60 }, (_, index) => `order ${index + 1}!`);
    standsStillAt = Date.now(); // no execution is done before the last worker goes on
    const slowLooks = simulator.fault({ kind: "latency", ms: 1_000, operation: "getExecution" }); // so that many are in flight
    simulator.fault({ kind: "status", status: 500, operation: "getExecution", probability: 0.1 });
    let going = worker();
    for (const orderId of orders) await send(orderId, { appId: "slow" });
    await eventually("all are started and recorded", async () => (await Promise.all(orders.map(record))).every((found) => found?.execution));

    await eventually("some wait for their next look", async () => (await queue.getDelayedCount()) > 0);
    // The counts are read first: those of a list that was read before can be of jobs that went back into the queue meanwhile.
    const inFlight = async (deaths) => {
      const died = (await Promise.all(orders.map(jobOf))).filter(({ stalledCounter }) => stalledCounter >= deaths);
      const active = new Set((await queue.getActive()).map(({ id }) => id));
      return died.filter(({ id }) => active.has(id)).length;
    };
    for (const [deaths, atLeast] of [[0, 12], [1, 4], [2, 1]]) {
      // Later workers are killed while they look for jobs that the one before died with. (Some looks end before the signal comes.)
      await eventually(`${atLeast} jobs are active for which ${deaths} workers have died`, async () => (await inFlight(deaths)) >= atLeast);
      await end(going, "SIGKILL");
      going = worker();
    }
    slowLooks();
    standsStillAt = undefined;
    for (const orderId of orders) await assertDoneOnce(orderId);
    assert.equal(simulator.ledger.starts.length, orders.length);
    assert.equal(await queue.getFailedCount(), 0);
    assert.equal(await end(going, "SIGTERM"), 0, "the last worker ends by itself when it is asked to");
  });

  test("a worker dies between the start and its record: nobody starts again, and the operator names the execution", async () => {
    simulator.fault({ kind: "stall", processed: true, operation: "execute", times: 1 });
    const first = worker();
    await send("lamp");
    await eventually("it is started", () => startsOf("lamp").length === 1);
    await end(first, "SIGKILL");
    worker();
    await assertUndecided("lamp", 1);
    await operator("adopt", "lamp", startsOf("lamp")[0].executionId);
    await assertDoneOnce("lamp");
  });

  test("a worker dies before the start reached Lamina: the operator has it started", async () => {
    simulator.fault({ kind: "stall", operation: "execute", times: 1 });
    const first = worker();
    await send("chair");
    await eventually("the request is out", () => simulator.ledger.requests.some(({ operation }) => operation === "execute"));
    await end(first, "SIGKILL");
    worker();
    await assertUndecided("chair", 0);
    await operator("start-again", "chair");
    await assertDoneOnce("chair");
    assert.equal(await run("operator.js", "start-again", "chair").ended, 1, "what was started is not started again");
  });

  test("a worker that only stood still finds that another has its job: one start, which is found when looked for again", async () => {
    simulator.fault({ kind: "latency", ms: 500, operation: "execute", times: 1 });
    const slow = worker();
    await send("table");
    await eventually("the request is out", () => simulator.ledger.requests.some(({ operation }) => operation === "execute"));
    slow.kill("SIGSTOP");
    worker();
    await assertUndecided("table", 1);
    slow.kill("SIGCONT");
    await eventually("the slow one has recorded its start", async () => (await record("table")).execution);
    await operator("retry", "table");
    await assertDoneOnce("table");
  });

  test("an answer that is lost is the operator's; a refusal before any work is tried again; a plain refusal is the end", async () => {
    simulator.fault({ kind: "reset-after", operation: "execute", times: 1 });
    worker();
    await send("vase");
    await assertUndecided("vase", 1);

    simulator.fault({ kind: "rate-limit", retryAfter: 0, operation: "execute", times: 6 }); // more than the client's own retries
    await send("sofa");
    await assertDoneOnce("sofa");
    assert.ok((await jobOf("sofa")).attemptsMade > 1);

    await send("shelf", { inputs: {} });
    await eventually("it is failed", isIn("shelf", "failed"));
    assert.match((await jobOf("shelf")).failedReason, /^VALIDATION_ERROR: /);
    assert.equal(await record("shelf"), null);
  });

  test("while Lamina cannot be reached, orders wait", async () => {
    const { url } = server;
    await server.close();
    worker();
    await send("clock");
    await eventually("it was tried", async () => (await jobOf("clock")).attemptsMade === 1);
    server = await serve(simulator, { port: Number(new URL(url).port) });
    await assertDoneOnce("clock");
  });

  test("an order that is sent in again, even after its job is gone, is not started again", async () => {
    worker();
    const enqueue = run("enqueue.js", "mug", "quick", JSON.stringify({ Product: "mug" }));
    assert.equal(await enqueue.ended, 0, enqueue.output);
    await send("mug");
    await assertDoneOnce("mug");
    await send("mug");
    await (await jobOf("mug")).remove();
    await send("mug");
    await assertDoneOnce("mug");
    assert.equal(simulator.ledger.starts.length, 1);
  });

  test("an execution that fails fails the job, with its reason, and so does a wait that takes too long", async () => {
    worker();
    await send("poster", { appId: "fails", inputs: {} });
    await send("rug", { wait: { pollIntervalMs: 100, timeoutMs: 300 } });
    for (const orderId of ["poster", "rug"]) await eventually(`${orderId} is failed`, isIn(orderId, "failed"));
    assert.equal((await jobOf("poster")).failedReason, "EXECUTION_FAILED: Image generation timed out");
    assert.match((await jobOf("rug")).failedReason, /^WAIT_TIMEOUT: /);
    await eventually("the execution, which has gone on, is completed", () => [...simulator.executions.values()].every(({ status }) => status !== "running"));
    await operator("retry", "rug");
    await assertDoneOnce("rug");
  });
});
