// The module as text: packed by the code that unpacks it (`unpack/`), which writes characters.

import { MEMORY, TREES } from "./unpacker.mjs";
import { functions } from "./wasm-file.mjs";

/** How far a leaf of a tree may be from its root (`unpack/src/model.rs`). */
const LONGEST = 10;

/** How far each byte's leaf is from the root of a Huffman tree; 0 for a byte that does not occur. */
function lengthsOf(counts) {
  const lengths = new Uint8Array(256);
  const nodes = counts.flatMap((count, byte) => (count ? [{ count, bytes: [byte] }] : []));
  if (nodes.length === 1) lengths[nodes[0].bytes[0]] = 1;
  while (nodes.length > 1) {
    nodes.sort((a, b) => b.count - a.count);
    const [a, b] = nodes.splice(-2);
    const bytes = [...a.bytes, ...b.bytes];
    for (const byte of bytes) lengths[byte]++;
    nodes.push({ count: a.count + b.count, bytes });
  }
  // A tree of more alike counts is less deep.
  return Math.max(...lengths) > LONGEST ? lengthsOf(counts.map((count) => (count + 1) >> 1)) : lengths;
}

/** A fresh instance with the bytes of each of `parts` in its memory, one behind the other, and room for `size` bytes behind them. */
function instance(wasm, parts, size) {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm));
  const { memory } = exports;
  const end = parts.reduce((at, part) => at + part.length, MEMORY.source);
  memory.grow(Math.max(0, Math.ceil((end + size - memory.buffer.byteLength) / 65_536)));
  const bytes = new Uint8Array(memory.buffer);
  let at = MEMORY.source;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return { exports, end, result: (length) => Buffer.from(bytes.subarray(end, end + length)) };
}

/** How often each tree has each byte. */
function countsOf(bytes, packer, { begin, end }) {
  const { exports } = instance(packer, [], 0);
  const counts = Array.from({ length: TREES }, () => new Array(256).fill(0));
  exports.begin(begin, end);
  for (const byte of bytes) counts[exports.tree_of(byte)][byte]++;
  return counts;
}

/** A module's bytes, packed: characters. */
export function pack(bytes, packer, places = functions(bytes)) {
  const lengths = Buffer.concat(countsOf(bytes, packer, places).map(lengthsOf));
  const room = bytes.length * 2 + 2_048;
  const { exports, end: out, result } = instance(packer, [lengths, bytes], room);
  return result(exports.pack(MEMORY.source + lengths.length, bytes.length, MEMORY.source, out, room, places.begin, places.end));
}

/** What the unpacker makes of what was packed, as `load/inline.js` asks it. */
export function unpack(unpacker, packed, { length, begin, end }) {
  const { exports, end: out, result } = instance(unpacker, [packed], 0);
  exports.unpack(MEMORY.source, packed.length, out, length, begin, end);
  return result(length);
}

/**
 * The unpacker as text: a character for each byte, in which gzip still finds what repeats (base64 would hide it: a seventh more).
 * It begins with `#`, which stands for 247, for the numbers from there to 81 are the most; a `~` in front adds 91.
 */
const asText = (bytes) =>
  Array.from(bytes, (byte) => {
    const number = (byte + 9) & 255;
    return "~".repeat(number / 91) + String.fromCharCode(35 + (number % 91));
  }).join("");

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
export function encode(wasm, { unpacker, packer }) {
  const packed = pack(wasm, packer);
  const { begin, end } = functions(wasm);
  const unpacked = unpack(unpacker, packed, { length: wasm.length, begin, end });
  if (!wasm.equals(unpacked)) throw new Error("what was packed does not come out again");
  return {
    "#packed": [
      `export const SIZE = ${wasm.length};`,
      `export const BEGIN = ${begin};`,
      `export const END = ${end};`,
      `export const SOURCE = ${MEMORY.source};`,
      `export const UNPACKER = ${JSON.stringify(asText(unpacker))};`,
      `export const PACKED = ${JSON.stringify(packed.toString("latin1"))};\n`,
    ].join("\n"),
    "#module": `export const MODULE = "${base64OfModule(wasm)}";\n`,
  };
}
