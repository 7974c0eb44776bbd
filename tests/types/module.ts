// Compiled, never run: where a library knows WebAssembly, the import of the module is what that library calls a module.

import { init } from "lamina-wasm/slim";
import module from "lamina-wasm/lamina_bg.wasm";

export const compiled: WebAssembly.Module = module;
export const imports = () => WebAssembly.Module.imports(module);
export const loaded: Promise<void> = init(WebAssembly.compileStreaming(fetch("https://cdn.example/lamina_bg.wasm")));
