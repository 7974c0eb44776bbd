// Programs in a Node process of their own, in the folder where the package is installed.

import { spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { workFolder } from "./install.mjs";

/**
 * Runs a program and waits for its end.
 * @param {string} folder
 * @param {string} source
 * @param {{ type?: "mjs" | "cjs", env?: Record<string, string>, args?: string[], flags?: string[], timeoutMs?: number }} [options]
 * @returns {Promise<{ status: number | null, stdout: string, stderr: string, json: any, ms: number }>}
 */
export async function runChild(folder, source, { type = "mjs", env = {}, args = [], flags = [], timeoutMs = 20_000 } = {}) {
  const work = workFolder(folder, "child");
  const file = join(work, `program.${type}`);
  writeFileSync(file, source);
  const { LAMINA_API_KEY, LAMINA_BASE_URL, NODE_OPTIONS, NODE_TEST_CONTEXT, ...inherited } = process.env;
  const began = performance.now();
  const child = spawn(process.execPath, [...flags, file, ...args], {
    cwd: work,
    env: { ...inherited, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: timeoutMs,
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (chunk) => (stdout += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk) => (stderr += chunk));
  const status = await new Promise((resolve) => child.on("close", resolve));
  rmSync(work, { recursive: true, force: true });
  return {
    status,
    stdout,
    stderr,
    ms: performance.now() - began,
    /** The last line, where it is JSON. */
    get json() {
      return JSON.parse(stdout.trim().split("\n").at(-1));
    },
  };
}
