// An example as a user has it after copying it: in a fresh folder, its packages installed by its lock file, and the packed
// tarball in the place of pkg/.

import { execFile } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { installPackage, workFolder } from "../support/install.mjs";

const EXAMPLES = fileURLToPath(new URL("../../examples/", import.meta.url));

/**
 * @param {string} name a folder of examples/
 * @param {{ npm?: boolean }} [options] whether the example's packages are installed
 * @returns {Promise<{ folder: string, remove: () => void }>}
 */
export async function copyExample(name, { npm = true } = {}) {
  const installed = await installPackage();
  const root = workFolder(installed.folder, name);
  const folder = join(root, "examples", name);
  cpSync(installed.root, join(root, "pkg"), { recursive: true });
  cpSync(join(EXAMPLES, name), folder, { recursive: true, filter: (path) => !/[\\/](node_modules|\.wrangler|\.dev\.vars)$/.test(path) });
  // No scripts: they would compile what there is in plain JavaScript too.
  if (npm) await promisify(execFile)("npm", ["ci", "--ignore-scripts", "--prefer-offline"], { cwd: folder });
  return { folder, remove: () => rmSync(root, { recursive: true, force: true }) };
}
