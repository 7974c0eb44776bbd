// @ts-check
// The operations on executions: start, look, wait, stream, list, cancel.

import { Refusal } from "./errors.js";
import { cancel, createExecution, endsAt, isTerminal, look, onCancel } from "./executions.js";
import { cost, findApp, ok } from "./handlers.js";
import { checkInputs, isHttpUrl } from "./inputs.js";
import { eventStream } from "./stream.js";
import { executionView, idView, runSummary, startView } from "./views.js";

/**
 * @typedef {import("./handlers.js").Call} Call
 * @typedef {import("./executions.js").Execution} Execution
 */

export const HANDLERS = { execute, getExecution, wait, stream, cancel: cancelExecution, listExecutions };

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
  // As it is at this very moment: with an infinite speed it would be done already.
  return ok(startView(execution, { ...look(execution, -Infinity), status: "queued" }, generation), {}, 202);
}

/**
 * @param {Call} call
 * @returns {{ inputs: Record<string, unknown>, outputs?: unknown }}
 */
function readBody({ headers, body }) {
  // Express leaves alone what does not say that it is JSON.
  const isJson = /^application\/(.+\+)?json\b/i.test(headers["content-type"] ?? "");
  /** @type {any} */
  let read;
  try {
    read = isJson && body !== "" ? JSON.parse(body) : {};
  } catch {
    throw new Refusal(400, "Invalid JSON body");
  }
  if (!isRecord(read) || !isRecord(read.inputs)) {
    throw new Refusal(400, "Invalid inputs", { details: [{ field: "inputs", code: "invalid_type", message: `"inputs": required, an object` }] });
  }
  return /** @type {any} */ (read);
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * @param {unknown} outputs
 * @param {import("./apps.js").App} app
 * @returns {string[]} in lower case
 */
function checkLabels(outputs, app) {
  const known = app.outputs.map(({ label }) => label);
  const labels = Array.isArray(outputs) ? outputs.map((label) => String(label).toLowerCase()) : [];
  const unknown = labels.find((label) => !known.some((other) => other.toLowerCase() === label));
  if (labels.length > 0 && unknown === undefined) return labels;
  const message = `Unknown output ${JSON.stringify(unknown ?? outputs)}. Available outputs: ${known.join(", ")}`;
  throw new Refusal(400, message, { details: [{ field: "outputs", code: "unknown_output", message, allowed: known }] });
}

/** @param {Call} call */
function findExecution({ state, id }) {
  const execution = state.executions.get(id);
  if (!execution) throw new Refusal(404, "Execution not found");
  return execution;
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
  if (!/^\d+$/.test(asked)) throw invalid("timeout", "must be an integer from 1 to 120");
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
 * Wakes at the end of the time or when the execution is cancelled.
 *
 * @param {import("./clock.js").Clock} clock
 * @param {number} ms
 * @param {Execution} execution
 * @param {AbortSignal} signal
 */
export async function sleepOrCancel(clock, ms, execution, signal) {
  /** @type {() => void} */
  let stop = () => {};
  /** @type {() => void} */
  let wake = () => {};
  try {
    await new Promise((resolve, reject) => {
      wake = clock.after(ms, () => resolve(undefined));
      const stopWatching = onCancel(execution, () => resolve(undefined));
      const onAbort = () => reject(signal.reason);
      if (signal.aborted) onAbort();
      signal.addEventListener("abort", onAbort, { once: true });
      stop = () => {
        stopWatching();
        signal.removeEventListener("abort", onAbort);
      };
    });
  } finally {
    wake();
    stop();
  }
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
function listExecutions({ state, query }) {
  const status = query.get("status");
  if (status !== null && !STATUSES.includes(status)) throw invalid("status", `must be one of: ${STATUSES.join(", ")}`);
  const appId = query.get("appId");
  const limit = Math.min(100, count(query, "limit", 25));
  const offset = count(query, "offset", 0);
  const since = query.get("since");
  const after = since === null ? -Infinity : Date.parse(since);
  if (Number.isNaN(after)) throw invalid("since", "must be an ISO 8601 date-time");

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
  if (!/^\d+$/.test(text)) throw invalid(name, "must be an integer of 0 or more");
  return Number(text);
}

/**
 * @param {string} field
 * @param {string} message
 */
function invalid(field, message) {
  return new Refusal(400, `Invalid query parameter "${field}"`, { details: [{ field, code: "invalid_type", message: `"${field}" ${message}` }] });
}
