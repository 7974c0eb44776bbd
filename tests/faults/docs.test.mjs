// docs/faults.md tells the truth: every test that it names is there, and every fault of the proxy is in it, with what comes of it.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { FAULTS, titleOf } from "./table.mjs";

const DOCS = new URL("../../docs/faults.md", import.meta.url);
const rows = readFileSync(DOCS, "utf8").split("\n").filter((line) => /^\| (?!---)/.test(line)).map((line) => line.slice(2, -2).split(" | "));
const linked = rows.flatMap((row) => [...row.at(-1).matchAll(/\[(.+?)\]\((.+?)\)/g)].map(([, title, file]) => ({ title, file })));

/** The text of a template, from its backtick on, with what it inserts left open. */
function patternOf(source, from) {
  let pattern = "";
  for (let at = from + 1; source[at] !== "`"; at++) {
    if (!source.startsWith("${", at)) pattern += source[at].replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
    else {
      let depth = 0;
      do depth += { "{": 1, "}": -1 }[source[++at]] ?? 0;
      while (depth > 0);
      pattern += ".*";
    }
  }
  return new RegExp(`^${pattern}$`);
}

/** Whether a test of this file has this name. */
function isNamed(file, title) {
  const source = readFileSync(file, "utf8");
  if (file.pathname.endsWith(".rs")) return source.includes(`fn ${title}(`);
  if (file.pathname.endsWith("/single.test.mjs") && Object.keys(FAULTS).some((name) => titleOf(name) === title)) return true;
  return [...source.matchAll(/\btest\((["`])/g)].some(({ index, 0: { length }, 1: quote }) => {
    const from = index + length - 1;
    return quote === "`" ? patternOf(source, from).test(title) : source.startsWith(`"${title}"`, from);
  });
}

test("every test that docs/faults.md names is there", () => {
  const missing = linked.filter(({ title, file }) => {
    const url = new URL(file, DOCS);
    return !existsSync(url) || !isNamed(url, title);
  });
  assert.deepEqual(missing, []);
  assert.ok(linked.length > 60, `${linked.length}`);
  // Two rows say what is not kept.
  assert.equal(rows.filter((row) => row.at(-1) !== "test").length, linked.length + 2, "each row names a test");
});

test("a test that is not there would be missed", () => {
  const file = new URL("./single.test.mjs", import.meta.url);
  assert.equal(isNamed(file, "a read through a slow line: the right value"), true);
  assert.equal(isNamed(file, "a sight through a slow line: the right value"), false);
  assert.equal(isNamed(file, titleOf("a slow line").replace("slow", "fast")), false);
});

test("every fault of the proxy is in docs/faults.md, with what comes of it", () => {
  for (const [name, { start, starts, read }] of Object.entries(FAULTS)) {
    const row = rows.find(([first]) => first === name);
    assert.ok(row, name);
    assert.deepEqual([row[3], row[4]], [String(starts), read ? `\`${read}\`` : "the right value"], name);
    assert.ok(start.code ? row[2] === `\`${start.code}\`` : row[2].startsWith("succeeds"), `${name}: ${row[2]}`);
    assert.ok(row[5].includes(`[${titleOf(name)}](`), name);
  }
});

test("the README leads to docs/faults.md", () => {
  assert.match(readFileSync(new URL("../../README.md", import.meta.url), "utf8"), /docs\/faults\.md/);
});
