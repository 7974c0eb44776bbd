// @ts-check
// What every handler is given, and what they share.

import { Refusal } from "./errors.js";

/**
 * @typedef {import("./reply.js").Reply} Reply
 *
 * @typedef {object} Call one request that passed the gate
 * @property {import("./server.js").State} state
 * @property {import("./router.js").Generation} generation
 * @property {string} id of the app or the execution, where the route has one
 * @property {URLSearchParams} query
 * @property {Record<string, string>} headers
 * @property {string} body
 * @property {AbortSignal} signal aborted when the caller is gone
 */

/**
 * @param {unknown} data
 * @param {Record<string, unknown>} [beside] further members beside `data`
 * @returns {Reply}
 */
export function ok(data, beside = {}, status = 200) {
  return { status, headers: {}, body: { data, ...beside } };
}

/** @param {Call} call */
export function findApp({ state, id }) {
  const app = state.apps.find(({ appId }) => appId === id);
  if (!app) throw new Refusal(404, "App not found");
  if (app.denied) throw new Refusal(403, "Access denied for this workspace or app");
  return app;
}

/** @param {Call} call */
export function findExecution({ state, id }) {
  const execution = state.executions.get(id);
  if (!execution) throw new Refusal(404, "Execution not found");
  return execution;
}

/**
 * @param {Call} call
 * @returns {Record<string, unknown>} the body; an empty one where there is none that says that it is JSON, or no object
 */
export function readJson({ headers, body }) {
  // Express leaves alone what does not say that it is JSON.
  const isJson = /^application\/(.+\+)?json\b/i.test(headers["content-type"] ?? "");
  try {
    const read = isJson && body !== "" ? JSON.parse(body) : {};
    return isRecord(read) ? read : {};
  } catch {
    throw new Refusal(400, "Invalid JSON body");
  }
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
export const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * A text of the body that must be there.
 *
 * @param {Call} call
 * @param {string} field
 */
export function requiredText(call, field) {
  const text = readJson(call)[field];
  if (typeof text === "string" && text.trim() !== "") return text;
  const details = [{ field, code: "invalid_type", message: `"${field}": required, a text` }];
  throw new Refusal(400, "Invalid body", { details });
}

/**
 * What these outputs cost, in credits.
 *
 * @param {import("./apps.js").Output[]} outputs
 */
export const cost = (outputs) => outputs.reduce((sum, { credits }) => sum + credits, 0);

/**
 * @param {string} name
 * @param {string} message
 */
export function invalidQuery(name, message) {
  const details = [{ field: name, code: "invalid_type", message: `"${name}" ${message}` }];
  return new Refusal(400, `Invalid query parameter "${name}"`, { details });
}
