// What the build puts in the place of these imports (scripts/build/bundle.mjs).

/** One of `load/`: how the module comes here. */
declare module "#load" {
  export function load(): Promise<WebAssembly.Module> | WebAssembly.Module;
}

/** The module, deflated, as base64 without padding. */
declare module "#bytes" {
  export const BASE64: string;
  /** How many bytes it inflates to. */
  export const SIZE: number;
}

declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

declare module "*.wasm?module" {
  const module: WebAssembly.Module;
  export default module;
}
