// How `make bench` comes from samples to what it says. (What it measures, it measures by itself.)

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { crateOf } from "../../bench/breakdown.mjs";
import { text } from "../../bench/report.mjs";
import { beyond, compare, interleave, quartiles } from "../../bench/stats.mjs";
import { tablesIn } from "../../bench/waiting.mjs";

test("quartiles are those of the sorted samples, between two samples where there is none", () => {
  assert.deepEqual(quartiles([5, 1, 4, 2, 3]), { q1: 2, median: 3, q3: 4 });
  assert.deepEqual(quartiles([40, 10, 30, 20]), { q1: 17.5, median: 25, q3: 32.5 });
});

test("every contender is measured once in each round, and none is always the first", async () => {
  const order = [];
  const contender = (name) => async () => order.push(name);
  const samples = await interleave({ a: contender("a"), b: contender("b"), c: contender("c") }, 3);
  assert.deepEqual(order.join(""), "abcbcacab");
  assert.deepEqual(Object.values(samples).map(({ length }) => length), [3, 3, 3]);
});

test("ratios are within a round: a machine that is slow for one round slows both", () => {
  const samples = { reference: [10, 100, 10], ours: [11, 110, 11] };
  assert.deepEqual(compare(samples, "reference").ours.ratio, { q1: 1.1, median: 1.1, q3: 1.1 });
  assert.deepEqual(beyond({ reference: [10, 100, 20], ours: [12, 102, 22] }, "reference").ours.beyond, { q1: 2, median: 2, q3: 2 });
});

test("the tables of the simulation are found among what cargo prints", () => {
  const printed = `\nrunning 1 test\n waits  polled        requests   mean delay\n     1  shared              22        5.8 s\n    10  every 5 s          298        3.0 s\n.\ntest result: ok. 1 passed\n`;
  assert.deepEqual(tablesIn(printed), [
    { head: ["waits", "polled", "requests", "mean delay"], rows: [["1", "shared", "22", "5.8 s"], ["10", "every 5 s", "298", "3.0 s"]] },
  ]);
});

test("a function belongs to the crate whose code it is", () => {
  const crates = {
    "lamina_wasm::client::wait::Plan::take": "lamina_wasm",
    "<lamina_wasm::client::permit::Permit as core::ops::drop::Drop>::drop": "lamina_wasm",
    "<&str as core::fmt::Display>::fmt": "core",
    "<alloc::vec::Vec<T,A> as core::iter::traits::collect::Extend<T>>::extend": "alloc",
    "rlsf::tlsf::Tlsf<FLBitmap,SLBitmap,_,_>::allocate": "rlsf",
    __wbindgen_malloc: "exports and the rest",
  };
  for (const [name, crate] of Object.entries(crates)) assert.equal(crateOf(name), crate, name);
});

test("a table for the terminal has its columns under each other", () => {
  const lines = text({ title: "T", head: ["what", "ms"], rows: [["a", "1.5"], ["longer", "10.0"]] }).split("\n").slice(2);
  assert.deepEqual(lines, ["what      ms", "------  ----", "a        1.5", "longer  10.0"]);
});

test("the README has one place for the summary, with one in it", () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const [, ...places] = readme.split("<!-- bench: written by `make bench ARGS=--write` -->");
  assert.equal(places.length, 1);
  const [summary, after] = places[0].split("<!-- /bench -->");
  assert.ok(after, "its end is marked");
  assert.match(summary, /^\s*Measured on \d{4}-\d\d-\d\d with Node /);
  assert.match(summary, /\| \*\*lamina-wasm\*\* \| [\d.]+ KB \| [\d.]+ × /);
});
