// Measures the package beside what users would pick instead: node bench/bench.mjs [--only parts] [--json path] [--write]
//
// Machines differ and are noisy: what is compared is measured in turn in one run, and told as a ratio or a difference to
// something that was measured beside it, as the median of many rounds with its quartiles.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { PEERS } from "./names.mjs";
import { markdown, write } from "./readme.mjs";
import { tables, text } from "./report.mjs";
import { targets } from "./targets.mjs";

const HERE = new URL(".", import.meta.url);
const JSON_FILE = fileURLToPath(new URL("../target/bench.json", HERE));

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" }, // only these parts, with commas between them
    json: { type: "string", default: JSON_FILE }, // where the numbers go
    write: { type: "boolean", default: false }, // the summary into the README, when every part was measured
  },
});

/** The parts, each a file with a function of the same name. */
const PARTS = ["download", "cpu", "start", "memory", "waiting", "transports"].filter((part) => existsSync(new URL(`${part}.mjs`, HERE)));

const chosen = PARTS.filter((part) => !values.only || values.only.split(",").includes(part));
if (!chosen.length) throw new Error(`--only takes parts of: ${PARTS.join(", ")}`);

/** What was measured, on what. */
function about() {
  const version = (name) => JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, HERE), "utf8")).version;
  const git = (...args) => execFileSync("git", args, { cwd: fileURLToPath(HERE), encoding: "utf8" }).trim();
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: `${git("rev-parse", "--short", "HEAD")}${git("status", "--porcelain", "--untracked-files=no") ? ", changed" : ""}`,
    node: process.versions.node,
    processor: `${cpus().length} × ${cpus()[0]?.model}`,
    versions: Object.fromEntries(PEERS.map((name) => [name, version(name)])),
  };
}

const began = performance.now();
const results = {};
for (const part of chosen) {
  const partBegan = performance.now();
  const { [part]: measure } = await import(new URL(`${part}.mjs`, HERE).href);
  results[part] = await measure();
  for (const table of tables(part, results[part])) console.log(text(table));
  console.log(`\n${part}: ${((performance.now() - partBegan) / 1000).toFixed(0)} s`);
}

const report = { ...about(), seconds: Math.round((performance.now() - began) / 1000), ...results };
console.log(text(targets(report)));
mkdirSync(dirname(values.json), { recursive: true });
writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
console.log(`\nbench: ${report.seconds} s, the numbers are in ${values.json}`);
if (values.write && chosen.length === PARTS.length) write(markdown(report));
process.exit();
