// @ts-check
// What all entries but Node's share, with the errors: the shell around the module. An entry adds only how the module's bytes come.

export { createRuntime } from "./client.js";
export { createLamina } from "./lamina.js";
