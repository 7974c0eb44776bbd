// What the rows need of npm, by the lock files in tools/: each group is installed once, outside of the repository, and kept.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const GROUPS = fileURLToPath(new URL("../tools/", import.meta.url));
const FILES = ["package.json", "package-lock.json", ".npmrc"];
const groups = new Map();

/**
 * A group of tools, installed.
 * @param {string} name a folder of tools/, or the path of another
 * @returns {Promise<Tools>}
 */
export function tools(name) {
  if (!groups.has(name)) groups.set(name, install(name).then((folder) => new Tools(folder)));
  return groups.get(name);
}

async function install(name) {
  const group = resolve(GROUPS, name);
  const hash = createHash("sha256");
  for (const file of FILES) hash.update(readFileSync(join(group, file)));
  const cache = join(tmpdir(), "lamina-wasm-matrix");
  const folder = join(cache, `${basename(group)}-${hash.digest("hex").slice(0, 12)}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const fresh = mkdtempSync(join(cache, "new-"));
  for (const file of FILES) cpSync(join(group, file), join(fresh, file));
  try {
    // No scripts: they would download. What a row runs is in the packages themselves.
    await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: fresh, maxBuffer: 1 << 26 });
    renameSync(fresh, folder);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    throw new Error(`npm could not install the tools "${name}": ${error.stderr?.trim().split("\n").slice(-5).join("\n") ?? error}`);
  }
  return folder;
}

export class Tools {
  /** @param {string} folder */
  constructor(folder) {
    this.folder = folder;
  }
  /** The path of a file of a package. */
  path(...parts) {
    return join(this.folder, "node_modules", ...parts);
  }
  manifest(name) {
    return JSON.parse(readFileSync(this.path(name, "package.json"), "utf8"));
  }
  /** The version of a package, as npm installed it. */
  version(name) {
    return this.manifest(name).version;
  }
  /** The script behind a package's command. */
  command(name, command = name.split("/").at(-1)) {
    const { bin } = this.manifest(name);
    return this.path(name, typeof bin === "string" ? bin : bin[command]);
  }
  /** Something of a package, as this process sees it. */
  import(name, file) {
    const { exports, module, main } = this.manifest(name);
    const entry = file ?? exports?.["."]?.import ?? module ?? main;
    return import(this.path(name, typeof entry === "string" ? entry : entry.default));
  }
}
