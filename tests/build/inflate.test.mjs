// The package's own inflate gives what zlib deflated.

import assert from "node:assert/strict";
import { test } from "node:test";
import { constants, deflateRawSync } from "node:zlib";
import { inflate } from "../../pkg-template/src/load/inflate.js";

/** A repeatable random byte source (mulberry32). */
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Bytes that deflate well in places: runs, copies from near and far, noise. */
function sample(seed, size) {
  const next = random(seed);
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; ) {
    const kind = next();
    const length = Math.min(size - at, 1 + Math.floor(next() ** 3 * 600));
    const back = 1 + Math.floor(next() ** 2 * Math.min(at, 32768));
    const byte = Math.floor(next() * 256);
    for (let i = 0; i < length; i++, at++) {
      bytes[at] = kind < 0.2 ? byte : kind < 0.7 && at >= back ? bytes[at - back] : Math.floor(next() * (kind < 0.85 ? 256 : 20));
    }
  }
  return bytes;
}

const SETTINGS = {
  stored: { level: 0 },
  fast: { level: 1 },
  best: { level: 9, memLevel: 9 },
  "small blocks": { level: 9, memLevel: 1 },
  "fixed codes": { level: 9, strategy: constants.Z_FIXED },
  "no copies": { level: 9, strategy: constants.Z_HUFFMAN_ONLY },
  "runs only": { strategy: constants.Z_RLE },
};

for (const [name, options] of Object.entries(SETTINGS)) {
  test(`inflates what zlib deflates: ${name}`, () => {
    const cases = [Buffer.alloc(0), Buffer.from("a"), Buffer.alloc(300_000), Buffer.from("abc".repeat(50_000))];
    for (let seed = 1; seed <= 30; seed++) cases.push(sample(seed, Math.floor(random(seed)() * 150_000)));
    for (const bytes of cases) {
      const out = inflate(deflateRawSync(bytes, options), bytes.length);
      assert.ok(bytes.equals(out), `${bytes.length} bytes`);
    }
  });
}
