/** A `WebAssembly.Module`, where the project has a library that knows it (DOM, web workers, Cloudflare's types). */
type Module = typeof globalThis extends { WebAssembly: { Module: { prototype: infer Prototype } } }
  ? Prototype & object
  : object;

/** The compiled module, where a bundler or a runtime makes one of the import; for `init` of lamina-wasm/slim. */
declare const module: Module;
export default module;
