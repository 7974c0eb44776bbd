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
  /** The functions of `src/lib.rs`; they work after `attach`. */
  exports: any;
  /** Binds the glue to an instance's exports and starts the instance. */
  attach(exports: WebAssembly.Exports): void;
};
