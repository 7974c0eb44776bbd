// The soak, smaller, where requests are made by other hands: Deno, Bun, Cloudflare's workerd, Chromium. The runtimes are the
// matrix's.

import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { chromium } from "playwright-core";
import { tools } from "../matrix/lab/tools.mjs";
import { startFaultProxy } from "../support/fault-proxy.mjs";
import { installPackage, workFolder } from "../support/install.mjs";
import { APPS, audit, soak } from "../support/soak.mjs";
import { OTHERS, SILENCES } from "./table.mjs";

const installed = await installPackage();
const { createSimulator } = await installed.import("/simulator");
const { serve } = await installed.import("/simulator/node");

const COUNT = 300;

/** A simulator behind faults, and the options of a soak against it. */
async function setUp(t, { keepAlive, ...client } = {}) {
  const simulator = createSimulator({ speed: 100, apps: APPS });
  const server = await serve(simulator);
  t.after(() => (simulator.close(), server.close()));
  const proxy = await startFaultProxy(t, server.url, { seed: 11, keepAlive });
  proxy.fault({ probability: 0.015 }, ...SILENCES);
  proxy.fault({ probability: 0.3 }, ...OTHERS);
  const options = {
    client: { apiKey: simulator.apiKey, baseUrl: proxy.url, timeoutMs: 5_000, attemptTimeoutMs: 1_500, requestsPerMinute: 1e9, ...client },
    apps: simulator.apps.map(({ appId }) => appId),
    ...{ waitMs: 60_000, endlessMs: 300 },
  };
  return { simulator, proxy, options };
}

function check(t, reports, { simulator, proxy }) {
  assert.equal(reports.length, COUNT);
  const sums = audit(reports, simulator.ledger.starts);
  t.diagnostic(JSON.stringify({ ...sums, requests: proxy.requests.length, faults: proxy.requests.filter(({ fault }) => fault).length }));
  assert.ok(sums.started > COUNT / 3 && sums.unseen > 0, JSON.stringify(sums));
}

const WORKER = `import { Lamina } from "lamina-wasm";
  ${soak}
  export default { fetch: async (request) => Response.json(await soak(Lamina, await request.json())) };`;

const PROGRAM = `import { Lamina } from "lamina-wasm";
  ${soak}
  const [options] = process.argv.slice(2);
  soak(Lamina, JSON.parse(options)).then((reports) => console.log(JSON.stringify(reports)));`;

/** A back end that starts executions for pages, one for each token. */
const BACK_END = `import { createProxyHandler } from "lamina-wasm/server";
  const { count, appId, apiKey, baseUrl } = JSON.parse(process.argv[2]);
  const handler = createProxyHandler({ authorize: () => true, apiKey, baseUrl, timeoutMs: 2_000, onError: () => {} });
  const statuses = [];
  const start = async (number) => {
    const body = JSON.stringify({ inputs: { Token: "token " + number } });
    const request = new Request("http://page.example/api/apps/" + appId + "/executions", { method: "POST", headers: { "content-type": "application/json" }, body });
    const reply = await handler(request);
    statuses.push(reply.status);
    await reply.text();
  };
  let next = 0;
  const worker = async () => { while (next < count) await start(next++); };
  Promise.all(Array.from({ length: 5 }, worker)).then(() => console.log(JSON.stringify(statuses)));`;

const RUNTIMES = {
  Deno: async () => [(await tools("deno")).path("@deno/linux-x64-glibc/deno"), "run", "--no-prompt", "--allow-net=127.0.0.1", "--allow-read", "--allow-env"],
  Bun: async () => [(await tools("bun")).path("@oven/bun-linux-x64/bin/bun"), "run"],
};

