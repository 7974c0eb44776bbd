// The counter of instructions counts what is executed, and changes nothing else.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { countInstructions } from "../support/count-instructions.mjs";

const WASM_AS = fileURLToPath(new URL("../../scripts/node_modules/binaryen/bin/wasm-as", import.meta.url));

/** The bytes of a module in text form. */
function assembled(text) {
  const folder = mkdtempSync(join(tmpdir(), "wasm-as-"));
  try {
    writeFileSync(join(folder, "in.wat"), text);
    execFileSync(process.execPath, [WASM_AS, "--all-features", join(folder, "in.wat"), "-o", join(folder, "out.wasm")]);
    return readFileSync(join(folder, "out.wasm"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const MODULE = `(module
  (memory 1)
  (global $calls (mut i32) (i32.const 0))
  (func (export "sum") (param $n i32) (result i32)
    (local $total i32)
    (loop $again
      (local.set $total (i32.add (local.get $total) (local.get $n)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $total))
  (func (export "choose") (param $which i32) (result f64)
    (block $two (block $one (block $zero (br_table $zero $one $two (local.get $which))))
      (return (f64.const 1.5)))
    (if (result f64) (i32.eqz (local.get $which)) (then (f64.const -1)) (else (i64.store (i32.const 8) (i64.const -9000000000)) (f64.load (i32.const 8)))))
  (func (export "fill") (memory.fill (i32.const 0) (i32.const 64) (i32.const 100)) (drop (i32.trunc_sat_f64_s (f64.const 1e30)))))`;

const wasm = assembled(MODULE);
const counting = countInstructions(wasm);
const instance = (bytes) => new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;

test("each pass of a loop counts, and nothing that is not executed", () => {
  const { sum, instructions } = instance(counting);
  const costs = [1, 2, 10].map((n) => {
    const before = instructions.value;
    sum(n);
    return Number(instructions.value - before);
  });
  const [one, two, ten] = costs;
  assert.equal(two - one, 9, "a pass: four for the sum, four for the next number, the branch");
  assert.equal(ten - one, 9 * 9);
  // The loop itself, its end, the result, and the function's end.
  assert.equal(one, 9 + 4);
});

test("a module that is counted does the same", () => {
  const [plain, counted] = [instance(wasm), instance(counting)];
  for (const n of [1, 7, 300]) assert.equal(counted.sum(n), plain.sum(n));
  for (const which of [0, 1, 2, 9]) assert.equal(counted.choose(which), plain.choose(which));
  counted.fill();
  assert.deepEqual(Object.keys(counted).sort(), [...Object.keys(plain), "instructions"].sort());
});

test("an instruction that the counter does not know is refused, rather than counted wrongly", () => {
  const vector = assembled(`(module (global (mut i32) (i32.const 0)) (func (export "f") (drop (v128.const i32x4 1 2 3 4))))`);
  assert.throws(() => countInstructions(vector), /does not know/);
});
