// The glue's factory: instances that share nothing, no work at import, the module's own names.

import assert from "node:assert/strict";
import { test } from "node:test";
import { glueFactory, neededExports, readGlue } from "../../scripts/build/glue.mjs";

/** As wasm-bindgen generates it, cut down. */
const GLUE = `
/** @param {string} text */
export function push(text) {
  WASM_VECTOR_LEN = cachedTextEncoder.encode(text).length;
  return wasm.push(WASM_VECTOR_LEN);
}
export function __wbg_now_0123(arg0) {
  const ret = laminaHost.now(arg0);
  cachedMemory = wasm.memory;
  return ret;
}
export function tick(call) {
  wasm.tick(call);
}
export function __wbg_say_89ab(arg0, arg1) {
  laminaHost.say(getStringFromWasm0(arg0, arg1));
}
export function __wbg_arm_cdef(arg0, arg1) {
  laminaHost.arm(arg0 >>> 0, arg1);
}
export function __wbg___wbindgen_string_get_0123456789abcdef(arg0, arg1) {
  generated(arg0, arg1);
}
export function __wbg___wbindgen_number_get_0123456789abcdef(arg0, arg1) {
  generated(arg0, arg1);
}
function getStringFromWasm0(ptr, len) {
  return generated(ptr, len);
}
export function __wbg_unused_4567() { return dropped(); }
export function __wbindgen_init_externref_table() { started++; }
function dropped() { return wasm.__unused(); }
let cachedTextDecoder = new TextDecoder('utf-8', { ignoreBOM: true });
cachedTextDecoder.decode();
const cachedTextEncoder = new TextEncoder();
if (!('encodeInto' in cachedTextEncoder)) {
  cachedTextEncoder.encodeInto = function () {};
}
let cachedMemory = null;
let started = 0;
let WASM_VECTOR_LEN = 0;
let wasm;
export function __wbg_set_wasm(val) {
  wasm = val;
}
`;
const GETTERS = ["__wbg___wbindgen_string_get_0123456789abcdef", "__wbg___wbindgen_number_get_0123456789abcdef"];
const IMPORTS = ["__wbg_now_0123", "__wbg_say_89ab", "__wbg_arm_cdef", ...GETTERS, "__wbindgen_init_externref_table"];
const ALL_IMPORTS = [...IMPORTS, "__wbg_unused_4567"];
const NAMES = new Map([
  ["push", "p"],
  ["tick", "t"],
  ["memory", "m"],
  ["__wbindgen_malloc", "l"],
  ["__wbindgen_realloc", "r"],
  ["__wbindgen_start", "s"],
  ["__wbg_now_0123", "a"],
  ["__wbg_say_89ab", "c"],
  ["__wbg_arm_cdef", "d"],
  [GETTERS[0], "e"],
  [GETTERS[1], "f"],
  ["__wbindgen_init_externref_table", "b"],
]);

const source = () => glueFactory(readGlue(GLUE), { allImports: ALL_IMPORTS, imports: IMPORTS, names: NAMES, importModule: "i", constants: { from: 2, to: 6 } });
const load = async () => (await import(`data:text/javascript,${encodeURIComponent(source())}`)).createGlue;

/** What stands for an instance of the module: it adds up what was pushed, and gives out its memory from 64 on. */
function fakeExports(imports = { i: { b() {}, a() {} } }) {
  let sum = 0;
  let end = 64;
  const memory = new WebAssembly.Memory({ initial: 1 });
  const room = (length) => (memory.grow(1), (end += length + 1) - length - 1); // views are of no use after it
  return { m: memory, s: () => imports.i.b(), p: (length) => (sum += length) + imports.i.a(1), t: (call) => `ticked ${call}`, l: room, r: (from, old, length) => room(length) };
}

test("two instances of the glue share nothing", async () => {
  const createGlue = await load();
  const make = (now) => {
    const glue = createGlue({ now: () => now });
    return glue.attach(fakeExports(glue.imports));
  };
  const [one, other] = [make(0), make(100)];
  assert.equal(one.push("abc"), 3);
  assert.equal(other.push("é"), 102);
  assert.equal(one.push("a"), 4);
});

