// @ts-check
// `lamina-wasm/slim`: the module comes from the user, who calls `init` first.

import { LaminaError } from "../errors.js";

/** @typedef {BufferSource | Response | WebAssembly.Module | URL | string} Source */

/** @type {Promise<WebAssembly.Module> | undefined} */
let loaded;

/** Compiles whatever a user may hold. By duck-typing: a module or a response may come from another realm. @param {any} source */
const compile = async (source) => {
  source = await source;
  if (typeof source === "string" || typeof source?.href === "string") {
    const url = String(source);
    // Node's `fetch` reads no files; bundlers do not see this way to them.
    const files = /^file:/.test(url) && /** @type {any} */ (globalThis).process?.getBuiltinModule?.("fs/promises");
    source = await (files ? files.readFile(new URL(url)) : fetch(url));
  }
  if (typeof source?.arrayBuffer === "function" && "headers" in source) {
    if (!source.ok) throw new TypeError(`the module could not be fetched: HTTP status ${source.status}`);
    // Streaming wants this very type, and a real response of this realm; else the bytes do as well.
    if (
      typeof WebAssembly.compileStreaming === "function" &&
      source instanceof Response &&
      /^application\/wasm\b/i.test(source.headers.get("content-type") ?? "")
    ) {
      return WebAssembly.compileStreaming(source);
    }
    source = await source.arrayBuffer();
  }
  if (ArrayBuffer.isView(source) || Object.prototype.toString.call(source) === "[object ArrayBuffer]") {
    return WebAssembly.compile(/** @type {BufferSource} */ (source));
  }
  if (Object.prototype.toString.call(source) === "[object WebAssembly.Module]") return source;
  throw new TypeError("init() takes the module's bytes, a Response, a WebAssembly.Module, a URL, or a promise of one");
};

/**
 * Compiles the module, once: a second call waits for the first, unless that failed.
 *
 * @param {Source | Promise<Source>} source
 * @returns {Promise<void>}
 */
export const init = (source) => {
  const loading = (loaded ??= compile(source));
  return loading.then(
    () => {},
    (error) => {
      if (loaded === loading) loaded = undefined;
      throw error;
    },
  );
};

/** @returns {Promise<WebAssembly.Module>} */
export const load = () => {
  if (!loaded) throw new LaminaError("NOT_INITIALIZED", "Call `await init(source)` of lamina-wasm/slim first.");
  return loaded;
};
