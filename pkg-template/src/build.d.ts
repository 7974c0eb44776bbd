// What the build puts in the place of these imports (scripts/build/bundle.mjs).

/** One of `load/`: how the module comes here. */
declare module "#load" {
  export function load(): Promise<WebAssembly.Module> | WebAssembly.Module;
}

/** The module, packed, and what unpacks it (the crate in `unpack/`), as text: one that it reads, and one of `scripts/build/encode.mjs`. */
declare module "#packed" {
  export const PACKED: string;
  export const UNPACKER: string;
  /** Where the packed bytes are to stand in the unpacker's memory. */
  export const SOURCE: number;
  /** How many bytes come out. */
  export const SIZE: number;
  /** Where the module's functions begin and end. */
  export const BEGIN: number;
  export const END: number;
}

/** The module as it is, as base64 without padding. */
declare module "#module" {
  export const MODULE: string;
}

declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

declare module "*.wasm?module" {
  const module: WebAssembly.Module;
  export default module;
}
