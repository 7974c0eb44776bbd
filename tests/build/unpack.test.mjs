// The unpacker that the package holds gives what was packed, and comes to an end whatever it is given.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { pack, unpack } from "../../scripts/build/encode.mjs";
import { buildUnpacker } from "../../scripts/build/unpacker.mjs";

const { unpacker, streamer } = buildUnpacker({ root: fileURLToPath(new URL("../..", import.meta.url)), env: process.env });

/** A repeatable random byte source (mulberry32). */
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Bytes that pack well in places: runs, copies from near and far, noise. */
function sample(seed, size) {
  const next = random(seed);
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; ) {
    const kind = next();
    const length = Math.min(size - at, 1 + Math.floor(next() ** 3 * 600));
    const back = 1 + Math.floor(next() ** 2 * Math.min(at, 100_000));
    const byte = Math.floor(next() * 256);
    for (let i = 0; i < length; i++, at++) {
      bytes[at] = kind < 0.2 ? byte : kind < 0.7 && at >= back ? bytes[at - back] : Math.floor(next() * (kind < 0.85 ? 256 : 20));
    }
  }
  return bytes;
}

test("unpacks what was packed: modules, and anything else", () => {
  const cases = [unpacker, streamer, readFileSync(new URL("../../pkg/lamina_bg.wasm", import.meta.url)), Buffer.from("a"), Buffer.alloc(200_000), Buffer.from("abc".repeat(50_000))];
  for (let seed = 1; seed <= 40; seed++) cases.push(sample(seed, 1 + Math.floor(random(seed)() * 150_000)));
  for (const bytes of cases) assert.ok(bytes.equals(unpack(unpacker, pack(bytes, streamer), bytes.length)), `${bytes.length} bytes`);
});

test("what is cut off or broken comes to an end, and leaves no byte beyond its room", () => {
  const bytes = sample(7, 60_000);
  const packed = pack(bytes, streamer);
  const next = random(11);
  for (let round = 0; round < 200; round++) {
    const broken = Buffer.from(packed.subarray(0, Math.floor(next() * packed.length)));
    for (let i = 0; i < 5; i++) broken[Math.floor(next() * broken.length)] = Math.floor(next() * 256);
    assert.equal(unpack(unpacker, broken, bytes.length).length, bytes.length);
  }
});

test("it is no more than three kilobytes", () => assert.ok(unpacker.length <= 3_072, `${unpacker.length} bytes`));
