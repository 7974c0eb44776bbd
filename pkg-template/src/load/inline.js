// @ts-check
// The default: the module is in this very file, deflated, as base64. No file system, no URL, no top-level await, so it works
// in every server runtime and through every bundler, also when the bundle is moved to another folder.

import { BASE64, SIZE } from "#bytes";
import { inflate } from "./inflate.js";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/**
 * The bytes of base64 whose length is a multiple of four; what stands for padding gives a few bytes too many. A plain loop:
 * `Uint8Array.from(text, fn)` takes ten times as long.
 *
 * @param {string} text
 */
const decode = (text) => {
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
export const load = () => WebAssembly.compile(inflate(decode(BASE64), SIZE));
