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

/** A module's base64, without padding: an empty custom section fills its length up to a multiple of three. */
function base64OfModule(wasm) {
  const spare = [[], [0, 2, 0, 0], [0, 3, 0, 0, 0]][(3 - (wasm.length % 3)) % 3];
  return Buffer.concat([wasm, Buffer.from(spare)]).toString("base64");
}

/**
 * The sources of what the loaders import: `{ "#packed", "#module" }`.
 * @param {Buffer} wasm the module
 * @param {Buffer} unpacker what unpacks it
 */
export function encode(wasm, unpacker) {
  const packed = pack(wasm);
  if (!wasm.equals(unpack(unpacker, packed, wasm.length))) throw new Error("what was packed does not come out again");
  return {
    "#packed": [
      `export const SIZE = ${wasm.length};`,
      `export const SOURCE = ${MEMORY.source};`,
      `export const UNPACKER = "${base64OfModule(unpacker)}";`,
      // A few bytes too many for padding do no harm.
      `export const PACKED = "${packed.toString("base64").replaceAll("=", "A")}";\n`,
    ].join("\n"),
    "#module": `export const MODULE = "${base64OfModule(wasm)}";\n`,
  };
}
