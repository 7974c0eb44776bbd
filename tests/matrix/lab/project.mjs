// A fresh project of a user's: a folder with the packed tarball in its node_modules, and the files of one row.

import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const SCENARIO = readFileSync(fileURLToPath(new URL("../scenario.mjs", import.meta.url)), "utf8");

/** The scenario for a file without `import`. */
const commonJs = (text) =>
  text.replace(/^import \{(.+)\} from ("[^"]+");$/m, "const {$1} = require($2);").replace(/^export async function scenario/m, "exports.scenario = async function scenario");

export class Project {
  /** @type {import("node:child_process").ChildProcess[]} */
  #children = [];

  /**
   * @param {string} below the folder of the tools, whose node_modules the project finds too
   * @param {string} installed a folder with the tarball installed
   */
  constructor(below, installed) {
    this.folder = mkdtempSync(join(below, "project-"));
    const target = join(this.folder, "node_modules/lamina-wasm");
    mkdirSync(dirname(target));
    cpSync(join(installed, "node_modules/lamina-wasm"), target, { recursive: true });
    this.write("package.json", { name: "a-users-project", private: true, version: "1.0.0" });
    this.write("scenario.mjs", SCENARIO);
    this.write("scenario.cjs", commonJs(SCENARIO));
  }

  path(...parts) {
    return join(this.folder, ...parts);
  }
  read(name) {
    return readFileSync(this.path(name), "utf8");
  }
  /** Writes a file: a text, bytes, or an object as JSON. */
  write(name, content) {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    const text = typeof content === "string" || content instanceof Uint8Array ? content : JSON.stringify(content, null, 2);
    writeFileSync(this.path(name), text);
  }

  /** Starts a program here; it ends with the project at the latest. */
  start(command, args, { env = {}, cwd = this.folder } = {}) {
    const { LAMINA_API_KEY, LAMINA_BASE_URL, NODE_OPTIONS, NODE_TEST_CONTEXT, FORCE_COLOR, ...inherited } = process.env;
    const quiet = { CI: "1", NO_COLOR: "1", NEXT_TELEMETRY_DISABLED: "1", WRANGLER_SEND_METRICS: "false", DENO_NO_UPDATE_CHECK: "1" };
    const child = spawn(command, args, { cwd, env: { ...inherited, ...quiet, ...env }, stdio: ["ignore", "pipe", "pipe"], detached: true });
    const process_ = { child, stdout: "", stderr: "", ended: new Promise((resolve) => child.on("close", resolve).on("error", resolve)) };
    child.stdout.setEncoding("utf8").on("data", (chunk) => (process_.stdout += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk) => (process_.stderr += chunk));
    this.#children.push(child);
    return process_;
  }

  /** Runs a program to its end, and gives what it printed; an error if it fails or takes longer than `timeoutMs`. */
  async run(command, args, { timeoutMs = 120_000, ...options } = {}) {
    const running = this.start(command, args, options);
    const timer = setTimeout(() => kill(running.child), timeoutMs);
    const status = await running.ended;
    clearTimeout(timer);
    const name = [command, ...args].map((word) => word.split("/").at(-1)).join(" ");
    if (status !== 0) throw new Error(`${name} ended with ${status}:\n${(running.stdout + running.stderr).trim().slice(-3_000)}`);
    return running.stdout;
  }

  /** Starts a server, and gives the first match of `pattern` in what it prints. */
  async serve(command, args, pattern, { timeoutMs = 60_000, ...options } = {}) {
    const running = this.start(command, args, options);
    let ended = false;
    running.ended.then(() => (ended = true));
    for (const began = Date.now(); Date.now() - began < timeoutMs && !ended; await new Promise((resolve) => setTimeout(resolve, 50))) {
      const match = pattern.exec(running.stdout + running.stderr);
      if (match) return match;
    }
    throw new Error(`${args[0]} did not come up:\n${(running.stdout + running.stderr).slice(-3_000)}`);
  }

  /** Ends what still runs, and removes the folder. */
  async remove() {
    for (const child of this.#children) kill(child);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** With everything that it started. */
function kill(child) {
  if (child.exitCode !== null || child.signalCode !== null || !child.pid) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has just ended by itself.
  }
}
