// The module as text: packed by LZMA, then base64. Over the wire, gzip undoes what base64 adds.

import { spawnSync } from "node:child_process";
import { MEMORY } from "./unpacker.mjs";

/** What the unpacker is written for (`unpack/src/lzma.rs`); the rest is how hard to look for matches. */
const FILTER = "lc=3,lp=0,pb=0,mode=normal,nice=273,mf=bt4,depth=1000,dict=1MiB";

/** What LZMA makes of bytes: 7 % less than the best deflate does. */
export function pack(bytes) {
  const { status, stdout, error, stderr } = spawnSync("xz", ["--format=raw", `--lzma1=${FILTER}`, "--stdout"], { input: bytes, maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`xz packed nothing: ${error?.message ?? stderr}`);
  return stdout;
}

/** What the unpacker makes of what was packed, as `load/inline.js` asks it. */
export function unpack(unpacker, packed, size) {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(unpacker));
  const memory = new Uint8Array(exports.memory.buffer);
  const end = MEMORY.source + packed.length;
  memory.set(packed, MEMORY.source);
  exports.unpack(MEMORY.source, packed.length, end, size);
  return memory.slice(end, end + size);
}

/** As `load/inline.js` reads it: of a length that is a multiple of four, with a few bytes too many for padding. */
const base64 = (bytes) => bytes.toString("base64").replaceAll("=", "A");

/** The source of `#bytes`, which `load/inline.js` imports. */
export function encode(wasm, unpacker) {
  const packed = pack(wasm);
  if (!wasm.equals(unpack(unpacker, packed, wasm.length))) throw new Error("what was packed does not come out again");
  return [
    `export const SIZE = ${wasm.length};`,
    `export const SOURCE = ${MEMORY.source};`,
    `export const UNPACKER = "${base64(unpacker)}";`,
    `export const BASE64 = "${base64(packed)}";\n`,
  ].join("\n");
}
