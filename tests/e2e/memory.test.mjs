// What many calls cost, and that they leave nothing.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { runChild } from "../support/child.mjs";
import { installPackage } from "../support/install.mjs";

const installed = await installPackage();

/** What each program begins with: a client in process, and a look at all the memory there is. */
const BEGIN = `import { Lamina } from "lamina-wasm";
  let memory;
  const { instantiate } = WebAssembly;
  WebAssembly.instantiate = async (...args) => {
    const instance = await instantiate(...args);
    memory = Object.values(instance.exports).find((one) => one instanceof WebAssembly.Memory);
    return instance;
  };
  const text = JSON.stringify({ data: { executionId: "e", status: "running", outputs: [] } });
  const reply = { status: 200, text: async () => text };
  const lamina = new Lamina({ apiKey: "k", requestsPerMinute: Infinity, fetch: async () => reply });
  const settle = () => new Promise((resolve) => setTimeout(resolve, 50));
  const used = async () => { for (let n = 0; n < 3; n++) { await settle(); gc(); } const { heapUsed } = process.memoryUsage(); return { heap: heapUsed, module: memory.buffer.byteLength }; };
  await lamina.getExecution("e");`;

const run = (source) => runChild(installed.folder, `${BEGIN}\n${source}`, { flags: ["--expose-gc"], timeoutMs: 60_000 });

describe("memory", { concurrency: 2 }, () => {
  test("what the last call gave, or was refused with, is not kept for it", async () => {
    const { json, stderr } = await run(
      `const seen = [];
       seen.push(new WeakRef(await lamina.getExecution("e")));
       seen.push(new WeakRef(await lamina.getExecution("").catch((error) => error)));
       await used();
       console.log(JSON.stringify(seen.map((one) => one.deref() !== undefined)));`,
    );
    assert.deepEqual(json, [false, false], stderr);
  });

  test("a pending wait costs at most 4 KB, and 10,000 are aborted within a second and freed", async () => {
    const { json, stderr } = await run(
      `const COUNT = 10_000;
       function counted(signal) {
         const listeners = new Set();
         const { addEventListener, removeEventListener } = signal;
         signal.addEventListener = (type, listener, ...rest) => (listeners.add(listener), addEventListener.call(signal, type, listener, ...rest));
         signal.removeEventListener = (type, listener, ...rest) => (listeners.delete(listener), removeEventListener.call(signal, type, listener, ...rest));
         return listeners;
       }
       const round = async () => {
         const before = await used();
         const controller = new AbortController();
         const { signal } = controller;
         const listeners = counted(signal);
         const reasons = new Set();
         let waits = Array.from({ length: COUNT }, (_, n) => lamina.waitForExecution("e" + n, { signal, pollIntervalMs: 60_000 }).catch((reason) => void reasons.add(reason)));
         await settle();
         const during = await used();
         const began = performance.now();
         controller.abort("enough");
         await Promise.all(waits);
         const ms = performance.now() - began;
         waits = undefined;
         const after = await used();
         return { each: (during.heap + during.module - before.heap - before.module) / COUNT, ms, reasons: [...reasons], left: after.heap - before.heap, listeners: listeners.size };
       };
       // What the first round leaves is room for so many calls, and compiled code.
       console.log(JSON.stringify([await round(), await round()]));`,
    );
    assert.ok(json, stderr);
    for (const { each, ms, reasons, listeners } of json) {
      assert.ok(each <= 4_096, `${each} bytes for each wait`);
      assert.ok(ms < 1_000, `${ms} ms`);
      assert.deepEqual(reasons, ["enough"]);
      assert.equal(listeners, 0);
    }
    assert.ok(json[1].left < 500_000, `${json[1].left} bytes are left`);
  });

  test("100,000 calls in a row leave no growth", async () => {
    const { json, stderr } = await run(
      `const many = async (count) => { for (let n = 0; n < count; n += 100) await Promise.all(Array.from({ length: 100 }, () => lamina.getExecution("e"))); };
       await many(10_000);
       const before = await used();
       await many(100_000);
       const after = await used();
       console.log(JSON.stringify({ heap: after.heap - before.heap, module: after.module - before.module }));`,
    );
    assert.ok(json, stderr);
    assert.ok(json.heap < 500_000, `${json.heap} bytes of heap`);
    assert.ok(json.module <= 131_072, `${json.module} bytes of the module's memory`);
  });

  test("10,000 clients that are forgotten are freed", async () => {
    const { json, stderr } = await run(
      `const many = async (count) => { for (let n = 0; n < count; n += 100) { await Promise.all(Array.from({ length: 100 }, () => new Lamina({ apiKey: "k", fetch: async () => reply }).getExecution("e"))); if (n % 1_000 === 0) { await settle(); gc(); } } };
       await many(2_000);
       const before = await used();
       await many(10_000);
       const after = await used();
       console.log(JSON.stringify({ heap: after.heap - before.heap, module: after.module - before.module }));`,
    );
    assert.ok(json, stderr);
    assert.ok(json.heap < 1_000_000, `${json.heap} bytes of heap`);
    assert.ok(json.module <= 1_000_000, `${json.module} bytes of the module's memory`);
  });
});
