export * from "./index.js";

/**
 * What {@link init} takes: the module's bytes, a `Response` with them, a URL that they are fetched from, or a
 * `WebAssembly.Module`. A module's type has no members, so that no type is closer to all of these than `object`.
 */
export type ModuleSource = string | object;

/**
 * Compiles the module, once; every call before rejects with `NOT_INITIALIZED`. A second `init` waits for the first, unless
 * that failed. Rejects with a `TypeError` for what holds no module, and with what the host says where it does not compile.
 *
 * @example
 * ```js
 * await init(readFile(createRequire(import.meta.url).resolve("lamina-wasm/lamina_bg.wasm")));
 * ```
 */
export function init(source: ModuleSource | Promise<ModuleSource>): Promise<void>;
