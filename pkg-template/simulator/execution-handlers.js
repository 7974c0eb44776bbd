// @ts-check
// The operations on executions: start, look, wait, stream, list, cancel, refine.

import { cost, findApp, findExecution, invalidQuery, isRecord, ok, readJson, requiredText } from "./call.js";
import { Refusal } from "./errors.js";
import { cancel, createExecution, endsAt, isTerminal, look, refine, sleepOrCancel } from "./executions.js";
import { checkInputs, isHttpUrl } from "./inputs.js";
import { eventStream } from "./stream.js";
import { executionView, idView, refinedView, runSummary, startView } from "./views.js";

/**
 * @typedef {import("./call.js").Call} Call
 * @typedef {import("./executions.js").Execution} Execution
 */

export const executionHandlers = { execute, getExecution, wait, stream, cancel: cancelExecution, feedback, listExecutions };

const STATUSES = ["queued", "running", "completed", "failed", "cancelled"];

/** @param {Call} call */
function execute(call) {
  const { state, generation, query } = call;
  const app = findApp(call);
  const webhookUrl = query.get("webhook") ?? undefined;
  if (webhookUrl !== undefined && !isHttpUrl(webhookUrl)) {
    throw new Refusal(400, "Invalid webhook URL: must be http or https", { code: "WEBHOOK_INVALID_URL" });
  }
  const { inputs, outputs } = readBody(call);
  const { problems, values } = checkInputs(app.parameters, inputs, generation);
  if (problems.length > 0) throw new Refusal(400, "Invalid inputs", { details: problems });
  const labels = generation === "runs" && outputs !== undefined ? checkLabels(outputs, app) : undefined;

  const price = cost(app.outputs.filter(({ label }) => !labels || labels.includes(label.toLowerCase())));
  const affordable = state.credits.balance >= price;
  if (affordable) state.credits.spend(price);
  const errorMessage = affordable ? undefined : "Insufficient credits";
  const execution = createExecution({ app, inputs, values, webhookUrl, labels, errorMessage }, state);
  const { executionId, appId, createdAt: at } = execution;
  state.executions.set(executionId, execution);
  state.ledger.starts.push({ executionId, appId, inputs, at });
  if (webhookUrl !== undefined) state.webhooks.schedule(execution, generation);
  // Always queued, even at a speed at which it is done already.
  return ok(startView(execution, look(execution, -Infinity), generation), {}, 202);
}

/**
 * @param {Call} call
 * @returns {{ inputs: Record<string, unknown>, outputs?: unknown }}
 */
function readBody(call) {
  const { inputs, outputs } = readJson(call);
  if (isRecord(inputs)) return { inputs, outputs };
  const details = [{ field: "inputs", code: "invalid_type", message: `"inputs": required, an object` }];
  throw new Refusal(400, "Invalid inputs", { details });
}

/**
 * @param {unknown} outputs
 * @param {import("./apps.js").App} app
 * @returns {string[]} in lower case
 */
function checkLabels(outputs, app) {
  const known = app.outputs.map(({ label }) => label);
  const labels = Array.isArray(outputs) ? outputs.map(String) : [];
  const unknown = labels.find((label) => !known.some((other) => other.toLowerCase() === label.toLowerCase()));
  if (labels.length > 0 && unknown === undefined) return labels.map((label) => label.toLowerCase());
  const message = `Unknown output ${JSON.stringify(unknown ?? outputs)}. Available outputs: ${known.join(", ")}`;
  throw new Refusal(400, message, { details: [{ field: "outputs", code: "unknown_output", message, allowed: known }] });
}

/** @param {Call} call */
function getExecution(call) {
  const execution = findExecution(call);
  return ok(executionView(execution, look(execution), call.generation));
}

/** @param {Call} call */
async function wait(call) {
  const { state, generation, query, signal } = call;
  const { clock } = state;
  const execution = findExecution(call);
  const asked = query.get("timeout") ?? "60";
  if (!/^\d+$/.test(asked)) throw invalidQuery("timeout", "must be an integer from 1 to 120");
  // What a number out of range does is not documented.
  const timeoutMs = clock.scaled(1000 * Math.min(120, Math.max(1, Number(asked))));

  const deadline = clock.now() + timeoutMs;
  const due = Math.min(deadline, endsAt(execution));
  if (due > clock.now()) await sleepOrCancel(clock, due - clock.now(), execution, signal);
  // A timer may ring a hair before the clock says so.
  const seen = look(execution, Math.max(clock.now(), execution.cancelledAt === undefined ? due : 0));
  return ok(executionView(execution, seen, generation), isTerminal(seen) ? { timeout: false } : { timeout: true });
}

/**
 * @param {Call} call
 * @returns {import("./reply.js").Reply}
 */
function stream(call) {
  const execution = findExecution(call);
  const headers = { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache, no-transform" };
  return { status: 200, headers, body: eventStream(execution, call) };
}

/** @param {Call} call */
function cancelExecution(call) {
  const execution = findExecution(call);
  cancel(execution, call.state.clock.now());
  return ok({ ...idView(execution, call.generation), status: look(execution).status });
}

/** @param {Call} call */
function feedback(call) {
  const execution = findExecution(call);
  const wish = requiredText(call, "feedback");
  if (look(execution).status !== "completed") throw new Refusal(400, "Only completed runs can be refined");
  refine(execution, wish);
  return ok(refinedView(execution, look(execution), wish));
}

/** @param {Call} call */
function listExecutions({ state, query }) {
  const status = query.get("status");
  if (status !== null && !STATUSES.includes(status)) throw invalidQuery("status", `must be one of: ${STATUSES.join(", ")}`);
  const appId = query.get("appId");
  const limit = Math.min(100, count(query, "limit", 25));
  const offset = count(query, "offset", 0);
  const since = query.get("since");
  const after = since === null ? -Infinity : Date.parse(since);
  if (Number.isNaN(after)) throw invalidQuery("since", "must be an ISO 8601 date-time");

  const found = [...state.executions.values()]
    .reverse()
    .filter((execution) => (appId === null || execution.appId === appId) && execution.createdAt > after)
    .map((execution) => ({ execution, seen: look(execution) }))
    .filter(({ seen }) => status === null || seen.status === status);
  const page = found.slice(offset, offset + limit).map(({ execution, seen }) => runSummary(execution, seen));
  return ok(page, { pagination: { total: found.length, limit, offset } });
}

/**
 * @param {URLSearchParams} query
 * @param {string} name
 * @param {number} preset
 */
function count(query, name, preset) {
  const text = query.get(name) ?? String(preset);
  if (!/^\d+$/.test(text)) throw invalidQuery(name, "must be an integer of 0 or more");
  return Number(text);
}
