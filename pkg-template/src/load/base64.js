// @ts-check

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/**
 * The bytes of base64 without padding, whose length is a multiple of four. A plain loop: `Uint8Array.from(text, fn)` takes ten
 * times as long.
 *
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 */
export const decode = (text) => {
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
