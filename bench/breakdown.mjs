// Where the bytes of the module are, by crate and by function, read from the names that the build keeps beside it.

import { existsSync, readFileSync } from "node:fs";
import { functionBodies, functionNames, importedFunctions, section, sections } from "../scripts/build/wasm-file.mjs";

const NAMED = new URL("../target/package/default/named.wasm", import.meta.url);

/** Without the hash at its end, and the hashes of crates within. */
const plain = (name) => name.replace(/::h[0-9a-f]{16}$/, "").replace(/\[[0-9a-f]{16}\]/g, "");

/** The crate of a function: whose code it is, not whose types it works on. */
export function crateOf(name) {
  // `<T as trait::Path>::method` and `<T>::method` begin with a type, which may begin with one again.
  const [, crate] = /^(?:[<&*([\s]|mut |dyn |const |impl )*([a-z_][a-z0-9_]*)::/.exec(name) ?? [];
  return crate ?? (/^<.* as ([a-z_]+)::/.exec(name) ?? [])[1] ?? "exports and the rest";
}

/** The file of a function of our crate: `client/wait` of `lamina_wasm::client::wait::Plan::take`. */
function fileOf(name) {
  const [, path] = /lamina_wasm::((?:[a-z_0-9]+::){2})/.exec(name) ?? [];
  return path ? path.slice(0, -2).replace("::", "/") : "lib";
}

/** Rows of `{ name, bytes, share }`, the largest first. */
function ranked(parts, whole) {
  const rows = [...parts].map(([name, bytes]) => ({ name, bytes, share: bytes / whole }));
  return rows.sort((a, b) => b.bytes - a.bytes);
}

/**
 * The module's code and data before it is packed.
 * @returns {Record<"crates" | "files" | "functions", { name: string, bytes: number, share: number }[]>} `files`: of our own crate
 */
export function breakdown(largest = 25) {
  if (!existsSync(NAMED)) throw new Error("There is no module with names: run `make build` after removing target/package.");
  const bytes = readFileSync(NAMED);
  const list = sections(bytes);
  const names = functionNames(list);
  const imported = importedFunctions(bytes);
  const crates = new Map();
  const files = new Map();
  const functions = new Map();
  const add = (map, name, count) => map.set(name, (map.get(name) ?? 0) + count);
  functionBodies(section(list, "code").body).forEach((body, index) => {
    const name = plain(names.get(index + imported) ?? `function ${index}`);
    add(functions, name, body.length);
    const crate = crateOf(name);
    add(crates, crate, body.length);
    if (crate === "lamina_wasm") add(files, fileOf(name), body.length);
  });
  add(crates, "(data)", section(list, "data").body.length);
  const whole = [...crates.values()].reduce((total, count) => total + count, 0);
  return { crates: ranked(crates, whole), files: ranked(files, whole).slice(0, largest), functions: ranked(functions, whole).slice(0, largest) };
}
