// @ts-check
// The default: the module is in this very file, packed, as base64. No file system, no URL, no top-level await, so it works
// in every server runtime and through every bundler, also when the bundle is moved to another folder.

import { BASE64, SIZE, SOURCE, UNPACKER } from "#bytes";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/**
 * The bytes of base64 whose length is a multiple of four; what stands for padding gives a few bytes too many. A plain loop:
 * `Uint8Array.from(text, fn)` takes ten times as long.
 *
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 */
const decode = (text) => {
  // Where the host has it, this takes no time.
  const host = /** @type {any} */ (globalThis);
  if (host.Buffer) return host.Buffer.from(text, "base64");
  const values = new Uint8Array(128);
  for (let i = 0; i < 64; i++) values[ALPHABET.charCodeAt(i)] = i;
  const next = () => values[text.charCodeAt(from++)];
  const bytes = new Uint8Array((text.length / 4) * 3);
  let from = 0;
  for (let to = 0; to < bytes.length; ) {
    const bits = (next() << 18) | (next() << 12) | (next() << 6) | next();
    bytes[to++] = bits >> 16;
    bytes[to++] = bits >> 8;
    bytes[to++] = bits;
  }
  return bytes;
};

/** @returns {Promise<WebAssembly.Module>} */
export const load = async () => {
  // It is small enough for the main thread of every browser.
  const { exports } = /** @type {any} */ (new WebAssembly.Instance(new WebAssembly.Module(decode(UNPACKER))));
  const memory = new Uint8Array(exports.memory.buffer);
  const packed = decode(BASE64);
  const out = SOURCE + packed.length;
  memory.set(packed, SOURCE);
  exports.unpack(SOURCE, packed.length, out, SIZE);
  return WebAssembly.compile(memory.subarray(out, out + SIZE));
};
