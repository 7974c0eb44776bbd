// A build that panics on demand: what really follows a panic of the Rust code. (tests/e2e/panic.test.mjs forces traps of other
// kinds upon the published build.)

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { buildPackage } from "../../scripts/build.mjs";
import { within } from "../support/settle.mjs";

let Lamina;
let folder;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "lamina-wasm-panic-"));
  const out = join(folder, "pkg");
  await buildPackage({ out, features: ["test-panic"] });
  ({ Lamina } = await import(pathToFileURL(join(out, "index.mjs")).href));
});
after(() => rmSync(folder, { recursive: true, force: true }));

const reply = (value) => ({ status: 200, text: async () => JSON.stringify({ data: value }) });
const codeOf = (call) => call.then(() => "resolved", (error) => error.code);

/** A service whose executions never end and whose app "stall" never comes. */
async function fetch(url, { signal }) {
  if (/[/=]stall/.test(url)) return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  if (url.includes("/executions/")) return reply({ executionId: "e", status: "running", outputs: [] });
  return reply([{ appId: "a" }]);
}

/** Calls of every method that are under way when the panic comes. */
function inFlight(lamina) {
  const wait = { pollIntervalMs: 60_000 };
  const waits = Array.from({ length: 20 }, () => lamina.waitForExecution("e", wait));
  const watching = async () => {
    const changes = lamina.watchExecution("e", wait);
    await changes.next();
    await changes.next();
  };
  const running = async () => {
    for await (const { error } of lamina.runAll([{ appId: "stall", inputs: {} }])) if (error) throw error;
  };
  const calls = [
    lamina.getApp("stall"),
    lamina.getWorkflow("stall"),
    lamina.listApps({ search: "stall" }),
    lamina.execute("stall", {}),
    lamina.execute("stall", {}, { validate: true }),
    lamina.validateInputs("stall", {}),
    lamina.run("stall", {}, wait),
    lamina.getExecution("stall"),
    watching(),
    running(),
  ];
  return [...calls, ...waits].map(codeOf);
}

test("a panic rejects every call in flight with INTERNAL_PANIC, of every client, and the next call works", async () => {
  const clients = [new Lamina({ apiKey: "k", fetch, requestsPerMinute: Infinity }), new Lamina({ apiKey: "k", fetch, requestsPerMinute: Infinity })];
  const calls = clients.flatMap(inFlight);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(await codeOf(clients[0].getApp("test-panic")), "INTERNAL_PANIC");
  const codes = await within(2_000, Promise.all(calls));
  assert.deepEqual([...new Set(codes)], ["INTERNAL_PANIC"]);
  for (const lamina of clients) assert.deepEqual(await lamina.listApps(), [{ appId: "a" }]);
});

test("a hundred panics in a row do no more harm than one, and leave no timer", async () => {
  const lamina = new Lamina({ apiKey: "k", fetch, requestsPerMinute: Infinity });
  for (let n = 0; n < 100; n++) {
    const calls = [lamina.getApp("stall"), lamina.execute("stall", {})].map(codeOf);
    assert.equal(await codeOf(lamina.getApp("test-panic")), "INTERNAL_PANIC");
    assert.deepEqual(await within(2_000, Promise.all(calls)), ["INTERNAL_PANIC", "INTERNAL_PANIC"]);
    assert.deepEqual(await lamina.listApps(), [{ appId: "a" }]);
  }
  assert.equal(process.getActiveResourcesInfo().filter((name) => name === "Timeout").length, 0);
});

test("the published build has no such word", async () => {
  const { installPackage } = await import("../support/install.mjs");
  const published = await (await installPackage()).import();
  const lamina = new published.Lamina({ apiKey: "k", fetch: async () => reply({ appId: "test-panic", parameters: [] }) });
  assert.equal((await lamina.getApp("test-panic")).appId, "test-panic");
});
