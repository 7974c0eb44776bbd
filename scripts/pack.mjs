// Packs pkg/ as npm would publish it, and installs the tarball in a fresh folder, as a user would.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const npm = (args, cwd) => execFileSync("npm", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

/**
 * `npm pack` of the folder `pkg`.
 * @param {string} [pkg]
 * @returns {{ tarball: string, files: { path: string, size: number }[] }} the tarball's path, and what is in it
 */
export function pack(pkg = join(ROOT, "pkg")) {
  const to = join(ROOT, "target/tarball");
  mkdirSync(to, { recursive: true });
  // npm 11 answers with a list, npm 12 with an object by package names.
  const [{ filename, files }] = Object.values(JSON.parse(npm(["pack", "--json", "--pack-destination", to], pkg)));
  return { tarball: join(to, filename), files };
}

/**
 * Installs a tarball, offline, in a fresh folder outside of the repository (so that nothing of it is found by accident).
 * @param {string} tarball
 * @param {Record<string, unknown>} [manifest] what the folder's package.json has besides
 * @returns {string} the folder
 */
export function install(tarball, manifest = {}) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "lamina-wasm-")));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "fresh", private: true, ...manifest }));
  npm(["install", "--offline", "--no-save", "--no-package-lock", tarball], folder);
  return folder;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { tarball, files } = pack();
  for (const { path, size } of files) console.log(`${String(size).padStart(8)}  ${path}`);
  console.log(install(tarball));
}
