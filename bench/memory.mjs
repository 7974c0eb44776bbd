// What clients and waits hold in memory: the host's heap and the module's memory together.

import { runChild } from "../tests/support/child.mjs";
import { installPackage } from "../tests/support/install.mjs";

const PROGRAM = `
import { Lamina } from "lamina-wasm";
let module;
const { instantiate } = WebAssembly;
WebAssembly.instantiate = async (...args) => {
  const instance = await instantiate(...args);
  module = Object.values(instance.exports).find((one) => one instanceof WebAssembly.Memory);
  return instance;
};
const text = JSON.stringify({ data: { executionId: "e", status: "running", outputs: [] } });
const fetch = async () => ({ status: 200, text: async () => text });
const settle = () => new Promise((resolve) => setTimeout(resolve, 50));
const used = async () => {
  for (let n = 0; n < 3; n++) {
    await settle();
    gc();
  }
  return { heap: process.memoryUsage().heapUsed, module: module?.buffer.byteLength ?? 0 };
};
/** What \`count\` things hold, each. The heap is measured the second time, because the first makes room and compiled code, the
 *  module's memory over both, because it never shrinks. */
const each = async (count, make) => {
  const { module: first } = await used();
  let held;
  let result;
  for (let round = 0; round < 2; round++) {
    held?.controller.abort();
    await held?.things;
    held = undefined;
    const before = await used();
    const controller = new AbortController();
    held = { controller, things: make(count, controller.signal) };
    await settle();
    const after = await used();
    result = { heap: (after.heap - before.heap) / count, module: (after.module - first) / count };
  }
  held.controller.abort();
  await held.things;
  return result;
};
const many = async (call, count) => {
  for (let n = 0; n < count; n += 100) await Promise.all(Array.from({ length: 100 }, call));
};
const growth = async (call) => {
  await many(call, 10_000);
  const before = await used();
  await many(call, 100_000);
  const after = await used();
  return { heap: after.heap - before.heap, module: after.module - before.module };
};

const options = { apiKey: "k", requestsPerMinute: Infinity, fetch };
const lamina = new Lamina(options);
await lamina.getExecution("e");

const quiet = (promise) => promise.catch(() => {});
const clients = (make) => (count) => Array.from({ length: count }, make);
const waits = (wait) => (count, signal) => Promise.all(Array.from({ length: count }, (_, n) => quiet(wait("e" + n, signal))));
/** A wait as somebody writes it: look, sleep, look again. */
const loop = async (id, signal) => {
  for (;;) {
    const response = await fetch("https://x.example/api/executions/" + id, { headers: { "x-api-key": "k" }, signal });
    const { data } = JSON.parse(await response.text());
    if (data.status === "completed") return data;
    await new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, 60_000);
      signal.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)), { once: true });
    });
  }
};
console.log(JSON.stringify({
  client: await each(2_000, clients(() => new Lamina(options))),
  usedClient: await each(2_000, (count) => Array.from({ length: count }, () => {
    const client = new Lamina(options);
    client.getExecution("e");
    return client;
  })),
  wait: await each(10_000, waits((id, signal) => lamina.waitForExecution(id, { signal, pollIntervalMs: 60_000 }))),
  handWrittenWait: await each(10_000, waits(loop)),
  afterCalls: await growth(() => lamina.getExecution("e")),
}));
process.exit();
`;

/** @returns {Promise<Record<string, { heap: number, module: number }>>} bytes, for one client, one wait, or after 100,000 calls */
export async function memory() {
  const { folder } = await installPackage();
  const { stdout, stderr, status } = await runChild(folder, PROGRAM, { flags: ["--expose-gc"], timeoutMs: 120_000 });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
