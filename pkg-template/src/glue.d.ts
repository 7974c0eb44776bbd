/**
 * The generated glue, as a factory: each call gives glue for one instance, with a state of its own.
 * Made by scripts/build/glue.mjs.
 */
export function createGlue(
  laminaHost: object,
  /** Where the host hides its own. */
  textCoding?: { TextDecoder: object; TextEncoder: object },
): {
  /** What the module is instantiated with. */
  imports: WebAssembly.Imports;
  /** Binds the glue to an instance's exports, starts the instance, and gives the functions of `src/lib.rs`. */
  attach(exports: WebAssembly.Exports): any;
};
