// @ts-check
// Inflates a raw deflate stream (RFC 1951). Our own, because it is a third of the size of fflate's, and as fast: it trusts its
// input, which the build made and the tests compare.
//
// Not `DecompressionStream`: jsdom and older Bun lack it, and in Node it takes longer to start than this takes in all.
// It runs once, before any compiler has warmed up, so what is long goes to built-ins (`copyWithin`, `indexOf`).

/** The order in which a dynamic block gives the lengths of its length codes. */
const ORDER = /* @__PURE__ */ [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/**
 * A Huffman code as a table that maps the next bits of the stream to `symbol << 4 | length`.
 *
 * @param {number[]} lengths the length of each symbol's code, 0 where it has none
 */
const table = (lengths) => {
  const longest = Math.max(...lengths);
  const map = new Uint16Array(1 << longest);
  let code = 0; // canonical, its bits reversed, as they come in the stream
  for (let length = 1; length <= longest; length++) {
    // What a shorter code decides, it decides whatever bit comes next.
    map.copyWithin(1 << (length - 1), 0, 1 << (length - 1));
    for (let symbol = -1; (symbol = lengths.indexOf(length, symbol + 1)) >= 0; ) {
      map[code] = (symbol << 4) | length;
      let bit = 1 << (length - 1);
      for (; code & bit; bit >>= 1) code ^= bit;
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
  let end = 0;
  let at = 0; // in bits

  /** 17 bits or more from `at` on. */
  const bits = () => {
    const byte = at >> 3;
    return (source[byte] | (source[byte + 1] << 8) | (source[byte + 2] << 16)) >> (at & 7);
  };
  /** The next `count` bits. @param {number} count */
  const take = (count) => {
    const value = bits() & ((1 << count) - 1);
    at += count;
    return value;
  };
  /** The next symbol of a code. @param {Uint16Array} code */
  const symbol = (code) => {
    const entry = code[bits() & (code.length - 1)];
    at += entry & 15;
    return entry >> 4;
  };
  /** A copy's length (`log` 2) or distance (`log` 1) less its least, out of its class and extra bits. @param {number} index @param {number} log */
  const extra = (index, log) => {
    const count = (index >> log) - 1;
    return count < 1 ? index : (((index & ((1 << log) - 1)) | (1 << log)) << count) + take(count);
  };

  for (let last = 0; !last; ) {
    last = take(1);
    const type = take(2);
    if (!type) {
      at = ((at + 7) >> 3) + 4;
      const length = source[at - 4] | (source[at - 3] << 8);
      out.set(source.subarray(at, at + length), end);
      end += length;
      at = (at + length) << 3;
      continue;
    }
    /** @type {number[]} */
    let lengths = [];
    let literals = 288;
    if (type < 2) {
      for (let i = 0; i < 320; i++) lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : i < 288 ? 8 : 5;
    } else {
      literals = take(5) + 257;
      const all = literals + take(5) + 1;
      const first = Array(19).fill(0);
      for (let i = 0, count = take(4) + 4; i < count; i++) first[ORDER[i]] = take(3);
      const code = table(first);
      while (lengths.length < all) {
        const value = symbol(code);
        let times = value < 16 ? 1 : value < 17 ? 3 + take(2) : value < 18 ? 3 + take(3) : 11 + take(7);
        const length = value < 16 ? value : value < 17 ? lengths[lengths.length - 1] : 0;
        while (times--) lengths.push(length);
      }
    }
    const literal = table(lengths.slice(0, literals));
    const distance = table(lengths.slice(literals));
    for (let value; (value = symbol(literal)) !== 256; ) {
      if (value < 256) {
        out[end++] = value;
      } else {
        let length = value < 285 ? extra(value - 257, 2) + 3 : 258;
        for (let from = end - extra(symbol(distance), 1) - 1; length--; ) out[end++] = out[from++];
      }
    }
  }
  return out;
};
