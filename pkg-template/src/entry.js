// @ts-check
// The source of every entry. `#load` is replaced, at build time, by the way the module comes there (`load/`). Nothing
// runs at import: the default client is made, and the module compiled, on the first call.

import { load } from "#load";
import { createLamina, createRuntime } from "./core.js";

export { isLaminaError, LAMINA_ERROR_CODES, LaminaError } from "./errors.js";

export const Lamina = /* @__PURE__ */ createLamina(/* @__PURE__ */ createRuntime(load));

/** @type {InstanceType<typeof Lamina> | undefined} */
let defaultClient;

export function getDefaultClient() {
  return (defaultClient ??= new Lamina());
}

/** @param {any} options */
export function configure(options) {
  defaultClient = new Lamina(options);
}

/** @typedef {InstanceType<typeof Lamina>} Client */

/** @param {Parameters<Client["listApps"]>} args */
export const listApps = (...args) => getDefaultClient().listApps(...args);
/** @param {Parameters<Client["getApp"]>} args */
export const getApp = (...args) => getDefaultClient().getApp(...args);
/** @param {Parameters<Client["getWorkflow"]>} args */
export const getWorkflow = (...args) => getDefaultClient().getWorkflow(...args);
/** @param {Parameters<Client["validateInputs"]>} args */
export const validateInputs = (...args) => getDefaultClient().validateInputs(...args);
/** @param {Parameters<Client["execute"]>} args */
export const execute = (...args) => getDefaultClient().execute(...args);
/** @param {Parameters<Client["getExecution"]>} args */
export const getExecution = (...args) => getDefaultClient().getExecution(...args);
/** @param {Parameters<Client["waitForExecution"]>} args */
export const waitForExecution = (...args) => getDefaultClient().waitForExecution(...args);
/** @param {Parameters<Client["watchExecution"]>} args */
export const watchExecution = (...args) => getDefaultClient().watchExecution(...args);
/** @param {Parameters<Client["run"]>} args */
export const run = (...args) => getDefaultClient().run(...args);
/** @param {Parameters<Client["runAll"]>} args */
export const runAll = (...args) => getDefaultClient().runAll(...args);
/** @param {Parameters<Client["pollStep"]>} args */
export const pollStep = (...args) => getDefaultClient().pollStep(...args);
/** @param {Parameters<Client["cancelExecution"]>} args */
export const cancelExecution = (...args) => getDefaultClient().cancelExecution(...args);
/** @param {Parameters<Client["listExecutions"]>} args */
export const listExecutions = (...args) => getDefaultClient().listExecutions(...args);
/** @param {Parameters<Client["iterateExecutions"]>} args */
export const iterateExecutions = (...args) => getDefaultClient().iterateExecutions(...args);
/** @param {Parameters<Client["estimateCost"]>} args */
export const estimateCost = (...args) => getDefaultClient().estimateCost(...args);
/** @param {Parameters<Client["getUsage"]>} args */
export const getUsage = (...args) => getDefaultClient().getUsage(...args);
/** @param {Parameters<Client["getSigningKeys"]>} args */
export const getSigningKeys = (...args) => getDefaultClient().getSigningKeys(...args);
/** @param {Parameters<Client["verifyWebhook"]>} args */
export const verifyWebhook = (...args) => getDefaultClient().verifyWebhook(...args);