test("the glue offers the functions of the crate and imports what the module wants, by its new names", async () => {
  const glue = (await load())({ now: () => 7 });
  assert.deepEqual(Object.keys(glue.attach(fakeExports(glue.imports))), ["push", "tick"]);
  assert.deepEqual(Object.keys(glue.imports), ["i"]);
  assert.deepEqual(Object.keys(glue.imports.i), ["a", "c", "d", "e", "f", "b"]);
});

test("what only hands its arguments on is no function of the glue", async () => {
  const host = { arm() {}, say() {} };
  const glue = (await load())(host);
  const exports = fakeExports();
  assert.equal(glue.imports.i.d, host.arm);
  assert.notEqual(glue.imports.i.c, host.say);
  assert.equal(glue.attach(exports).tick, exports.t);
});

test("a constant text is read once, another one whenever it is asked for", async () => {
  const said = [];
  const glue = (await load())({ say: (text) => said.push(text) });
  const { c: say } = glue.imports.i;
  const exports = fakeExports();
  glue.attach(exports);
  const everywhere = () => [say(2, 2), say(2, 3), say(5, 1), say(1, 2), say(6, 2)];
  const write = (text) => new Uint8Array(exports.m.buffer).set(Buffer.from(text));
  write("0123456789");
  everywhere();
  write("abcdefghij");
  everywhere();
  assert.deepEqual(said, ["23", "234", "5", "12", "67", "23", "234", "5", "bc", "gh"]);
});

test("a text keeps its byte order mark and whatever else it holds, in both directions", async () => {
  const said = [];
  const glue = (await load())({ say: (text) => said.push(text) });
  const exports = fakeExports();
  glue.attach(exports);
  const { c: say, e: give } = glue.imports.i;
  const texts = ["", "plain", "\u{feff}mark", "é", "ascii, then 漢字 and 😀", "half a \ud83d pair", "x".repeat(5000) + "ü"];
  for (const text of texts) {
    give(8, text);
    const view = new DataView(exports.m.buffer);
    say(view.getInt32(8, true), view.getInt32(12, true));
  }
  assert.deepEqual(said, texts.map((text) => text.toWellFormed?.() ?? text.replace("\ud83d", "\ufffd")));
});

test("what is no text and no number is told from what is", async () => {
  const glue = (await load())({});
  const exports = fakeExports();
  glue.attach(exports);
  const view = new DataView(exports.m.buffer);
  const number = (value) => (glue.imports.i.f(16, value), [view.getInt32(16, true), view.getFloat64(24, true)]);
  const values = [0, -1.5, NaN, Infinity];
  assert.deepEqual(values.map(number), values.map((value) => [1, value]));
  assert.deepEqual([undefined, null, "1", 1n, new Number(1), true].map(number), Array(6).fill([0, 0]));
  for (const value of [undefined, null, 1, {}, new String("x")]) {
    view.setInt32(8, 7, true);
    glue.imports.i.e(8, value);
    assert.equal(view.getInt32(8, true), 0);
  }
});

test("what the module no longer imports is left out, with what only that used", () => {
  assert.doesNotMatch(source(), /unused|dropped|cachedTextDecoder/);
  assert.doesNotMatch(source(), /generated/);
  assert.match(source(), /encodeInto/);
  const needed = ["__wbindgen_start", "push", "tick", "memory", "__wbindgen_malloc", "__wbindgen_realloc"];
  assert.deepEqual(neededExports(readGlue(GLUE), ALL_IMPORTS, IMPORTS), new Set(needed));
});

test("nothing runs at import but the definition of the factory", () => {
  assert.match(source(), /^export function createGlue\(laminaHost, [^)]*\) \{[\s\S]*\n\}\n$/);
});

test("glue that needs more than a factory can give is refused", () => {
  const refused = {
    "import { x } from './snippets/a.js';": /ImportDeclaration/,
    "export * from './a.js';": /ExportAllDeclaration/,
    "export function url() { return import.meta.url; }": /import\.meta/,
  };
  for (const [extra, message] of Object.entries(refused)) {
    assert.throws(() => readGlue(`${extra}\n${GLUE}`), message);
  }
});
