// A trap within the module: every call in flight rejects with INTERNAL_PANIC, and the next call runs on a fresh instance.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { runChild } from "../support/child.mjs";
import { installPackage } from "../support/install.mjs";

const installed = await installPackage();

/** Programs see each instance that is made, may break its exports, and fill its memory. */
const BEGIN = `import { Lamina } from "lamina-wasm";
  const instances = [];
  let broken = false;
  const { instantiate } = WebAssembly;
  WebAssembly.instantiate = async (...args) => {
    const { exports } = await instantiate(...args);
    instances.push(Object.values(exports).find((one) => one instanceof WebAssembly.Memory));
    const mine = instances.length;
    const wrap = (one) => typeof one !== "function" ? one : (...given) => {
      if (broken === mine) throw new WebAssembly.RuntimeError("unreachable");
      return one(...given);
    };
    return { exports: Object.fromEntries(Object.entries(exports).map(([name, one]) => [name, wrap(one)])) };
  };
  const reply = (value) => ({ status: 200, text: async () => JSON.stringify({ data: value }) });
  const running = reply({ executionId: "e", status: "running", outputs: [] });
  const unhandled = [];
  process.on("unhandledRejection", (error) => unhandled.push(String(error)));
  const codeOf = (call) => call.then(() => "resolved", (error) => error.code);
  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  let aborted = 0;
  const lamina = new Lamina({ apiKey: "k", fetch: (url, { signal }) => {
    if (url.includes("/executions/")) return Promise.resolve(running);
    if (!url.includes("/stall")) return Promise.resolve(reply([]));
    signal.addEventListener("abort", () => aborted++);
    return new Promise(() => {});
  } });
  const inFlight = () => [lamina.getApp("stall"), lamina.waitForExecution("e", { pollIntervalMs: 60_000 }), new Lamina({ apiKey: "k", fetch: () => new Promise(() => {}) }).execute("a", {})].map(codeOf);
  const report = (result) => console.log(JSON.stringify({ ...result, instances: instances.length, unhandled, timers: process.getActiveResourcesInfo().filter((name) => name === "Timeout").length }));`;

const run = (source) => runChild(installed.folder, `${BEGIN}\n${source}`);

describe("a trap", { concurrency: 2 }, () => {
  test("rejects every call in flight with INTERNAL_PANIC; the next call works, on a fresh instance", async () => {
    const { json, status, stderr } = await run(
      `await lamina.listApps();
       const calls = inFlight();
       await sleep(50);
       broken = 1;
       const cause = await lamina.listApps().catch((error) => error);
       const codes = await Promise.all(calls);
       const after = [await lamina.listApps(), await codeOf(lamina.getExecution("e"))];
       report({ code: cause.code, cause: String(cause.cause), codes, after, aborted });`,
    );
    assert.equal(status, 0, stderr);
    assert.deepEqual(json, {
      code: "INTERNAL_PANIC",
      cause: "RuntimeError: unreachable",
      codes: Array(3).fill("INTERNAL_PANIC"),
      after: [[], "resolved"],
      aborted: 1,
      instances: 2,
      unhandled: [],
      timers: 0,
    });
  });

  test("memory that runs out is such a trap", async () => {
    const { json, status, stderr } = await run(
      `await lamina.listApps();
       const calls = inFlight();
       await sleep(50);
       const [memory] = instances;
       for (let pages = 65_536; pages >= 1; pages = Math.floor(pages / 2)) { try { for (;;) memory.grow(pages); } catch {} }
       const more = [];
       for (let n = 0; n < 20_000 && instances.length < 2; n++) {
         more.push(codeOf(lamina.getApp("stall" + "x".repeat(100_000))));
         if (n % 10 === 0) await sleep(0);
         if (n > 1_000 && instances.length < 2) lamina.listApps().catch(() => {});
       }
       const after = [await lamina.listApps(), await codeOf(lamina.getExecution("e"))];
       const codes = await Promise.all(calls);
       report({ codes, after, first: await more[0] });
       process.exit(0);`,
    );
    assert.equal(status, 0, stderr);
    assert.deepEqual(json.codes, Array(3).fill("INTERNAL_PANIC"));
    assert.equal(json.first, "INTERNAL_PANIC");
    assert.deepEqual(json.after, [[], "resolved"]);
    assert.deepEqual(json.unhandled, []);
    assert.ok(json.instances >= 2);
  });

  test("a trap while a reply is read, or while a timer fires, leaves no promise pending", async () => {
    for (const what of ["reply", "timer"]) {
      const { json, stderr } = await run(
        `let answer;
         const late = new Lamina({ apiKey: "k", fetch: () => new Promise((resolve) => (answer = resolve)) });
         await lamina.listApps();
         const calls = [late.getApp("x", { timeoutMs: 200 }), late.getApp("y", { timeoutMs: 10_000 })].map(codeOf);
         await sleep(50);
         broken = 1;
         if (${what === "reply"}) answer(reply({}));
         const codes = await Promise.all(calls);
         report({ codes, after: await lamina.listApps() });`,
      );
      assert.deepEqual([json.codes, json.after, json.unhandled], [["INTERNAL_PANIC", "INTERNAL_PANIC"], [], []], `${what} ${stderr}`);
    }
  });
});