describe("the soak in other runtimes", { concurrency: 1 }, () => {
  for (const [runtime, command] of Object.entries(RUNTIMES)) {
    const run = async (t, program, options) => {
      const work = workFolder(installed.folder, "soak");
      t.after(() => rmSync(work, { recursive: true, force: true }));
      writeFileSync(join(work, "main.mjs"), program);
      const [binary, ...args] = await command();
      const { stdout } = await promisify(execFile)(binary, [...args, "main.mjs", JSON.stringify(options)], { cwd: work, maxBuffer: 1 << 26, timeout: 120_000 });
      return JSON.parse(stdout);
    };

    test(`in ${runtime}, nothing is started twice, nothing is lost, nothing is wrong`, async (t) => {
      const world = await setUp(t);
      check(t, await run(t, PROGRAM, { ...world.options, count: COUNT, concurrency: 20 }), world);
    });

    test(`a back end in ${runtime} asks the service for each start once`, async (t) => {
      const { simulator, proxy, options } = await setUp(t);
      const statuses = await run(t, BACK_END, { count: 200, appId: options.apps[0], apiKey: simulator.apiKey, baseUrl: proxy.url });
      assert.equal(statuses.length, 200);
      assert.ok(statuses.includes(202) && statuses.includes(502), statuses.join(" "));
      const tokens = simulator.ledger.starts.map(({ inputs }) => inputs.Token);
      assert.equal(new Set(tokens).size, tokens.length, "nothing is started twice");
      assert.equal(proxy.requests.length, 200);
    });
  }

  test("in workerd, nothing is started twice, nothing is lost, nothing is wrong", async (t) => {
    const work = workFolder(installed.folder, "soak-worker");
    t.after(() => rmSync(work, { recursive: true, force: true }));
    const { outputFiles } = await build({ stdin: { contents: WORKER, resolveDir: work }, bundle: true, write: false, format: "esm", conditions: ["workerd", "worker", "browser"], external: ["*.wasm"], logLevel: "error" });
    const contents = outputFiles[0].text;
    const [, path] = /from\s*"([^"]*lamina_bg\.wasm)"/.exec(contents);
    const worker = new Miniflare({
      compatibilityDate: "2026-04-01",
      // It tells of every reply that is no HTTP.
      handleRuntimeStdio: (stdout, stderr) => void (stdout.resume(), stderr.resume()),
      modules: [
        { type: "ESModule", path: "worker.mjs", contents },
        { type: "CompiledWasm", path: path.replace(/^\.\//, ""), contents: readFileSync(join(installed.root, "lamina_bg.wasm")) },
      ],
    });
    t.after(() => worker.dispose());
    const world = await setUp(t);
    const part = async (first) => {
      const response = await worker.dispatchFetch("http://worker.example/", { method: "POST", body: JSON.stringify({ ...world.options, first, count: COUNT / 3, concurrency: 8 }) });
      const text = await response.text();
      assert.equal(response.status, 200, text.slice(0, 300));
      return JSON.parse(text);
    };
    const parts = await Promise.all([0, 1, 2].map((n) => part((n * COUNT) / 3)));
    check(t, parts.flat(), world);
  });

  test("in Chromium, nothing is started twice, nothing is lost, nothing is wrong", async (t) => {
    const server = createServer((_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>page</title>"));
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    t.after(() => (server.closeAllConnections(), server.close()));
    const paths = execFileSync(fileURLToPath(new URL("../../scripts/chromium.sh", import.meta.url)), { encoding: "utf8" });
    const browser = await chromium.launch({
      executablePath: /^CHROMIUM=(.*)$/m.exec(paths)[1],
      args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage", "--no-first-run"],
    });
    t.after(() => browser.close());
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    await page.addScriptTag({ path: join(installed.root, "lamina.iife.js") });
    await page.addScriptTag({ content: `window.soak = ${soak}` });
    // Each request on a connection of its own: on one that was used before, Chromium itself sends a request again whose
    // connection breaks before the reply, also a start, and no page can tell it not to.
    const world = await setUp(t, { dangerouslyAllowBrowser: true, keepAlive: false });
    const reports = await page.evaluate((options) => window.soak(window.lamina.Lamina, options), { ...world.options, count: COUNT, concurrency: 20 });
    check(t, reports, world);
  });
});
