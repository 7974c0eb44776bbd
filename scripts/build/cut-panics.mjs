// Takes the texts of panics out of a module.
//
// A panic here ends in a trap, and the shell makes `INTERNAL_PANIC` of it: nobody ever reads the message. What formats the
// message is still in the module, since the compiler cannot know. So the functions that a panic starts with become a bare
// `unreachable` (wasm-opt then removes what only they called), and the source locations, which only they read, become zeros,
// which deflate to nothing (and no path of the building machine stays in the module).

import { assemble, codeSection, dataSegments, functionBodies, functionNames, importedFunctions, section, sections } from "./wasm-file.mjs";

/** Functions that never return or are never called, by their demangled names without hashes. */
const PANIC = [
  // What formats their messages hangs on tables of functions, so that nothing else can tell that it is not called. The crate
  // formats nothing (its rules deny it); a text that did would trap in the first test that reached it.
  / as core::fmt::\w+>::/,
  /^<?core::fmt::/,
  / as core::panic::PanicPayload>/,
  /^core::panicking::/,
  /^core::(option|result|cell)::(expect|unwrap|panic)_\w+$/,
  /^core::cell::panic_already_\w+/,
  /^core::slice::index::slice_\w*fail\w*$/,
  /^core::slice::copy_from_slice_impl::len_mismatch_fail/,
  /^core::str::slice_error_fail\w*$/,
  /^core::char::methods::encode_\w+_raw::do_panic/,
  /^alloc::raw_vec::(handle_error|capacity_overflow)$/,
  /^alloc::alloc::handle_alloc_error(::\w+)?$/,
  /^std::alloc::rust_oom/,
  /^std::panicking::/,
  /^std::process::abort$/,
  /^std::thread::local::panic_access_error$/,
  /^std::sys::backtrace::__rust_end_short_backtrace/,
  // Of closures and tasks of wasm-bindgen, which the crate makes none of (CONTRIBUTING.md says why), tables of functions stay.
  /^wasm_bindgen::convert::closures::_::invoke/,
  /^js_sys::futures::/,
  / as core::fmt::Write>::/,
  / as core::any::Any>::type_id$/,
  /^__rustc::(__rust_alloc_error_handler|__rdl_oom|__rg_oom|rust_begin_unwind|rust_panic)$/,
];

/** What only they read. */
const TEXTS = [
  "index out of bounds: the len is ",
  " but the index is ",
  "assertion `left ",
  " right` failed",
  "\n  left: ",
  "\n right: ",
  "cannot access a Thread Local Storage value during or after destruction: ",
  "AccessError",
  "capacity overflow",
  "mid > len",
  "closure invoked recursively or after being dropped",
  "called `Option::unwrap_throw()` on a `None` value",
  "Tried to shrink to a larger capacity",
  "`async fn` resumed after completion",
  "RefCell already mutably borrowed",
  "RefCell already borrowed",
  "0x0123456789ABCDEF",
  "0123456789abcdef",
  Array.from({ length: 100 }, (_, number) => String(number).padStart(2, "0")).join(""),
];

const UNREACHABLE = Buffer.from([0, 0x00, 0x0b]);

/** Demangled names carry hashes in either of two ways: `core[1a2b]::x` and `core::x::h1a2b`. */
const plain = (name) => name.replace(/\[[0-9a-f]+\]/g, "").replace(/::h[0-9a-f]{16}$/, "");

/** `{ bytes, functions, locations }`: the module without its panics, and how many functions and locations were cut. */
export function cutPanics(input) {
  const list = sections(input);
  const names = functionNames(list);
  if (names.size === 0) throw new Error("the module has no function names: is `strip` set in the release profile?");
  const first = importedFunctions(input);

  let functions = 0;
  const code = section(list, "code");
  code.body = codeSection(
    functionBodies(code.body).map((body, index) => {
      const name = plain(names.get(first + index) ?? "");
      if (!PANIC.some((pattern) => pattern.test(name))) return body;
      functions++;
      return UNREACHABLE;
    }),
  );
  if (functions === 0) throw new Error("no panic was found in the module: have the names in the standard library changed?");

  const data = section(list, "data");
  data.body = Buffer.from(data.body);
  const segments = dataSegments(data.body);
  const locations = clearLocations(segments);
  clearTexts(segments);
  return { bytes: assemble(list), functions, locations };
}

/** Zeroes what only the functions read that were cut. */
function clearTexts(segments) {
  for (const { bytes } of segments) {
    for (const text of TEXTS) {
      for (let at = -1; (at = bytes.indexOf(text, at + 1, "latin1")) >= 0; ) bytes.fill(0, at, at + text.length);
    }
  }
}

/**
 * Zeroes each `core::panic::Location` (pointer to a file name, its length, line, column) and its file name.
 * Only the functions that were cut read them. Answers how many there were.
 */
function clearLocations(segments) {
  const text = (address, length) => {
    const home = segments.find(({ address: start, bytes }) => address >= start && address + length <= start + bytes.length);
    return home?.bytes.subarray(address - home.address, address - home.address + length);
  };
  const found = [];
  for (const { address, bytes } of segments) {
    for (let at = (4 - (address & 3)) & 3; at + 16 <= bytes.length; at += 4) {
      const file = text(bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4));
      if (file && /^[\w./@+-]+\.rs$/.test(file.toString("latin1"))) found.push(bytes.subarray(at, at + 16), file);
    }
  }
  for (const bytes of found) bytes.fill(0);
  return found.length / 2;
}
