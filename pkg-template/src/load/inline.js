// @ts-check
// The default: the module is in this very file, packed, as text. No file system, no URL, no top-level await, so it works
// in every runtime and through every bundler, also when the bundle is moved to another folder.

import { BEGIN, END, PACKED, SIZE, SOURCE, UNPACKER } from "#packed";

/** The bytes of what `asText` in `scripts/build/encode.mjs` made of them. */
const bytesOf = (/** @type {string} */ text) => {
  const bytes = [];
  let more = -44;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 125) more += 91;
    else {
      bytes.push(code + more);
      more = -44;
    }
  }
  return new Uint8Array(bytes);
};

/** @returns {Promise<WebAssembly.Module>} */
export const load = async () => {
  // It is small enough for the main thread of every browser.
  const { exports } = /** @type {any} */ (new WebAssembly.Instance(new WebAssembly.Module(bytesOf(UNPACKER))));
  const memory = new Uint8Array(exports.memory.buffer);
  const out = SOURCE + PACKED.length;
  for (let i = 0; i < PACKED.length; i++) memory[SOURCE + i] = PACKED.charCodeAt(i);
  exports.unpack(SOURCE, PACKED.length, out, SIZE, BEGIN, END);
  return WebAssembly.compile(memory.subarray(out, out + SIZE));
};
