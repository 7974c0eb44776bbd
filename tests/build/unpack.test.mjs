// The unpacker that the package holds gives what was packed, and comes to an end whatever it is given.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { deflateRawSync, gzipSync } from "node:zlib";
import { encode, pack, unpack } from "../../scripts/build/encode.mjs";
import { buildUnpacker } from "../../scripts/build/unpacker.mjs";
import { functions } from "../../scripts/build/wasm-file.mjs";

const { unpacker, packer } = buildUnpacker({ root: fileURLToPath(new URL("../..", import.meta.url)), env: process.env });

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

const MODULE = readFileSync(new URL("../../pkg/lamina_bg.wasm", import.meta.url));
const unpacked = (packed, bytes) => unpack(unpacker, packed, { length: bytes.length, ...functions(bytes) });

test("unpacks what was packed: modules, and anything else", () => {
  const cases = [unpacker, packer, MODULE, Buffer.from("a"), Buffer.alloc(200_000), Buffer.from("abc".repeat(50_000)), Buffer.alloc(70_000, 0xff)];
  // Every byte, as often as makes trees as deep as they can be; and one that its tree is alone with.
  cases.push(Buffer.concat(Array.from({ length: 256 }, (_, byte) => Buffer.alloc(1 + Math.floor(1.07 ** byte / 1_000), byte))));
  for (let seed = 1; seed <= 40; seed++) cases.push(sample(seed, 1 + Math.floor(random(seed)() * 150_000)));
  for (const bytes of cases) assert.ok(bytes.equals(unpacked(pack(bytes, packer), bytes)), `${bytes.length} bytes`);
});

test("modules of which bytes were changed are unpacked as they are", () => {
  const next = random(5);
  for (let round = 0; round < 20; round++) {
    const bytes = Buffer.from(MODULE);
    for (let i = 0; i < 50; i++) bytes[1_000 + Math.floor(next() * (bytes.length - 1_000))] = Math.floor(next() * 256);
    const places = functions(MODULE);
    const packed = pack(bytes, packer, places);
    assert.ok(bytes.equals(unpack(unpacker, packed, { length: bytes.length, ...places })), `round ${round}`);
  }
});

test("what is cut off or broken comes to an end, and leaves no byte beyond its room", () => {
  for (const bytes of [sample(7, 60_000), MODULE]) {
    const packed = pack(bytes, packer);
    const next = random(11);
    for (let round = 0; round < 100; round++) {
      const broken = Buffer.from(packed.subarray(0, Math.floor(next() * packed.length)));
      for (let i = 0; i < 5; i++) broken[Math.floor(next() * broken.length)] = Math.floor(next() * 256);
      assert.equal(unpacked(broken, bytes).length, bytes.length);
    }
  }
});

test("what is packed are characters that a string holds as they are", () => {
  assert.match(pack(MODULE, packer).toString("latin1"), /^[(-[\]-|]+$/);
  const { "#packed": source } = encode(MODULE, { unpacker, packer });
  assert.doesNotMatch(source.replaceAll("\\\\", ""), /\\|[^\n -~]/);
});

test("it takes a sixth off what the best deflate makes of the module", () => {
  const deflated = deflateRawSync(MODULE, { level: 9 }).length;
  const { length } = gzipSync(pack(MODULE, packer), { level: 9 });
  assert.ok(length < (deflated * 5) / 6, `${length} of ${deflated} bytes`);
});

test("it is no more than three and a half kilobytes", () => assert.ok(unpacker.length <= 3_584, `${unpacker.length} bytes`));
