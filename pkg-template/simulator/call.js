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
