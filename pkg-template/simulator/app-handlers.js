// @ts-check
// The operations on apps and on the account.

import { cost, findApp, ok, readJson, requiredText } from "./call.js";
import { discoverApps } from "./discover.js";
import { publicKeys } from "./signing.js";
import { appDetail, appSummary, workflowView } from "./views.js";

/** @typedef {import("./call.js").Call} Call */

export const appHandlers = { listApps, getApp, getWorkflow, estimate, discover, account, usage, signingKey };

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
function discover(call) {
  const intent = requiredText(call, "intent");
  return ok(discoverApps(call.state.apps, { ...readJson(call), intent }));
}

/** @param {Call} call */
function account({ state }) {
  const { userId, workspaceId } = state.account;
  const names = { name: "Simulator", slug: "simulator", role: "owner" };
  const workspace = { id: workspaceId, ...names };
  return ok({ user: { id: userId, email: null }, workspace, memberships: [{ workspaceId, ...names }] });
}

/** @param {Call} call */
function usage({ state }) {
  const { balance, totalEarned, totalSpent } = state.credits;
  return ok({ credits: { balance, totalEarned, totalSpent }, rateLimit: state.quota });
}

/**
 * @param {Call} call
 * @returns {import("./call.js").Reply}
 */
function signingKey({ state }) {
  return { status: 200, headers: {}, body: { keys: publicKeys(state.signingKey) } };
}
