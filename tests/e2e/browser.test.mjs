// The packed tarball in a page: built by Vite, run in Chromium, against the simulator on another origin.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { build } from "vite";
import { installPackage, workFolder } from "../support/install.mjs";
import { EXPECTED, lifeCycle, SPEED } from "../support/life-cycle.mjs";

const installed = await installPackage();
const { createSimulator } = await installed.import("/simulator");
const { serve } = await installed.import("/simulator/node");

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };
/** What a page needs to compile WebAssembly, and nothing more. */
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src http://127.0.0.1:*; style-src 'unsafe-inline'; worker-src 'self'";

const PAGE = `<!doctype html><meta charset="utf-8"><title>page</title><script type="module" src="/main.js"></script>`;
const MAIN = `import * as all from "lamina-wasm";
  ${lifeCycle}
  window.all = all;
  window.lifeCycle = (options) => lifeCycle(all.Lamina, options);
  window.inWorker = (options) => new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage(options);
  });`;
const WORKER = `import { Lamina } from "lamina-wasm";
  ${lifeCycle}
  onmessage = async ({ data }) => postMessage(await lifeCycle(Lamina, data).catch((error) => String(error)));`;

let browser;
let page;
let pageServer;
let simulator;
let simulatorServer;
let work;
let policy = POLICY;
const problems = [];

