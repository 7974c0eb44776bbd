// The WebAssembly that unpacks the module where the package runs, three and a half kilobytes: from the crate in `unpack/`.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { wasmOpt } from "./optimise.mjs";

/** The unpacker's memory: its own data below `source`, then what is packed, then what comes out. */
export const MEMORY = { size: 2_097_152, source: 1_179_648 };

/** How many trees it has (`unpack/src/model.rs`). */
export const TREES = 9;

const FLAGS = ["-Clink-arg=-zstack-size=1024", `-Clink-arg=--initial-memory=${MEMORY.size}`];

/** What the module itself may use, too; and what is called for every byte stays a function, which engines compile well early. */
const FEATURES = ["--enable-bulk-memory", "--enable-nontrapping-float-to-int", "--enable-sign-ext"];
const ARGS = [...FEATURES, "--one-caller-inline-max-function-size=20", "-Oz", "-Oz"];
const STRIP = ["--remove-exports=__data_end", "--remove-exports=__heap_base", "--strip-debug", "--strip-producers", "--strip-target-features"];

/** What only the build asks for (`encode.mjs`). */
const OURS = ["pack", "begin", "tree_of"].map((name) => `--remove-exports=${name}`);

/** @returns {{ unpacker: Buffer, packer: Buffer }} what is shipped, and the same with the exports for the build */
export function buildUnpacker({ root, env }) {
  const folder = join(root, "unpack");
  const target = join(root, "target/unpack");
  const args = ["build", "--quiet", "--release", "--locked", "--target", "wasm32-unknown-unknown", "--target-dir", target];
  execFileSync("cargo", args, { cwd: folder, env: { ...env, RUSTFLAGS: FLAGS.join(" ") }, stdio: ["ignore", "inherit", "inherit"] });
  const built = readFileSync(join(target, "wasm32-unknown-unknown/release/lamina_unpack.wasm"));
  const { __heap_base: end } = new WebAssembly.Instance(new WebAssembly.Module(built)).exports;
  if (end.value > MEMORY.source) throw new Error(`the unpacker's own data ends at ${end.value}, beyond ${MEMORY.source}`);
  const optimise = (args) => wasmOpt(built, [...args, ...ARGS, ...STRIP]).bytes;
  return { unpacker: optimise([...OURS, "--remove-unused-module-elements"]), packer: optimise([]) };
}
