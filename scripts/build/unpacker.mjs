// The three kilobytes of WebAssembly that unpack the module where the package runs: from the crate in `unpack/`.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { wasmOpt } from "./optimise.mjs";

/** The unpacker's memory: its own data below `source`, then what is packed, then what comes out, then what it is made of. */
export const MEMORY = { size: 1_048_576, source: 16_384 };

const FLAGS = ["-Clink-arg=-zstack-size=1024", `-Clink-arg=--initial-memory=${MEMORY.size}`];

const ARGS = ["--enable-bulk-memory", "-Oz", "-Oz", "--remove-exports=__data_end", "--remove-exports=__heap_base"];
const STRIP = ["--strip-debug", "--strip-producers", "--strip-target-features"];

/** What only the build asks for (`encode.mjs`). */
const OURS = ["--remove-exports=begin", "--remove-exports=stream"];

/** @returns {{ unpacker: Buffer, streamer: Buffer }} what is shipped, and the same with the exports for the build */
export function buildUnpacker({ root, env }) {
  const folder = join(root, "unpack");
  const target = join(root, "target/unpack");
  const args = ["build", "--quiet", "--release", "--locked", "--target", "wasm32-unknown-unknown", "--target-dir", target];
  execFileSync("cargo", args, { cwd: folder, env: { ...env, RUSTFLAGS: FLAGS.join(" ") }, stdio: ["ignore", "inherit", "inherit"] });
  const built = readFileSync(join(target, "wasm32-unknown-unknown/release/lamina_unpack.wasm"));
  const optimise = (args) => wasmOpt(built, [...args, ...ARGS, ...STRIP]).bytes;
  return { unpacker: optimise([...OURS, "--remove-unused-module-elements"]), streamer: optimise([]) };
}
