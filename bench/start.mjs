// From the start of a fresh process to the import and to the first answer of a server on loopback, against a program that
// imports nothing and calls `fetch` (whose own first call is slow too).

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tools } from "../tests/matrix/lab/tools.mjs";
import { installPackage } from "../tests/support/install.mjs";
import { APP_ID, KEY } from "../tests/support/payloads.mjs";
import { serveAnswers } from "./answers.mjs";
import { startInPage } from "./start-page.mjs";
import { startInWorkerd } from "./start-workerd.mjs";
import { beyond, interleave } from "./stats.mjs";

export const BARE = "bare fetch";

/** What each program loads, and how it asks once. `origin` is where the server is. */
const PROGRAMS = {
  [BARE]: { ask: `fetch(origin + "/api/apps/${APP_ID}", { headers: { "x-api-key": "${KEY}" } }).then((response) => response.json())` },
  "lamina-wasm": { name: "lamina-wasm", ask: `new module.Lamina({ apiKey: "${KEY}", baseUrl: origin }).getApp("${APP_ID}")` },
  replicate: { name: "replicate", ask: `new module.default({ auth: "${KEY}", baseUrl: origin }).models.get("owner", "name")` },
  "@fal-ai/client": {
    name: "@fal-ai/client",
    ask: `module.createFalClient({ credentials: "${KEY}", requestMiddleware: async (request) => ({ ...request, url: origin }) }).queue.result("owner/app", { requestId: "x" })`,
  },
  "@runwayml/sdk": { name: "@runwayml/sdk", ask: `new module.default({ apiKey: "${KEY}", baseURL: origin }).tasks.retrieve("${APP_ID}")` },
  stripe: {
    name: "stripe",
    ask: `new module.default("${KEY}", { host: "127.0.0.1", port: new URL(origin).port, protocol: "http", telemetry: false }).products.retrieve("x")`,
  },
  openai: { name: "openai", ask: `new module.default({ apiKey: "${KEY}", baseURL: origin }).models.retrieve("x")` },
};

const source = ({ name, ask }, type) => `
const run = async () => {
  const origin = process.argv[2];
  const began = performance.now();
  const module = ${type === "mjs" ? `await import("${name ?? "./nothing.mjs"}")` : `require("${name ?? "./nothing.cjs"}")`};
  const imported = performance.now();
  await ${ask};
  const answered = performance.now();
  console.log(JSON.stringify({ importMs: imported - began, firstCallMs: answered - imported }));
  process.exit();
};
run();`;

/** A folder where the packages are installed, with each program. */
async function project() {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "lamina-wasm-start-"));
  const installed = await installPackage();
  const modules = fileURLToPath(new URL("node_modules", import.meta.url));
  const link = (target, name) => {
    mkdirSync(join(folder, "node_modules", name, ".."), { recursive: true });
    symlinkSync(target, join(folder, "node_modules", name));
  };
  link(installed.root, "lamina-wasm");
  for (const name of readdirSync(modules)) if (!name.startsWith(".")) link(join(modules, name), name);
  writeFileSync(join(folder, "package.json"), `{ "private": true }`);
  for (const type of ["mjs", "cjs"]) writeFileSync(join(folder, `nothing.${type}`), "");
  Object.values(PROGRAMS).forEach((program, index) => {
    for (const type of ["mjs", "cjs"]) writeFileSync(join(folder, `${index}.${type}`), source(program, type));
  });
  return folder;
}

/** What one fresh process says of itself, and how long it took from its start until it had said so. */
async function once(cwd, [command, ...args]) {
  const began = performance.now();
  const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" } });
  let said = "";
  let ms;
  child.stdout.setEncoding("utf8").on("data", (chunk) => {
    ms ??= performance.now() - began;
    said += chunk;
  });
  const status = await new Promise((resolve) => child.on("close", resolve).on("error", resolve));
  if (status !== 0) throw new Error(`${[command, ...args].join(" ")} ended with ${status}`);
  const { importMs, firstCallMs } = JSON.parse(said);
  return { importMs, firstCallMs, answerMs: importMs + firstCallMs, processMs: ms };
}

/** By measure, then by program. */
async function measure(commands, rounds) {
  const all = await interleave(commands, rounds);
  const measures = ["importMs", "firstCallMs", "answerMs", "processMs"];
  const pick = (measure) => Object.fromEntries(Object.entries(all).map(([name, samples]) => [name, samples.map((sample) => sample[measure])]));
  return Object.fromEntries(measures.map((measure) => [measure, beyond(pick(measure), BARE)]));
}

/**
 * @param {{ rounds?: number }} [options]
 * @returns {Promise<Record<string, Record<string, ReturnType<typeof beyond>>>>} by runtime, by measure, by program
 */
export async function start({ rounds = 11 } = {}) {
  const [deno, bun] = await Promise.all([tools("deno"), tools("bun")]);
  const runtimes = {
    [`Node ${process.versions.node}, ES module`]: { command: [process.execPath], type: "mjs", all: true },
    [`Node ${process.versions.node}, CommonJS`]: { command: [process.execPath], type: "cjs" },
    [`Deno ${deno.version("@deno/linux-x64-glibc")}`]: { command: [deno.path("@deno/linux-x64-glibc/deno"), "run", "--no-prompt", "--allow-net", "--allow-read", "--allow-env"], type: "mjs" },
    [`Bun ${bun.version("@oven/bun-linux-x64")}`]: { command: [bun.path("@oven/bun-linux-x64/bin/bun"), "run"], type: "mjs" },
  };
  const folder = await project();
  const server = await serveAnswers();
  const results = {};
  try {
    for (const [runtime, { command, type, all }] of Object.entries(runtimes)) {
      const names = all ? Object.keys(PROGRAMS) : [BARE, "lamina-wasm"];
      const commands = names.map((name) => {
        const file = `${Object.keys(PROGRAMS).indexOf(name)}.${type}`;
        return [name, () => once(folder, [...command, file, server.origins.getApp])];
      });
      for (const [, run] of commands) await run(); // what a runtime keeps on the disk is there from now on
      results[runtime] = await measure(Object.fromEntries(commands), rounds);
    }
    results.workerd = await startInWorkerd(server.origins.getApp);
    results.Chromium = await startInPage(server.origins.getApp);
  } finally {
    server.close();
    if (existsSync(folder)) rmSync(folder, { recursive: true });
  }
  return results;
}
