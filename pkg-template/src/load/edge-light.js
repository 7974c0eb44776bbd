// @ts-check
// Vercel Edge: it refuses to compile bytes; `?module` makes a static import the compiled module. (The local emulator takes
// bytes too, so that it runs there proves nothing.)

import module from "./lamina_bg.wasm?module";

/** @returns {WebAssembly.Module} */
export const load = () => module;
