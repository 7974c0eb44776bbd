// @ts-check
// The default: the module is in this very file, packed, as base64. No file system, no URL, no top-level await, so it works
// in every runtime and through every bundler, also when the bundle is moved to another folder.

import { PACKED, SIZE, SOURCE, UNPACKER } from "#packed";
import { decode } from "./base64.js";

/** @returns {Promise<WebAssembly.Module>} */
export const load = async () => {
  // It is small enough for the main thread of every browser.
  const { exports } = /** @type {any} */ (new WebAssembly.Instance(new WebAssembly.Module(decode(UNPACKER))));
  const memory = new Uint8Array(exports.memory.buffer);
  const packed = decode(PACKED);
  const out = SOURCE + packed.length;
  memory.set(packed, SOURCE);
  exports.unpack(SOURCE, packed.length, out, SIZE);
  return WebAssembly.compile(memory.subarray(out, out + SIZE));
};
