// The same scenario by every transport, in workerd and in a page: equal results, and the way that was asked for.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { chromium } from "playwright-core";
import { installPackage, workFolder } from "../support/install.mjs";
import { until, within } from "../support/settle.mjs";

const installed = await installPackage();
const { createSimulator } = await installed.import("/simulator");
const { serve } = await installed.import("/simulator/node");

const TRANSPORTS = ["poll", "long-poll", "stream", "auto"];
const TWO = {
  name: "Two",
  queueMs: 2_000,
  outputs: [
    { label: "Ä first", type: "text", durationMs: 5_000, value: "größer 😀" },
    { label: "Second", type: "text", durationMs: 12_000, value: "zweites" },
  ],
};
const NEVER = { name: "Never", outputs: [{ label: "A", type: "text", durationMs: Infinity }] };

/** Sent there as text: it may use nothing but its arguments. */
async function scenario(Lamina, { transports, never, two, job, ...options }) {
  const fresh = new Lamina({ ...options, apiVersion: "v1", requestsPerMinute: Infinity });
  // As a worker keeps its client from request to request.
  const lamina = job === "kept" ? (globalThis.kept ??= fresh) : fresh;
  const outcomeOf = (promise) => promise.then(({ status }) => status, (error) => error.code ?? String(error));
  if (job === "abort") {
    // With a body that goes on: what is left open would be seen by the server.
    const waits = transports.map((transport) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort("enough"), 200);
      return outcomeOf(lamina.run(never, {}, { transport, pollIntervalMs: 20, signal: controller.signal, cancelOnAbort: true }));
    });
    return Promise.all(waits);
  }
  const results = {};
  for (const transport of transports) {
    const statuses = [];
    const onUpdate = ({ status }) => statuses.at(-1) !== status && statuses.push(status);
    const done = await lamina.run(two, {}, { transport, pollIntervalMs: 20, onUpdate });
    results[transport] = [done.status, statuses.at(-1), ...done.outputs.map(({ value }) => value)];
  }
  return results;
}
const EXPECTED = Object.fromEntries(TRANSPORTS.map((transport) => [transport, ["completed", "completed", "größer 😀", "zweites"]]));
const SOURCE = `import { Lamina } from "lamina-wasm";
  ${scenario}`;

let simulator;
let server;
let work;

before(async () => {
  work = workFolder(installed.folder, "hosts");
  simulator = createSimulator({ speed: 50, rateLimit: false, apps: [TWO, NEVER] });
  server = await serve(simulator);
});
after(async () => {
  await server?.close();
  simulator?.close();
  rmSync(work, { recursive: true, force: true });
});

const bundle = async (contents, conditions, external = []) => {
  const options = { bundle: true, write: false, format: "esm", conditions, external, logLevel: "error" };
  const { outputFiles } = await build({ stdin: { contents, resolveDir: work }, ...options });
  return outputFiles[0].text;
};
const given = (more) => {
  const [two, never] = simulator.apps.map(({ appId }) => appId);
  return { apiKey: simulator.apiKey, baseUrl: server.url, two, never, transports: TRANSPORTS, ...more };
};
/** By which ways the runs of one app were looked at. */
const asked = () => [...new Set(simulator.ledger.requests.map(({ operation }) => operation))];
const running = () => [...simulator.executions.values()].filter(({ status }) => status === "running").length;

/** @param {(more: object) => Promise<any>} run */
function promises(run) {
  test("equal results by every transport, each by its own way", async () => {
    for (const [transport, ways] of [["poll", ["getExecution"]], ["long-poll", ["wait"]], ["stream", ["stream"]], ["auto", ["stream"]]]) {
      simulator.ledger.clear();
      assert.deepEqual(await within(20_000, run({ transports: [transport] })), { [transport]: EXPECTED[transport] });
      assert.deepEqual(asked().filter((way) => way && way !== "execute"), ways, transport);
    }
  });

  test("calls side by side on one client, by every transport, end each on its own", async () => {
    const one = (transport) => run({ job: "kept", transports: [transport] });
    const results = await within(20_000, Promise.all([...TRANSPORTS, ...TRANSPORTS].map(one)));
    assert.deepEqual(results, [...TRANSPORTS, ...TRANSPORTS].map((transport) => ({ [transport]: EXPECTED[transport] })));
  });

  test("streams in small pieces, and streams that are cut", async (t) => {
    for (const fault of [{ kind: "stream-chunks" }, { kind: "stream-cut", times: 2 }, { kind: "stream-cut", reset: true, times: 2 }]) {
      const remove = simulator.fault(fault);
      t.after(remove);
      assert.deepEqual(await within(20_000, run({ transports: ["stream", "auto"] })), { stream: EXPECTED.stream, auto: EXPECTED.auto }, fault.kind);
      remove();
    }
  });

  test("an abort rejects with its reason, by every transport, and cancels", async () => {
    assert.deepEqual(await within(20_000, run({ job: "abort" })), TRANSPORTS.map(() => "enough"));
    await until(() => running() === 0);
    assert.equal(running(), 0);
  });
}

for (const compatibilityDate of ["2024-09-23", "2026-04-01"]) {
  describe(`in workerd of ${compatibilityDate}`, () => {
    let worker;
    before(async () => {
      const handler = `export default {
        async fetch(request) {
          const result = scenario(Lamina, await request.json());
          return Response.json(await result.catch((error) => String(error)));
        },
      };`;
      const contents = await bundle(`${SOURCE}\n${handler}`, ["workerd", "worker", "browser"], ["*.wasm"]);
      const [, path] = /from\s*"([^"]*lamina_bg\.wasm)"/.exec(contents);
      const modules = [
        { type: "ESModule", path: "worker.mjs", contents },
        { type: "CompiledWasm", path: path.replace(/^\.\//, ""), contents: readFileSync(join(installed.root, "lamina_bg.wasm")) },
      ];
      worker = new Miniflare({ modules, compatibilityDate });
    });
    after(() => worker?.dispose());

    promises(async (more) => {
      const reply = await worker.dispatchFetch("http://worker.example/", { method: "POST", body: JSON.stringify(given(more)) });
      return reply.json();
    });
  });
}

describe("in a page", () => {
  let browser;
  let page;
  let pageServer;
  before(async () => {
    const script = await bundle(`${SOURCE}\nwindow.run = (given) => scenario(Lamina, given);`, ["browser"]);
    pageServer = createServer(({ url }, response) => {
      const isScript = url === "/main.js";
      response.writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html; charset=utf-8" });
      response.end(isScript ? script : `<!doctype html><title>page</title><script type="module" src="/main.js"></script>`);
    });
    await new Promise((resolve) => pageServer.listen(0, "127.0.0.1", resolve));
    const paths = execFileSync(fileURLToPath(new URL("../../scripts/chromium.sh", import.meta.url)), { encoding: "utf8" });
    browser = await chromium.launch({
      executablePath: /^CHROMIUM=(.*)$/m.exec(paths)[1],
      args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage", "--no-first-run"],
    });
    page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${pageServer.address().port}/`);
    await page.waitForFunction(() => window.run !== undefined);
  });
  after(async () => {
    await browser?.close();
    pageServer?.closeAllConnections();
    pageServer?.close();
  });

  promises((more) => page.evaluate((given) => window.run(given), { ...given(more), dangerouslyAllowBrowser: true }));
});
