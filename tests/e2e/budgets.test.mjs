// What the package costs stays within what was decided (tests/budgets.json). `make budgets` sets the limits anew.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { budgetInReadme, budgets, costs, kilobytes } from "../support/budgets.mjs";
import { installPackage } from "../support/install.mjs";
import { instructions } from "../support/instructions.mjs";

const limits = budgets();
const today = await costs();

const MORE = {
  download: "bytes, packed by gzip, are what a page downloads for",
  instructions: "instructions are what the module executes for",
};

describe("the budget", () => {
  for (const [kind, parts] of Object.entries(limits)) {
    for (const [name, limit] of Object.entries(parts)) {
      test(`at most ${limit} ${MORE[kind]} ${name}`, () => {
        const cost = today[kind][name];
        assert.ok(cost <= limit, `${cost}; where that is worth it, \`make budgets\` raises the limit`);
        assert.ok(cost > limit / 2, `${cost}; the limit was forgotten: \`make budgets\``);
      });
    }
  }

  test("everything that is measured has a limit", () => {
    for (const kind of Object.keys(today)) assert.deepEqual(Object.keys(limits[kind]), Object.keys(today[kind]));
  });

  test("instructions are counted exactly: a second count is the same", async () => {
    assert.deepEqual(await instructions(await installPackage()), today.instructions);
  });

  test("the README says how much a page downloads at most", () => {
    assert.deepEqual(budgetInReadme(), [kilobytes(limits.download["lamina-wasm"])]);
  });
});
