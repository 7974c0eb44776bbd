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
export function __wbg_text_4242(arg0, arg1) {
  const ret = laminaHost.text(arg1 >>> 0);
  var ptr1 = isLikeNone(ret) ? 0 : passStringToWasm0(ret, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
  var len1 = WASM_VECTOR_LEN;
  getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 1, len1, true);
  getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 0, ptr1, true);
}
function isLikeNone(x) {
  return x === undefined || x === null;
}
function getDataViewMemory0() {
  return generated();
}
function passStringToWasm0(arg, malloc, realloc) {
  return generated(arg, malloc, realloc);
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
const IMPORTS = ["__wbg_now_0123", "__wbg_say_89ab", "__wbg_arm_cdef", "__wbg_text_4242", "__wbindgen_init_externref_table"];
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
  ["__wbg_text_4242", "e"],
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
  assert.deepEqual(Object.keys(glue.imports.i), ["a", "c", "d", "e", "b"]);
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
  let given;
  const glue = (await load())({ say: (text) => said.push(text), text: () => given });
  const exports = fakeExports();
  glue.attach(exports);
  const { c: say, e: give } = glue.imports.i;
  const texts = ["", "plain", "\u{feff}mark", "é", "ascii, then 漢字 and 😀", "half a \ud83d pair", "x".repeat(5000) + "ü"];
  for (const text of texts) {
    given = text;
    give(8, 0);
    const view = new DataView(exports.m.buffer);
    say(view.getInt32(8, true), view.getInt32(12, true));
  }
  assert.deepEqual(said, texts.map((text) => text.toWellFormed?.() ?? text.replace("\ud83d", "\ufffd")));
});

test("no text is told from an empty one", async () => {
  let given;
  const glue = (await load())({ text: () => given });
  const exports = fakeExports();
  glue.attach(exports);
  const pointer = () => (glue.imports.i.e(8, 0), new DataView(exports.m.buffer).getInt32(8, true));
  assert.equal(pointer(), 0);
  given = "";
  assert.notEqual(pointer(), 0);
});

test("a module that takes values of JavaScript is refused: the table for them is not made", () => {
  const more = `export function __wbg_take_77(arg0) { laminaHost.take(takeFromExternrefTable0(arg0)); }
function takeFromExternrefTable0(at) { return wasm.__wbindgen_externrefs.get(at); }`;
  const imports = [...IMPORTS, "__wbg_take_77"];
  const parts = { allImports: imports, imports, names: NAMES, importModule: "i", constants: { from: 2, to: 6 } };
  assert.throws(() => glueFactory(readGlue(`${more}\n${GLUE}`), parts), /takes values of JavaScript/);
});

test("what the module no longer imports is left out, with what only that used", () => {
  assert.doesNotMatch(source(), /unused|dropped|cachedTextDecoder|started/);
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
