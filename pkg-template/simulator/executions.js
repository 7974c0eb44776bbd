// @ts-check
// The life of an execution. All of it is planned at the start, and every look computes the state from the clock: no timer
// runs for an execution that nobody looks at.

import { makeValue } from "./outputs.js";

/** How long after one output the next begins: in life they fill in one by one. */
const STAGGER_MS = 1_500;

/** Which part of its time a run that fails gets. */
const FAILS_AT = 0.6;

/**
 * @typedef {import("./index.js").SimulatedExecution} Execution
 *
 * @typedef {object} OutputState
 * @property {import("./apps.js").Output} output
 * @property {"pending" | "completed" | "error" | "cancelled"} status
 * @property {string | null} value
 * @property {string | null} error
 *
 * @typedef {object} State what a look sees; the times are milliseconds since 1970
 * @property {"queued" | "running" | "completed" | "failed" | "cancelled"} status
 * @property {OutputState[]} outputs
 * @property {string | null} errorMessage
 * @property {number | null} startedAt
 * @property {number | null} completedAt
 *
 * @typedef {object} Plan
 * @property {number} startsAt
 * @property {number} endsAt
 * @property {"completed" | "failed"} status
 * @property {string | null} errorMessage
 * @property {{ output: import("./apps.js").Output, endsAt: number, value?: string }[]} outputs
 * @property {() => number} now
 * @property {Set<() => void>} watchers called when the plan is overtaken: a cancellation
 */

/** The plans, apart from the executions that the user of the simulator sees. @type {WeakMap<Execution, Plan>} */
const plans = new WeakMap();

/** @param {Execution} execution */
function planOf(execution) {
  return /** @type {Plan} */ (plans.get(execution));
}

/**
 * @param {object} parts
 * @param {import("./apps.js").App} parts.app
 * @param {Record<string, unknown>} parts.inputs as sent
 * @param {Record<string, unknown>} parts.values with the defaults
 * @param {string} [parts.webhookUrl]
 * @param {string[]} [parts.labels] the outputs that are wanted, in lower case; all where there are none
 * @param {string} [parts.errorMessage] what it fails with, whatever the app
 * @param {Pick<import("./server.js").State, "clock" | "ids" | "durations">} context
 * @returns {Execution}
 */
export function createExecution({ app, inputs, values, webhookUrl, labels, errorMessage }, { clock, ids, durations }) {
  const createdAt = clock.now();
  const startsAt = createdAt + clock.scaled(app.queueMs);
  const outputs = app.outputs
    .filter(({ label }) => !labels || labels.includes(label.toLowerCase()))
    .map((output, i) => {
      const duration = output.durationMs * durations.between(0.9, 1.1);
      return { output, endsAt: startsAt + clock.scaled(i * STAGGER_MS + duration) };
    });
  const failure = errorMessage ?? app.errorMessage;
  const last = Math.max(startsAt, ...outputs.map(({ endsAt }) => endsAt));
  const spoilt = app.onOutputError === "fail" && outputs.some(({ output }) => output.error !== undefined);
  const execution = /** @type {Execution} */ ({
    executionId: ids.uuid(),
    appId: app.appId,
    appName: app.name,
    inputs,
    values,
    webhookUrl,
    createdAt,
    cancelledAt: undefined,
    get status() {
      return look(this).status;
    },
  });
  plans.set(execution, {
    startsAt,
    endsAt: failure === undefined || last === Infinity ? last : startsAt + (last - startsAt) * FAILS_AT,
    status: spoilt || failure !== undefined ? "failed" : "completed",
    errorMessage: failure ?? null,
    outputs,
    now: clock.now,
    watchers: new Set(),
  });
  return execution;
}

/**
 * @param {Execution} execution
 * @param {number} [at] milliseconds since 1970; now where it is left out
 * @returns {State}
 */
export function look(execution, at) {
  const plan = planOf(execution);
  const now = at ?? plan.now();
  const { cancelledAt } = execution;
  const seenAt = Math.min(now, cancelledAt ?? Infinity);
  const ended = plan.endsAt <= now || cancelledAt !== undefined;
  return {
    status: cancelledAt !== undefined ? "cancelled" : ended ? plan.status : plan.startsAt <= now ? "running" : "queued",
    outputs: plan.outputs.map((planned) => outputState(execution, plan, planned, seenAt, ended)),
    errorMessage: ended && cancelledAt === undefined ? plan.errorMessage : null,
    startedAt: plan.startsAt <= seenAt ? plan.startsAt : null,
    completedAt: ended ? (cancelledAt ?? plan.endsAt) : null,
  };
}

/**
 * @param {Execution} execution
 * @param {Plan} plan
 * @param {Plan["outputs"][number]} planned
 * @param {number} at
 * @param {boolean} ended whether nothing comes after this
 * @returns {OutputState}
 */
function outputState(execution, plan, planned, at, ended) {
  const { output } = planned;
  // A failure cuts off what would have come later, or at the same moment.
  const made = planned.endsAt <= at && (plan.errorMessage === null || planned.endsAt < plan.endsAt);
  if (made && output.error !== undefined) return { output, status: "error", value: null, error: output.error };
  if (made) {
    const { executionId, appId, appName, values } = execution;
    planned.value ??= makeValue(output, { executionId, appId, appName, inputs: values, output });
    return { output, status: "completed", value: planned.value, error: null };
  }
  if (!ended) return { output, status: "pending", value: null, error: null };
  if (execution.cancelledAt !== undefined) return { output, status: "cancelled", value: null, error: null };
  return { output, status: "error", value: null, error: plan.errorMessage };
}

/** @param {State} state */
export const isTerminal = ({ status }) => status === "completed" || status === "failed" || status === "cancelled";

/**
 * Once more is the same as once; what has ended stays as it is.
 *
 * @param {Execution} execution
 * @param {number} at
 */
export function cancel(execution, at) {
  if (isTerminal(look(execution, at))) return;
  execution.cancelledAt = at;
  const { watchers } = planOf(execution);
  for (const watcher of [...watchers]) watcher();
}

/**
 * Makes the outputs of a completed run anew, in place.
 *
 * @param {Execution} execution
 * @param {string} feedback what they are to be like
 */
export function refine(execution, feedback) {
  const { executionId, appId, appName, values } = execution;
  for (const planned of planOf(execution).outputs) {
    const { output } = planned;
    planned.value = makeValue(output, { executionId, appId, appName, inputs: { ...values, feedback }, output });
  }
}

/**
 * When the state changes next by itself, or Infinity.
 *
 * @param {Execution} execution
 * @param {number} at
 */
export function nextChange(execution, at) {
  if (execution.cancelledAt !== undefined) return Infinity;
  const { startsAt, endsAt, outputs } = planOf(execution);
  const times = [startsAt, endsAt, ...outputs.map((output) => Math.min(output.endsAt, endsAt))];
  return Math.min(Infinity, ...times.filter((time) => time > at));
}

/** @param {Execution} execution */
export const endsAt = (execution) => execution.cancelledAt ?? planOf(execution).endsAt;

/**
 * Calls back when the execution is cancelled; the result stops that.
 *
 * @param {Execution} execution
 * @param {() => void} watcher
 */
export function onCancel(execution, watcher) {
  const { watchers } = planOf(execution);
  watchers.add(watcher);
  return () => {
    watchers.delete(watcher);
  };
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
      // A timer may ring a hair early, and a state that was shown must not be taken back.
      wake = clock.after(Math.ceil(ms) + 1, () => resolve(undefined));
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
