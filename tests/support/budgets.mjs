// What the package may cost, by tests/budgets.json, and what it does cost: node tests/support/budgets.mjs [--write]
//
// `make budgets` writes one per cent more than today's costs, also into the README: after each gain, and after each loss that is
// worth it.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleForPage, sizes } from "./download.mjs";
import { installPackage } from "./install.mjs";
import { instructions } from "./instructions.mjs";

const FILE = new URL("../budgets.json", import.meta.url);
const README = new URL("../../README.md", import.meta.url);
const HEADROOM = 1.01;
/** The README's number, and what it is. */
const NUMBER = /[\d.]+ KB(?= <!-- budget -->)/g;

/** The limits, each under the name of what it limits. @returns {{ download: Record<string, number>, instructions: Record<string, number> }} */
export const budgets = () => JSON.parse(readFileSync(FILE, "utf8"));

/** The numbers in the README that repeat the budget of the default entry. */
export const budgetInReadme = () => readFileSync(README, "utf8").match(NUMBER) ?? [];

/** As the README puts it. @param {number} bytes */
export const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} KB`;

/** How many bytes a page downloads, packed by gzip. */
async function downloads({ folder, root }) {
  const gzip = async (program, ...more) => sizes(await bundleForPage(program, folder), ...more).gzip;
  return {
    "lamina-wasm": await gzip(`export { Lamina } from "lamina-wasm";`),
    "lamina-wasm/slim and the module": await gzip(`export { Lamina, init } from "lamina-wasm/slim";`, readFileSync(join(root, "lamina_bg.wasm"))),
  };
}

/** What it costs today, under the same names. */
export async function costs() {
  const installed = await installPackage();
  return { download: await downloads(installed), instructions: await instructions(installed) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const today = await costs();
  const limits = budgets();
  const fresh = {};
  for (const [kind, parts] of Object.entries(today)) {
    fresh[kind] = {};
    for (const [name, cost] of Object.entries(parts)) {
      console.log(`${kind.padEnd(12)}  ${name.padEnd(31)}  ${String(cost).padStart(7)} of ${limits[kind]?.[name]}`);
      fresh[kind][name] = Math.ceil(cost * HEADROOM);
    }
  }
  // A kilobyte's tenth is what the README says.
  fresh.download["lamina-wasm"] = Math.ceil(fresh.download["lamina-wasm"] / 100) * 100;
  if (process.argv.includes("--write")) {
    writeFileSync(FILE, `${JSON.stringify(fresh, null, 2)}\n`);
    writeFileSync(README, readFileSync(README, "utf8").replace(NUMBER, kilobytes(fresh.download["lamina-wasm"])));
  }
}
