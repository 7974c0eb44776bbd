// examples/cloudflare-workflow in workerd: the process is killed while orders wait, and another one on the same stored state
// finishes them. The simulator's ledger says what was really started.

import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { build } from "esbuild";
import { installPackage } from "../support/install.mjs";
import { sleep } from "../support/settle.mjs";
import { copyExample } from "./project.mjs";

const installed = await installPackage();
const { createSimulator } = await installed.import("/simulator");
const { serve } = await installed.import("/simulator/node");

const TOKEN = "who-may-spend";
/** Apps whose executions show in their output which order they were started for. */
const writer = (appId, ms) => ({
  appId,
  name: appId,
  queueMs: 100,
  parameters: [{ name: "Product", type: "text", required: true }],
  outputs: [{ label: "Text", type: "text", durationMs: ms }],
});
const FAILS = { ...writer("fails", 300), parameters: [], errorMessage: "Image generation timed out" };
const APPS = [writer("quick", 700), writer("slow", 4_000), FAILS];

let example;
let script;
let wasm;
before(async () => {
  example = await copyExample("cloudflare-workflow", { npm: false });
  const { outputFiles } = await build({
    entryPoints: [join(example.folder, "src/worker.js")],
    bundle: true,
    write: false,
    format: "esm",
    conditions: ["workerd", "worker", "browser"],
    external: ["*.wasm", "cloudflare:*"],
    logLevel: "error",
  });
  script = outputFiles[0].text;
  const [, name] = /from\s*"(?:\.\/)?([^"]*lamina_bg\.wasm)"/.exec(script) ?? assert.fail("the module is a static import");
  wasm = { name, file: join(installed.root, "lamina_bg.wasm") };
});
after(() => example?.remove());

let simulator;
let server;
let persist;
let host;
beforeEach(async () => {
  simulator = createSimulator({ apps: APPS });
  server = await serve(simulator);
  persist = mkdtempSync(join(tmpdir(), "lamina-wasm-workflow-"));
  await begin();
});
afterEach(async () => {
  await kill();
  rmSync(persist, { recursive: true, force: true });
  await server.close();
  simulator.close();
});

async function begin() {
  // A group of its own, so that workerd is killed with it.
  const program = fork(new URL("workflow-host.mjs", import.meta.url), { detached: true, execArgv: [] });
  host = { program, exited: once(program, "exit") };
  program.send({ script, wasm, persist, bindings: { LAMINA_API_KEY: simulator.apiKey, LAMINA_BASE_URL: server.url, ORDERS_TOKEN: TOKEN } });
  const [{ url }] = await Promise.race([once(program, "message"), host.exited.then(() => assert.fail("miniflare did not start"))]);
  host.url = url;
}
async function kill() {
  if (host.program.exitCode === null && host.program.signalCode === null) process.kill(-host.program.pid, "SIGKILL");
  await host.exited;
}
/**
 * Another process goes on from what the killed one has stored. Cloudflare's engine wakes its instances by itself; the local one
 * loads an instance only when something is sent to it, and then goes on from its stored steps like the other.
 */
async function restart(...orders) {
  await begin();
  for (const wake of orders) host.program.send({ wake });
}

async function ask(method, id, body, token = TOKEN) {
  const init = { method, headers: { authorization: `Bearer ${token}` }, body: body && JSON.stringify(body) };
  const response = await fetch(new URL(`/orders/${id}`, host.url), init);
  return response.ok ? response.json() : response.status;
}
const send = (id, more = {}) => ask("PUT", id, { appId: "quick", inputs: { Product: id }, wait: { pollIntervalMs: 300 }, ...more });
const startsOf = (id) => simulator.ledger.starts.filter(({ inputs }) => inputs.Product === id);
const requests = (wanted) => simulator.ledger.requests.filter(({ operation }) => operation === wanted);

async function eventually(what, condition, ms = 20_000) {
  for (const deadline = Date.now() + ms; ; await sleep(50)) {
    const found = await condition();
    if (found) return found;
    if (Date.now() > deadline) assert.fail(`not within ${ms} ms: ${what}`);
  }
}
const ended = (id) =>
  eventually(`${id} ends`, async () => {
    const order = await ask("GET", id);
    return ["complete", "errored"].includes(order.status) && order;
  });
