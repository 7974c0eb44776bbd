// What stands in the place of wasm-bindgen's functions of the same names (scripts/build/glue.mjs): a page downloads it, and what
// was generated is for every module there may be. Each keeps to what the generated one takes and gives.
//
// `wasm` are the module's exports, `CONSTANTS_FROM` and `CONSTANTS_SIZE` say where in its memory the texts are that
// never change.

let memoryBytes = new Uint8Array();
/** @type {DataView} */
let memoryView;

function getUint8ArrayMemory0() {
  // A memory that has grown takes the bytes out of older views.
  if (!memoryBytes.length) {
    memoryBytes = new Uint8Array(wasm.memory.buffer);
    memoryView = new DataView(wasm.memory.buffer);
  }
  return memoryBytes;
}

function getArrayU8FromWasm0(ptr, len) {
  ptr >>>= 0;
  return getUint8ArrayMemory0().subarray(ptr, ptr + len);
}

/** @type {TextDecoder} */
let textDecoder;
/** Safari's decoder breaks after 2 GiB. */
let decodable = -1;
/** Each constant (a member's name, a message) is decoded once and not on every call. */
const constantTexts = new Map();

function getStringFromWasm0(ptr, len) {
  const at = (ptr >>>= 0) - CONSTANTS_FROM;
  const isConstant = at >= 0 && at < CONSTANTS_SIZE;
  const key = at * CONSTANTS_SIZE + len;
  let text = isConstant ? constantTexts.get(key) : undefined;
  if (text === undefined) {
    if ((decodable -= len) < 0) {
      textDecoder = new TextDecoder("utf-8", { ignoreBOM: true });
      decodable = 2e9;
    }
    text = textDecoder.decode(getArrayU8FromWasm0(ptr, len));
    if (isConstant) constantTexts.set(key, text);
  }
  return text;
}

function getDataViewMemory0() {
  getUint8ArrayMemory0();
  return memoryView;
}

let WASM_VECTOR_LEN = 0;

function passStringToWasm0(text, malloc, realloc) {
  let { length } = text;
  let ptr = malloc(length, 1) >>> 0;
  const memory = getUint8ArrayMemory0();
  let at = 0;
  for (let code; at < length && (code = text.charCodeAt(at)) < 128; ) memory[ptr + at++] = code;
  if (at < length) {
    const encoded = new TextEncoder().encode(text);
    ptr = realloc(ptr, length, (length = encoded.length), 1) >>> 0;
    getUint8ArrayMemory0().set(encoded, ptr);
  }
  WASM_VECTOR_LEN = length;
  return ptr;
}

// The module holds no value of JavaScript: its table for them stays empty.
function __wbindgen_init_externref_table() {}
