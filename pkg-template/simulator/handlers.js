// @ts-check
// The operations on apps and the account, and the table of all operations.

import { Refusal } from "./errors.js";
import * as executions from "./execution-handlers.js";
import { publicKeys } from "./signing.js";
import { appDetail, appSummary, workflowView } from "./views.js";

/**
 * @typedef {object} Call one request that passed the gate
 * @property {import("./server.js").State} state
 * @property {import("./router.js").Generation} generation
 * @property {string} id of the app or the execution, where the route has one
 * @property {URLSearchParams} query
 * @property {Record<string, string>} headers
 * @property {string} body
 * @property {AbortSignal} signal aborted when the caller is gone
 *
 * @typedef {import("./reply.js").Reply} Reply
 */

/** @type {Record<import("./index.js").Operation, (call: Call) => Reply | Promise<Reply>>} */
export const HANDLERS = { listApps, getApp, getWorkflow, estimate, usage, signingKey, ...executions.HANDLERS };

/**
 * @param {unknown} data
 * @param {Record<string, unknown>} [beside] further members beside `data`
 * @returns {Reply}
 */
export function ok(data, beside = {}, status = 200) {
  return { status, headers: {}, body: { data, ...beside } };
}

/** @param {Call} call */
function listApps({ state, generation, query }) {
  const search = (query.get("search") ?? "").toLowerCase();
  const limit = query.get("limit") ?? "";
  const found = state.apps.filter(({ name, description }) => `${name}\n${description ?? ""}`.toLowerCase().includes(search));
  // What a limit that is no number does is not documented.
  const shown = /^\d+$/.test(limit) ? found.slice(0, Number(limit)) : found;
  return ok(shown.map((app) => appSummary(app, generation)));
}

/** @param {Call} call */
function getApp(call) {
  return ok(appDetail(findApp(call), call.generation));
}

/** @param {Call} call */
function getWorkflow(call) {
  return ok(workflowView(findApp(call)));
}

/** @param {Call} call */
function estimate(call) {
  const { appId, name, outputs } = findApp(call);
  const expected = cost(outputs);
  const { balance } = call.state.credits;
  return ok({
    appId,
    name,
    estimatedCredits: { expected, min: expected, max: expected },
    breakdown: outputs.map(({ id, nodeType, credits }) => ({ nodeId: id, nodeType, credits })),
    currentBalance: balance,
    affordable: balance >= expected,
  });
}

/** @param {Call} call */
function usage({ state }) {
  const { balance, totalEarned, totalSpent } = state.credits;
  return ok({ credits: { balance, totalEarned, totalSpent }, rateLimit: state.quota });
}

/**
 * @param {Call} call
 * @returns {Reply}
 */
function signingKey({ state }) {
  return { status: 200, headers: {}, body: { keys: publicKeys(state.signingKey) } };
}

/** @param {Call} call */
export function findApp({ state, id }) {
  const app = state.apps.find(({ appId }) => appId === id);
  if (!app) throw new Refusal(404, "App not found");
  if (app.denied) throw new Refusal(403, "Access denied for this workspace or app");
  return app;
}

/** @param {import("./apps.js").Output[]} outputs */
export const cost = (outputs) => outputs.reduce((sum, { credits }) => sum + credits, 0);