/** The order is done, and its result is that of the one start that was made for it. */
async function assertDoneOnce(id, product = id) {
  const { status, output, error } = await ended(id);
  assert.equal(status, "complete", JSON.stringify(error));
  assert.deepEqual(startsOf(product).map(({ executionId }) => executionId), [output.executionId]);
  assert.equal(output.status, "completed");
  assert.match(output.outputs[0].value, new RegExp(product));
}
async function assertErrored(id, message) {
  const { status, error } = await ended(id);
  assert.equal(status, "errored");
  assert.match(error.message, message);
}

describe("the Cloudflare Workflow example", () => {
  test("an order goes from its start to its result, and once only, however often it is sent in", async () => {
    simulator.fault({ kind: "status", status: 500, operation: "getExecution", times: 1 });
    simulator.fault({ kind: "network", operation: "getExecution", times: 1 });
    await Promise.all([send("lamp"), send("lamp")]);
    await assertDoneOnce("lamp");
    assert.equal((await send("lamp")).status, "complete");
    await assertDoneOnce("lamp");
    assert.equal(await ask("GET", "nobody"), 404);
  });

  test("the process is killed while orders wait, and another finishes them: nothing lost, nothing started twice", async () => {
    const orders = ["chair", "table", "sofa", "shelf", "clock"];
    for (const id of orders) await send(id, { appId: "slow" });
    await eventually("all wait", () => orders.every((id) => startsOf(id).length === 1) && requests("getExecution").length >= 2 * orders.length);
    await kill();
    const looks = requests("getExecution").length;
    await sleep(500);
    assert.equal(requests("getExecution").length, looks, "nobody looks any more");
    assert.equal([...simulator.executions.values()].filter(({ status }) => status === "completed").length, 0);

    await restart(...orders);
    for (const id of orders) await assertDoneOnce(id);
    assert.equal(simulator.ledger.starts.length, orders.length);
  });

  test("killed between two steps again and again, an order still ends", async () => {
    await send("vase", { appId: "slow" });
    for (let looks = 2; looks <= 4; looks += 1) {
      await eventually("it waits", () => requests("getExecution").length >= looks);
      await kill();
      await restart("vase");
    }
    await assertDoneOnce("vase");
  });

  test("killed within the start: it is not started again, and whoever knows the execution goes on with it", async () => {
    simulator.fault({ kind: "stall", processed: true, operation: "execute", times: 1 });
    await send("mug");
    await eventually("it is started", () => startsOf("mug").length === 1);
    await kill();
    await restart("mug");
    await assertErrored("mug", /^START_UNKNOWN: /);
    assert.equal(requests("execute").length, 1);

    await send("mug-2", { executionId: startsOf("mug")[0].executionId });
    await assertDoneOnce("mug-2", "mug");
  });

  test("a lost answer to the start is not tried again; a refusal before any work is; a plain refusal is the end", async () => {
    simulator.fault({ kind: "reset-after", operation: "execute", times: 1 });
    await send("rug");
    await assertErrored("rug", /^START_UNKNOWN: NETWORK_ERROR: /);
    assert.equal(startsOf("rug").length, 1);

    const before = requests("execute").length;
    simulator.fault({ kind: "rate-limit", retryAfter: 0, operation: "execute", times: 6 }); // more than the client's own retries
    await send("desk");
    await assertDoneOnce("desk");
    assert.equal(requests("execute").length - before, 7);

    await send("bed", { inputs: {} });
    await assertErrored("bed", /^VALIDATION_ERROR: /);
  });

  test("an execution that fails, and a wait that takes too long, end the instance with the reason", async () => {
    await send("poster", { appId: "fails", inputs: {} });
    await send("piano", { appId: "slow", wait: { pollIntervalMs: 100, timeoutMs: 400 } });
    await assertErrored("poster", /^EXECUTION_FAILED: Image generation timed out$/);
    await assertErrored("piano", /^WAIT_TIMEOUT: /);
  });

  test("who does not have the token neither sees nor starts anything", async () => {
    for (const method of ["GET", "PUT"]) assert.equal(await ask(method, "lamp", method === "PUT" ? { appId: "quick" } : undefined, "guess"), 401);
    assert.equal(simulator.ledger.requests.length, 0);
  });
});
