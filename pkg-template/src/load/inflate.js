// @ts-check
// Inflates a raw deflate stream (RFC 1951). Our own, because it is smaller than any published one (0.8 KB gzip instead of
// the 1.9 KB of fflate's): it trusts its input, which the build made and the tests compare.
//
// Not `DecompressionStream`: jsdom and older Bun lack it, and in Node it takes longer to start than this takes in all.

/** The order in which a dynamic block gives the lengths of its length codes. */
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/**
 * A Huffman code as a table that maps the next `longest` bits to `symbol << 4 | length`.
 *
 * @param {ArrayLike<number>} lengths the length of each symbol's code, 0 where it has none
 */
const table = (lengths) => {
  let longest = 0;
  for (let i = 0; i < lengths.length; i++) if (lengths[i] > longest) longest = lengths[i];
  const map = new Uint16Array(1 << longest);
  let code = 0; // canonical, its bits reversed, as they come in the stream
  for (let length = 1; length <= longest; length++) {
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] !== length) continue;
      for (let at = code; at < map.length; at += 1 << length) map[at] = (symbol << 4) | length;
      let bit = 1 << (length - 1);
      while (code & bit) {
        code ^= bit;
        bit >>= 1;
      }
      code |= bit;
    }
  }
  return map;
};

/**
 * @param {Uint8Array} source a raw deflate stream
 * @param {number} size how many bytes it holds
 */
export const inflate = (source, size) => {
  const out = new Uint8Array(size);
  let at = 0;
  let end = 0;
  let buffer = 0;
  let held = 0;

  /** The next `count` bits, 15 at most; they stay. @param {number} count */
  const peek = (count) => {
    while (held < count) {
      buffer |= source[at++] << held;
      held += 8;
    }
    return buffer & ((1 << count) - 1);
  };
  /** The next `count` bits. @param {number} count */
  const take = (count) => {
    const bits = peek(count);
    buffer >>>= count;
    held -= count;
    return bits;
  };
  /** The next symbol of a code. @param {Uint16Array} code */
  const symbol = (code) => {
    const entry = code[peek(31 - Math.clz32(code.length))];
    take(entry & 15);
    return entry >> 4;
  };
  /** `base + extra bits` of the `index`-th class of lengths (4 to a bit) or distances (2). @param {number} index @param {number} log */
  const extra = (index, log) => {
    const bits = (index >> log) - 1;
    return bits < 1 ? index : (((index & ((1 << log) - 1)) | (1 << log)) << bits) + take(bits);
  };

  for (let last = 0; !last; ) {
    last = take(1);
    const type = take(2);
    if (!type) {
      take(held & 7);
      let length = take(8) | (take(8) << 8);
      take(8);
      take(8);
      while (length--) out[end++] = take(8);
      continue;
    }
    /** @type {number[]} */
    let lengths = [];
    let literals = 288;
    if (type === 1) {
      for (let i = 0; i < 320; i++) lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : i < 288 ? 8 : 5;
    } else {
      literals = take(5) + 257;
      const all = literals + take(5) + 1;
      const first = Array(19).fill(0);
      for (let i = 0, count = take(4) + 4; i < count; i++) first[ORDER[i]] = take(3);
      const code = table(first);
      while (lengths.length < all) {
        const value = symbol(code);
        let times = value < 16 ? 1 : value === 16 ? 3 + take(2) : value === 17 ? 3 + take(3) : 11 + take(7);
        const length = value < 16 ? value : value === 16 ? lengths[lengths.length - 1] : 0;
        while (times--) lengths.push(length);
      }
    }
    const literal = table(lengths.slice(0, literals));
    const distance = table(lengths.slice(literals));
    for (let value; (value = symbol(literal)) !== 256; ) {
      if (value < 256) {
        out[end++] = value;
        continue;
      }
      let length = value === 285 ? 258 : extra(value - 257, 2) + 3;
      const back = extra(symbol(distance), 1) + 1;
      for (; length--; end++) out[end] = out[end - back];
    }
  }
  return out;
};
