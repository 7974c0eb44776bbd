// Runs the package wherever it promises to run: node tests/matrix/matrix.mjs [--quick] [--only words] [--write]
//
// The table is in rows/: a row is a runtime or a bundler. Each gets a fresh project with the packed tarball and a simulator of
// its own, and runs scenario.mjs. A row that cannot be set up fails, with the reason.

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { installPackage } from "../support/install.mjs";
import { Browsers } from "./lab/browsers.mjs";
import { line, markdown, write } from "./lab/report.mjs";
import { runRow } from "./lab/run.mjs";
import { rows } from "./rows/index.mjs";

const SIDE_BY_SIDE = 2;
const README = fileURLToPath(new URL("../../README.md", import.meta.url));

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false }, // only the rows that `make test` runs
    only: { type: "string", default: "" }, // only the rows whose names hold this
    write: { type: "boolean", default: false }, // the table into the README, when every row was run and passed
  },
});

const named = ({ where, how }) => `${where} ${how}`.toLowerCase().includes(values.only.toLowerCase());
const chosen = rows.filter((row) => (!values.quick || row.quick) && named(row));
if (!chosen.length) throw new Error(`no row is called "${values.only}"`);

const began = performance.now();
const lab = { installed: await installPackage(), browsers: new Browsers() };
const results = new Array(chosen.length);
let next = 0;
const work = async () => {
  while (next < chosen.length) {
    const index = next++;
    results[index] = await runRow(chosen[index], lab);
    console.log(line(results[index]));
    if (results[index].error) console.log(`      ${(results[index].error.stack ?? String(results[index].error)).replaceAll("\n", "\n      ")}`);
  }
};
await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
await lab.browsers.close();

const failed = results.filter(({ error }) => error).length;
console.log(`\n${markdown(results)}\n`);
console.log(`matrix: ${results.length - failed} of ${results.length} rows passed in ${((performance.now() - began) / 1000).toFixed(0)} s`);
if (values.write && !failed && chosen.length === rows.length) write(README, markdown(results));
process.exitCode = failed ? 1 : 0;
