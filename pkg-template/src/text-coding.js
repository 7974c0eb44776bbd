// @ts-check
// The text encodings that the glue needs, also where the host hides its own: Jest's jsdom environment has neither
// `TextDecoder` nor `TextEncoder`. Slow, and only for that.

class Decoder {
  /** @param {Uint8Array} [bytes] valid UTF-8, which is all that the core writes */
  decode(bytes = new Uint8Array(0)) {
    let escaped = "";
    for (const byte of bytes) escaped += `%${(byte + 256).toString(16).slice(1)}`;
    return decodeURIComponent(escaped);
  }
}

class Encoder {
  /** @param {string} text @param {Uint8Array} view */
  encodeInto(text, view) {
    // As the real one does, half of a pair becomes U+FFFD. (Where Jest runs, Node 20 and newer, strings have the method.)
    const escaped = encodeURIComponent(/** @type {any} */ (text).toWellFormed());
    let written = 0;
    for (let at = 0; at < escaped.length; at++) {
      const isByte = escaped[at] === "%";
      view[written++] = isByte ? parseInt(escaped.slice(at + 1, at + 3), 16) : escaped.charCodeAt(at);
      if (isByte) at += 2;
    }
    return { read: text.length, written };
  }
}

export function textCoding() {
  const { TextDecoder = Decoder, TextEncoder = Encoder } = globalThis;
  return { TextDecoder, TextEncoder };
}
