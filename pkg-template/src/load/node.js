// @ts-check
// For Node, Deno and Bun as they are: the entry is small, and what is only needed for a call comes with the first one. The time of
// an import is that of reading source text, line by line.

import { LaminaError } from "../errors.js";

/** The class of `instance.js`, as soon as the module is here. @type {typeof import("../instance.js").Instance} */
export let Instance;

/** @returns {Promise<WebAssembly.Module>} */
export const load = async () => {
  const core = await import("./node-core.js");
  core.lend(LaminaError);
  Instance = core.Instance;
  return core.compile();
};