before(async () => {
  work = workFolder(installed.folder, "page");
  for (const [name, text] of [["index.html", PAGE], ["main.js", MAIN], ["worker.js", WORKER]]) writeFileSync(join(work, name), text);
  await build({ root: work, logLevel: "error", worker: { format: "es" }, build: { outDir: "dist" } });
  pageServer = createServer(({ url }, response) => {
    try {
      const name = url.split("?")[0];
      const file = join(work, "dist", name === "/" ? "index.html" : name);
      const body = readFileSync(file);
      response.writeHead(200, { "content-type": TYPES[extname(file)], "content-security-policy": policy });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => pageServer.listen(0, "127.0.0.1", resolve));
  simulator = createSimulator({ speed: SPEED });
  simulatorServer = await serve(simulator);
  const paths = execFileSync(fileURLToPath(new URL("../../scripts/chromium.sh", import.meta.url)), { encoding: "utf8" });
  browser = await chromium.launch({
    executablePath: /^CHROMIUM=(.*)$/m.exec(paths)[1],
    args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage", "--no-first-run"],
  });
  page = await open();
});
after(async () => {
  await browser?.close();
  await simulatorServer?.close();
  simulator?.close();
  pageServer?.closeAllConnections();
  pageServer?.close();
  if (work) rmSync(work, { recursive: true, force: true });
});

async function open() {
  const opened = await browser.newPage();
  opened.on("pageerror", (error) => problems.push(String(error)));
  await opened.goto(`http://127.0.0.1:${pageServer.address().port}/`, { waitUntil: "load" });
  await opened.waitForFunction(() => window.lifeCycle !== undefined);
  return opened;
}

const options = (more) => ({ apiKey: simulator.apiKey, baseUrl: simulatorServer.url, dangerouslyAllowBrowser: true, ...more });

describe("in a page", () => {
  test("the whole life cycle runs, across origins, under a policy with 'wasm-unsafe-eval' only", async () => {
    assert.deepEqual(await page.evaluate((given) => window.lifeCycle(given), options()), EXPECTED);
    assert.deepEqual(problems, []);
  });

  test("the whole life cycle runs in a web worker", async () => {
    assert.deepEqual(await page.evaluate((given) => window.inWorker(given), options({ dangerouslyAllowBrowser: undefined })), EXPECTED);
  });

  test("what is sent needs no more from CORS than the documented headers", async () => {
    const asked = simulator.ledger.requests.filter(({ method }) => method === "OPTIONS").map(({ headers }) => headers["access-control-request-headers"]);
    assert.ok(asked.length > 0);
    for (const names of asked) for (const name of names.split(",")) assert.ok(["content-type", "x-api-key"].includes(name.trim()), names);
  });

  test("a key is refused without dangerouslyAllowBrowser, and nothing is sent", async () => {
    const before = simulator.ledger.requests.length;
    const error = await page.evaluate(async (given) => {
      const { code, message } = await new window.all.Lamina(given).listApps().catch((error) => error);
      return { code, message };
    }, options({ dangerouslyAllowBrowser: false }));
    assert.equal(error.code, "INVALID_ARGUMENT");
    assert.match(error.message, /proxyUrl/);
    assert.equal(simulator.ledger.requests.length, before);
  });

  test("behind proxyUrl the page asks its own origin, without a key", async () => {
    const seen = [];
    await page.route("**/api/lamina/**", (route) => {
      seen.push({ url: new URL(route.request().url()).pathname, headers: route.request().headers() });
      return route.fulfill({ json: { data: [] } });
    });
    policy = POLICY;
    const apps = await page.evaluate(async (origin) => new window.all.Lamina({ proxyUrl: `${origin}/api/lamina` }).listApps(), `http://127.0.0.1:${pageServer.address().port}`);
    assert.deepEqual(apps, []);
    assert.ok(seen[0].url.startsWith("/api/lamina/"));
    assert.equal(seen[0].headers["x-api-key"], undefined);
    assert.equal(seen[0].headers.authorization, undefined);
  });

  test("a relative proxyUrl is of the page's origin", async () => {
    const seen = [];
    await page.unroute("**/api/lamina/**");
    await page.route("**/api/lamina/**", (route) => (seen.push(new URL(route.request().url()).origin), route.fulfill({ json: { data: [] } })));
    assert.deepEqual(await page.evaluate(() => new window.all.Lamina({ proxyUrl: "/api/lamina" }).listApps().catch((error) => error.message)), []);
    assert.deepEqual(seen, [`http://127.0.0.1:${pageServer.address().port}`]);
  });

  test("a redirect is not followed", async (t) => {
    t.after(simulator.fault({ kind: "redirect", location: "/api/apps", operation: "getApp" }));
    const before = simulator.ledger.requests.filter(({ method }) => method === "GET").length;
    const code = await page.evaluate((given) => new window.all.Lamina(given).getApp("x").catch((error) => error.code), options());
    assert.equal(code, "INVALID_RESPONSE");
    assert.equal(simulator.ledger.requests.filter(({ method }) => method === "GET").length, before + 1);
  });

  test("an abort rejects with signal.reason, a stall with TIMEOUT", async (t) => {
    t.after(simulator.fault({ kind: "stall", operation: "getWorkflow" }));
    const [aborted, timedOut] = await page.evaluate(async (given) => {
      const lamina = new window.all.Lamina(given);
      const controller = new AbortController();
      setTimeout(() => controller.abort("enough"), 50);
      return Promise.all([lamina.getWorkflow("x", { signal: controller.signal }), lamina.getWorkflow("x", { timeoutMs: 150 })].map((call) => call.catch((error) => error.code ?? error)));
    }, options());
    assert.deepEqual([aborted, timedOut], ["enough", "TIMEOUT"]);
  });

  test("what a page downloads is one script, and no module beside it", () => {
    const files = readdirSync(join(work, "dist"), { recursive: true }).filter((name) => /\.(js|wasm)$/.test(name));
    assert.ok(files.every((name) => name.endsWith(".js")), files.join(" "));
  });

  test("without 'wasm-unsafe-eval' a call rejects with WASM_UNAVAILABLE, which names the word", async () => {
    policy = POLICY.replace(" 'wasm-unsafe-eval'", "");
    const strict = await open();
    const error = await strict.evaluate(async (given) => {
      const { code, message } = await new window.all.Lamina(given).listApps().catch((error) => error);
      return { code, message };
    }, options());
    await strict.close();
    policy = POLICY;
    assert.equal(error.code, "WASM_UNAVAILABLE");
    assert.match(error.message, /'wasm-unsafe-eval'/);
  });
});
