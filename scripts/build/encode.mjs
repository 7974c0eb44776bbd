// The module as text: its streams packed by LZMA, then base64. Over the wire, gzip undoes what base64 adds.

import { spawnSync } from "node:child_process";
import { MEMORY } from "./unpacker.mjs";
import { functions } from "./wasm-file.mjs";

/** What the unpacker is written for (`unpack/src/lzma.rs`); the rest is how hard to look for matches. */
const FILTER = "lc=2,lp=0,pb=0,mode=normal,nice=273,mf=bt4,depth=1000,dict=1MiB";
/** How many streams a module is taken apart into (`unpack/src/structure.rs`). */
const STREAMS = 7;

/** The bytes of a module by their kinds, with where its functions and each kind begin in front: 6 % less when it is packed. */
function takeApart(bytes, streamer) {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(streamer));
  const { begin, end } = functions(bytes);
  exports.begin(begin, end);
  const streams = Array.from({ length: STREAMS }, () => []);
  for (const byte of bytes) streams[exports.stream(byte)].push(byte);
  const head = new Uint32Array(2 + STREAMS).fill(begin, 0, 1).fill(end, 1, 2);
  let start = head.byteLength;
  streams.forEach((stream, index) => {
    head[2 + index] = start;
    start += stream.length;
  });
  return Buffer.concat([Buffer.from(head.buffer), ...streams.map((stream) => Buffer.from(stream))]);
}

/** A module's bytes, packed: its streams by LZMA, which is 7 % less than the best deflate. */
export function pack(bytes, streamer) {
  const input = takeApart(bytes, streamer);
  const { status, stdout, error, stderr } = spawnSync("xz", ["--format=raw", `--lzma1=${FILTER}`, "--stdout"], { input, maxBuffer: 1 << 26 });
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
 * @param {ReturnType<typeof import("./unpacker.mjs").buildUnpacker>} built what packs and unpacks it
 */
export function encode(wasm, { unpacker, streamer }) {
  const packed = pack(wasm, streamer);
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
