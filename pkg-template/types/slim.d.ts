export * from "./index.js";

/** What {@link init} takes: bytes, a `Response`, a `WebAssembly.Module`, or a URL that is fetched. */
export type ModuleSource = ArrayBufferLike | ArrayBufferView | string | { readonly href: string } | object;

/**
 * Compiles the module, once; every call before rejects with `NOT_INITIALIZED`.
 *
 * @example
 * ```js
 * await init(readFile(new URL(import.meta.resolve("lamina-wasm/lamina_bg.wasm"))));
 * ```
 */
export function init(source: ModuleSource | Promise<ModuleSource>): Promise<void>;
