// wasm-opt, as it comes from npm.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const WASM_OPT = fileURLToPath(new URL("../node_modules/binaryen/bin/wasm-opt", import.meta.url));

// The features that the module may use, wasm-opt reads from its `target_features` section.
// What stays a function of its own repeats less: inlining saves bytes, but not packed ones, unless the function is tiny.
// Flattening finds more, and a second time a little more again, after what is known of the whole module was put to use.
const INLINE = ["--one-caller-inline-max-function-size=20", "--always-inline-max-function-size=4"];
const ROUND = ["--flatten", "--rereloop", "-Oz", "-Oz"];
const SHRINK = [...INLINE, ...ROUND, "--gufa-optimizing", ...ROUND];
const STRIP = ["--strip-debug", "--strip-producers", "--strip-target-features"];
// Of the names of imports and exports most are hashes, which no compressor shrinks, and each stands in the glue too.
// (Apart from SHRINK, because `--converge` would rename again and again.)
const RENAME = "--minify-imports-and-exports-and-modules";

/** Runs wasm-opt: `{ bytes, stdout }`. */
export function wasmOpt(input, args) {
  const folder = mkdtempSync(join(tmpdir(), "wasm-opt-"));
  try {
    const [from, to] = [join(folder, "in.wasm"), join(folder, "out.wasm")];
    writeFileSync(from, input);
    const stdout = execFileSync(process.execPath, [WASM_OPT, from, ...args, "-o", to], {
      encoding: "utf8",
      maxBuffer: 1 << 26,
    });
    return { bytes: readFileSync(to), stdout };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The module without the exports that are not in `kept`, and without what only they used. Names stay. */
export function removeExports(input, kept) {
  const unused = WebAssembly.Module.exports(new WebAssembly.Module(input)).filter(({ name }) => !kept.has(name));
  const remove = unused.map(({ name }) => `--remove-exports=${name}`);
  return wasmOpt(input, ["--debuginfo", ...remove, "--remove-unused-module-elements"]).bytes;
}

/**
 * The module as small as wasm-opt makes it.
 * @returns {{ bytes: Buffer, named: Buffer, names: Map<string, string>, importModule: string }} `names`: the new name of each
 *   import and export by its old one; `named`: the same module, with the names of its functions
 */
export function optimise(input) {
  const named = wasmOpt(input, [...SHRINK, "--debuginfo"]).bytes;
  const { bytes, stdout } = wasmOpt(named, [...STRIP, RENAME]);
  const { imports, exports } = JSON.parse(stdout);
  const names = new Map([...imports.map(([, name, short]) => [name, short]), ...exports]);
  const [{ module: importModule }] = WebAssembly.Module.imports(new WebAssembly.Module(bytes));
  return { bytes, named, names, importModule };
}
