// @ts-check
// The default: the module is in this very file, deflated, as base64. No file system, no URL, no top-level await, so it works
// in every server runtime and through every bundler, also when the bundle is moved to another folder.

import { BASE64, SIZE } from "#bytes";
import { inflate } from "./inflate.js";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The bytes of unpadded base64, by a plain loop: `Uint8Array.from(text, fn)` takes ten times as long. @param {string} text */
const decode = (text) => {
  const values = new Uint8Array(128);
  for (let i = 0; i < 64; i++) values[ALPHABET.charCodeAt(i)] = i;
  const bytes = new Uint8Array((text.length * 3) >> 2);
  for (let i = 0, at = 0, bits = 0; i < text.length; i++) {
    bits = (bits << 6) | values[text.charCodeAt(i)];
    if (i & 3) bytes[at++] = bits >> (6 - 2 * (i & 3));
  }
  return bytes;
};

/** @returns {Promise<WebAssembly.Module>} */
export const load = () => WebAssembly.compile(inflate(decode(BASE64), SIZE));
