// The packed tarball in Cloudflare's workerd: bundled as Wrangler does it, the module a static import.

import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { installPackage, workFolder } from "../support/install.mjs";
import { EXPECTED, lifeCycle, SPEED } from "../support/life-cycle.mjs";
import { sleep, within } from "../support/settle.mjs";

const installed = await installPackage();
const { createSimulator } = await installed.import("/simulator");
const { serve } = await installed.import("/simulator/node");

const WORKER = `import * as all from "lamina-wasm";
  ${lifeCycle}
  const made = new all.Lamina({ apiKey: "k" }); // at the module's top level, where workerd refuses timers, random and fetch
  let kept; // as a worker keeps its client from request to request
  export default {
    async fetch(request) {
      const { job, options } = await request.json();
      const lamina = new all.Lamina({ ...options, workload: undefined });
      const jobs = {
        lifeCycle: () => lifeCycle(all.Lamina, options),
        run: () => lamina.run(options.workload, {}, { pollIntervalMs: 20 }),
        runWithKept: () => (kept ??= lamina).run(options.workload, {}, { pollIntervalMs: 20 }),
        budget: () => (kept ??= lamina).listApps({ timeoutMs: 400 }),
        waitForEver: () => (kept ??= lamina).waitForExecution("x", { pollIntervalMs: 50 }),
        stall: () => lamina.getWorkflow("x", { timeoutMs: 150 }),
        redirect: () => lamina.getApp("x"),
        abort: () => lamina.getWorkflow("x", { signal: AbortSignal.timeout(100) }),
        detached: async () => { const { fetch } = globalThis; return new all.Lamina({ ...options, fetch }).listApps({ limit: 1 }); },
        topLevel: () => made.listApps({ timeoutMs: 500, maxRetries: 0, signal: AbortSignal.abort("early") }),
        env: () => new all.Lamina({ baseUrl: options.baseUrl }).listApps(),
      };
      try {
        return Response.json({ value: await jobs[job]() });
      } catch (error) {
        return Response.json({ code: error?.code, name: error?.name, text: String(error), known: all.isLaminaError(error) });
      }
    },
  };`;

/** The oldest date that is promised to work, and a new one. */
const DATES = ["2024-09-23", "2026-04-01"];

let simulator;
let server;
let modules;
let work;

before(async () => {
  work = workFolder(installed.folder, "worker");
  simulator = createSimulator({ speed: SPEED });
  server = await serve(simulator);
  const { outputFiles } = await build({
    stdin: { contents: WORKER, resolveDir: work },
    bundle: true,
    write: false,
    format: "esm",
    conditions: ["workerd", "worker", "browser"],
    external: ["*.wasm"],
    logLevel: "error",
  });
  const contents = outputFiles[0].text;
  const [, path] = /from\s*"([^"]*lamina_bg\.wasm)"/.exec(contents) ?? assert.fail("the module is a static import");
  modules = [
    { type: "ESModule", path: "worker.mjs", contents },
    { type: "CompiledWasm", path: path.replace(/^\.\//, ""), contents: readFileSync(join(installed.root, "lamina_bg.wasm")) },
  ];
});
after(async () => {
  await server?.close();
  simulator?.close();
  rmSync(work, { recursive: true, force: true });
});

for (const compatibilityDate of DATES) {
  describe(`in workerd of ${compatibilityDate}`, () => {
    let worker;
    /** A worker of its own for each test: what one request does to the next is a test's subject. */
    beforeEach(() => {
      worker = new Miniflare({ modules, compatibilityDate });
    });
    afterEach(() => worker.dispose());

    const ask = async (job, { signal, ...more } = {}) => {
      const options = { apiKey: simulator.apiKey, baseUrl: server.url, workload: simulator.apps[0].appId, ...more };
      const response = await worker.dispatchFetch("http://worker.example/", { method: "POST", body: JSON.stringify({ job, options }), signal });
      const text = await response.text();
      return response.headers.get("content-type") === "application/json" ? JSON.parse(text) : { crashed: text.slice(0, 200) };
    };

    test("the whole life cycle runs", async () => {
      assert.deepEqual(await ask("lifeCycle"), { value: EXPECTED });
    });

    for (const job of ["run", "runWithKept"]) {
      test(`requests side by side, ${job === "run" ? "each with a client of its own" : "on one client"}, end each on its own`, async () => {
        const answers = await within(5_000, Promise.all(Array.from({ length: 6 }, () => ask(job, { requestsPerMinute: 10_000 }))));
        assert.deepEqual(answers.map(({ value, ...trouble }) => value?.status ?? trouble), Array(6).fill("completed"));
        const later = await within(5_000, ask(job));
        assert.equal(later.value?.status, "completed", JSON.stringify(later));
      });
    }

    test("requests that the budget holds back are served by their own time", async () => {
      const answers = await within(5_000, Promise.all(Array.from({ length: 3 }, () => ask("budget", { requestsPerMinute: 1 }))));
      assert.deepEqual(answers.map(({ value, code, ...trouble }) => value?.length ?? code ?? trouble).sort(), [simulator.apps.length, "TIMEOUT", "TIMEOUT"].sort());
    });

    test("a request that is cut off does not stop the others, nor those that come later", async (t) => {
      t.after(simulator.fault({ kind: "status", status: 500, path: "/api/executions/x" }));
      const controller = new AbortController();
      const cut = ask("waitForEver", { signal: controller.signal }).catch(() => "cut");
      await sleep(200);
      const other = ask("runWithKept");
      controller.abort();
      await cut;
      const [one, later] = await within(8_000, Promise.all([other, sleep(300).then(() => ask("runWithKept"))]));
      assert.deepEqual([one.value?.status ?? one, later.value?.status ?? later], ["completed", "completed"]);
    });

    test("a stall is TIMEOUT, an abort its reason, a redirect INVALID_RESPONSE", async (t) => {
      t.after(simulator.fault({ kind: "stall", operation: "getWorkflow" }));
      t.after(simulator.fault({ kind: "redirect", location: "/api/apps", operation: "getApp" }));
      assert.equal((await ask("stall")).code, "TIMEOUT");
      assert.equal((await ask("abort")).name, "TimeoutError");
      assert.equal((await ask("redirect")).code, "INVALID_RESPONSE");
    });

    test("a fetch that is passed on as an option works", async () => {
      assert.equal((await ask("detached")).value.length, 1);
    });

    test("a client may be made at the top level, and without a key it says so", async () => {
      assert.equal((await ask("topLevel")).text, "early");
      assert.equal((await ask("env")).code, "AUTH_MISSING_KEY");
    });
  });
}
