// @ts-check
// Cloudflare workerd: it refuses to compile bytes, always, and hands a module out of a static import instead.

import module from "./lamina_bg.wasm";

/** @returns {WebAssembly.Module} */
export const load = () => module;
