// The package as a user gets it: pkg/ packed by npm, unpacked into the node_modules of a fresh folder. What the tests import
// comes from there, by its public names.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const PKG = fileURLToPath(new URL("../../pkg", import.meta.url));
const PREFIX = "lamina-wasm-e2e-";
const AN_HOUR = 3_600_000;

let installed;

/**
 * Packs pkg/ and installs it, once for all test files while pkg/ stays the same. The package has no dependencies, so that
 * unpacking does what `npm install` does, in a tenth of the time; one test does the real thing.
 * @returns {Promise<{ folder: string, root: string, import: (subpath?: string) => Promise<any>, require: (subpath?: string) => any }>}
 */
export async function installPackage() {
  installed ??= open(findOrMake());
  return installed;
}

/** A new folder of its own below an installation, from which `lamina-wasm` is found. */
export const workFolder = (folder, name) => mkdtempSync(join(folder, `${name}-`));

async function open(folder) {
  const { default: load } = await import(pathToFileURL(join(folder, "load.mjs")).href);
  const require = createRequire(join(folder, "load.mjs"));
  const name = (subpath = "") => `lamina-wasm${subpath}`;
  return {
    folder,
    root: join(folder, "node_modules/lamina-wasm"),
    import: (subpath) => load(name(subpath)),
    require: (subpath) => require(name(subpath)),
  };
}

function findOrMake() {
  if (!existsSync(join(PKG, "package.json"))) throw new Error("There is no pkg/: run `make build` first.");
  const folder = join(tmpdir(), PREFIX + fingerprint(PKG));
  if (existsSync(folder)) return folder;
  removeOld();
  const fresh = mkdtempSync(join(tmpdir(), `${PREFIX}new-`));
  const root = join(fresh, "node_modules/lamina-wasm");
  mkdirSync(root, { recursive: true });
  const packed = execFileSync("npm", ["pack", "--json", "--offline", "--pack-destination", fresh], { cwd: PKG, encoding: "utf8" });
  // npm 11 answers with a list, npm 12 with an object by package names.
  const [{ filename }] = Object.values(JSON.parse(packed));
  execFileSync("tar", ["-xzf", join(fresh, filename), "-C", root, "--strip-components=1"]);
  writeFileSync(join(fresh, "package.json"), JSON.stringify({ name: "fresh", private: true }));
  // Resolves from this folder, by the conditions of an ES module.
  writeFileSync(join(fresh, "load.mjs"), "export default (name) => import(name);\n");
  try {
    renameSync(fresh, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(fresh, { recursive: true }); // another test file was faster
  }
  return folder;
}

function fingerprint(folder) {
  const hash = createHash("sha256").update(folder);
  for (const name of readdirSync(folder, { recursive: true }).sort()) {
    const file = join(folder, name);
    if (statSync(file).isFile()) hash.update(name).update(readFileSync(file));
  }
  return hash.digest("hex").slice(0, 16);
}

function removeOld() {
  for (const name of readdirSync(tmpdir())) {
    const folder = join(tmpdir(), name);
    if (name.startsWith(PREFIX) && Date.now() - statSync(folder).mtimeMs > AN_HOUR) rmSync(folder, { recursive: true, force: true });
  }
}
