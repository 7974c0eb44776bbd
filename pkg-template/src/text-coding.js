// @ts-check
// The text encodings that the glue needs, also where the host hides its own: Jest's jsdom environment has neither
// `TextDecoder` nor `TextEncoder`. Slow, and only for that.

class Decoder {
  /** @param {Uint8Array} bytes valid UTF-8, which is all that the core writes */
  decode(bytes) {
    return decodeURIComponent(Array.from(bytes, (byte) => `%${(byte + 256).toString(16).slice(1)}`).join(""));
  }
}

class Encoder {
  /** @param {string} text not empty */
  encode(text) {
    // As the real one does, half of a pair becomes U+FFFD. (Where Jest runs, Node 20 and newer, strings have the method.)
    const parts = encodeURIComponent(/** @type {any} */ (text).toWellFormed()).match(/%..|./g);
    return Uint8Array.from(/** @type {string[]} */ (parts), (part) => (part[1] ? Number(part.replace("%", "0x")) : part.charCodeAt(0)));
  }
}

export function textCoding() {
  const { TextDecoder = Decoder, TextEncoder = Encoder } = globalThis;
  return { TextDecoder, TextEncoder };
}
