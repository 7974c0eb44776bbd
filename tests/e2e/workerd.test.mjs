// The packed tarball in Cloudflare's workerd: bundled as Wrangler does it, the module a static import.

import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { installPackage, workFolder } from "../support/install.mjs";
import { EXPECTED, lifeCycle, SPEED } from "../support/life-cycle.mjs";

const installed = await installPackage();
const { createSimulator } = await installed.import("/simulator");
const { serve } = await installed.import("/simulator/node");

const WORKER = `import * as all from "lamina-wasm";
  ${lifeCycle}
  const made = new all.Lamina({ apiKey: "k" }); // at the module's top level, where workerd refuses timers, random and fetch
  export default {
    async fetch(request) {
      const { job, options } = await request.json();
      const lamina = new all.Lamina(options);
      const jobs = {
        lifeCycle: () => lifeCycle(all.Lamina, options),
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
    before(() => {
      worker = new Miniflare({ modules, compatibilityDate });
    });
    after(() => worker.dispose());

    const ask = async (job, more) => {
      const options = { apiKey: simulator.apiKey, baseUrl: server.url, ...more };
      const response = await worker.dispatchFetch("http://worker.example/", { method: "POST", body: JSON.stringify({ job, options }) });
      return response.json();
    };

    test("the whole life cycle runs", async () => {
      assert.deepEqual(await ask("lifeCycle"), { value: EXPECTED });
    });

    test("requests side by side do not disturb each other", async () => {
      const answers = await Promise.all(Array.from({ length: 5 }, () => ask("lifeCycle", { requestsPerMinute: 10_000 })));
      for (const answer of answers) assert.deepEqual(answer, { value: EXPECTED });
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
