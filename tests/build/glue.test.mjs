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
export function __wbg_say_89ab(arg0, arg1) {
  laminaHost.say(getStringFromWasm0(arg0, arg1));
}
function getStringFromWasm0(ptr, len) {
  return laminaHost.memory.slice(ptr, ptr + len);
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
const ALL_IMPORTS = ["__wbg_now_0123", "__wbg_say_89ab", "__wbg_unused_4567", "__wbindgen_init_externref_table"];
const IMPORTS = ["__wbg_now_0123", "__wbg_say_89ab", "__wbindgen_init_externref_table"];
const NAMES = new Map([
  ["push", "p"],
  ["memory", "m"],
  ["__wbindgen_start", "s"],
  ["__wbg_now_0123", "a"],
  ["__wbg_say_89ab", "c"],
  ["__wbindgen_init_externref_table", "b"],
]);

const source = () => glueFactory(readGlue(GLUE), { allImports: ALL_IMPORTS, imports: IMPORTS, names: NAMES, importModule: "i", constants: { from: 2, to: 6 } });
const load = async () => (await import(`data:text/javascript,${encodeURIComponent(source())}`)).createGlue;

/** What stands for an instance of the module: it adds up what was pushed. */
function fakeExports(imports) {
  let sum = 0;
  return { m: {}, s: () => imports.i.b(), p: (length) => (sum += length) + imports.i.a(1) };
}

test("two instances of the glue share nothing", async () => {
  const createGlue = await load();
  const make = (now) => {
    const glue = createGlue({ now: () => now });
    glue.attach(fakeExports(glue.imports));
    return glue.exports;
  };
  const [one, other] = [make(0), make(100)];
  assert.equal(one.push("abc"), 3);
  assert.equal(other.push("é"), 102);
  assert.equal(one.push("a"), 4);
});

test("the glue offers the functions of the crate and imports what the module wants, by its new names", async () => {
  const glue = (await load())({ now: () => 7 });
  assert.deepEqual(Object.keys(glue.exports), ["push"]);
  assert.deepEqual(Object.keys(glue.imports), ["i"]);
  assert.deepEqual(Object.keys(glue.imports.i), ["a", "c", "b"]);
});

test("a constant text is read once, another one whenever it is asked for", async () => {
  const said = [];
  const host = { memory: "0123456789", say: (text) => said.push(text) };
  const { c: say } = (await load())(host).imports.i;
  const everywhere = () => [say(2, 2), say(2, 3), say(5, 1), say(1, 2), say(6, 2)];
  everywhere();
  host.memory = "abcdefghij";
  everywhere();
  assert.deepEqual(said, ["23", "234", "5", "12", "67", "23", "234", "5", "bc", "gh"]);
});

test("what the module no longer imports is left out, with what only that used", () => {
  assert.doesNotMatch(source(), /unused|dropped|cachedTextDecoder/);
  assert.match(source(), /encodeInto/);
  assert.deepEqual(neededExports(readGlue(GLUE), ALL_IMPORTS, IMPORTS), new Set(["__wbindgen_start", "push", "memory"]));
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
