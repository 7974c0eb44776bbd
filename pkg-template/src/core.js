// @ts-check
// What all entries share: the shell around the module. An entry adds only how the module's bytes come.

export { createRuntime } from "./client.js";
export { isLaminaError, LAMINA_ERROR_CODES, LaminaError } from "./errors.js";
export { createLamina } from "./lamina.js";
