/** The compiled module, where a bundler or a runtime makes one of the import; for `init` of lamina-wasm/slim. */
declare const module: object;
export default module;
