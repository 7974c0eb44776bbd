// The matrix itself: a row can fail, no row is skipped, and the README says what is really run.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { runRow } from "../matrix/lab/run.mjs";
import { rows } from "../matrix/rows/index.mjs";
import { installPackage } from "../support/install.mjs";

const MATRIX = fileURLToPath(new URL("../matrix/matrix.mjs", import.meta.url));
const README = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const lab = { installed: await installPackage(), browsers: { version: async () => assert.fail("no browser is needed") } };

/** A group of tools with these dependencies. */
function group(t, dependencies) {
  const above = mkdtempSync(join(tmpdir(), "groups-"));
  t.after(() => rmSync(above, { recursive: true }));
  const folder = join(above, "a-group");
  mkdirSync(folder);
  const manifest = { name: "group", version: "1.0.0", dependencies };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  writeFileSync(join(folder, "package-lock.json"), JSON.stringify({ name: "group", version: "1.0.0", lockfileVersion: 3, packages: { "": manifest } }));
  writeFileSync(join(folder, ".npmrc"), "");
  return folder;
}
const row = (tools, more) => ({ where: "Here", how: "somehow", tools, version: () => "1", run: async () => ({}), ...more });

test("a row whose tools npm cannot install fails with what npm says", async (t) => {
  const { error } = await runRow(row(group(t, { gone: "file:gone.tgz" })), lab);
  assert.match(String(error), /npm could not install the tools "[^"]*a-group": [^]*gone\.tgz/);
});

test("a row whose program fails, and one that reports something else, fail", async (t) => {
  const tools = group(t, {});
  const fails = await runRow(row(tools, { run: ({ project }) => project.run(process.execPath, ["--eval", "console.error('no such luck'); process.exit(3)"]) }), lab);
  assert.match(String(fails.error), /ended with 3:\nno such luck/);
  const hangs = await runRow(row(tools, { run: ({ project }) => project.run(process.execPath, ["--eval", "setInterval(() => {}, 1000)"], { timeoutMs: 500 }) }), lab);
  assert.match(String(hangs.error), /ended with null/);
  const other = await runRow(row(tools), lab);
  assert.equal(other.error?.name, "AssertionError");
});

test("a browser that is missing is a failure of the run with the reason, and leaves the README as it is", () => {
  const args = [MATRIX, "--only", "Rolldown", "--write"];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8", env: { ...process.env, CHROMIUM: "/no/such/browser" } });
  assert.equal(status, 1, stdout);
  assert.match(stdout, /FAIL {2}Rolldown[^]*\/no\/such\/browser/);
  assert.match(stdout, /matrix: 0 of 1 rows passed/);
  assert.equal(readFileSync(new URL("../../README.md", import.meta.url), "utf8"), README);
});

test("the README's table names every row that is run, and no other", () => {
  const [, table] = /<!-- matrix: [^]*?-->\n([^]*?)<!-- \/matrix -->/.exec(README);
  const lines = table.trim().split("\n").slice(2);
  const written = lines.map((line) => line.slice(2, -2).split(" | ")).flatMap(([where, , ways]) => ways.split("; ").map((how) => `${where}: ${how}`));
  const run = rows.flatMap(({ where, how }) => how.split("; ").map((part) => `${where}: ${part}`));
  assert.deepEqual([...new Set(written)].sort(), [...new Set(run)].sort());
});
