// @ts-check
// `runAll`: many runs side by side, given out as they end. What paces them is the client's budget; `concurrency` bounds
// how many are started and not taken yet, so that a loop that is left early has not paid for the whole list.

import { LaminaError } from "./errors.js";
import { createIterator } from "./iterator.js";
import { isSignal } from "./signals.js";

const DEFAULT_CONCURRENCY = 10;

/** @typedef {import("./call.js").Call} Call */

/**
 * @param {any} requests
 * @param {any} options
 * @param {(appId: string, inputs: object, options: any, onCall: (call: Call) => void) => Promise<unknown>} run
 * @returns {AsyncIterableIterator<any>}
 */
export function runAll(requests, options, run) {
  /** @type {() => void} */
  let onSlot = () => {};
  let held = 0;
  const release = () => {
    held--;
    onSlot();
  };
  return createIterator((feed) => {
    const { concurrency = DEFAULT_CONCURRENCY, signal, ...shared } = options ?? {};
    /** @type {Set<Call>} */
    const calls = new Set();
    /** @type {any} */
    let source;
    let stopped = false;

    const stop = () => {
      stopped = true;
      onSlot();
      if (isSignal(signal)) signal.removeEventListener("abort", onAbort);
      for (const call of calls) call.end(undefined);
    };
    const onAbort = () => {
      feed.fail(signal.reason);
      stop();
    };

    /** @param {any} request @param {number} index */
    async function runOne(request, index) {
      /** @type {Call | undefined} */
      let call;
      try {
        const { appId, inputs, ...own } = request;
        const execution = await run(appId, inputs, { ...shared, ...own }, (started) => calls.add((call = started)));
        feed.push({ index, request, execution });
      } catch (error) {
        feed.push({ index, request, error });
      }
      if (call) calls.delete(call);
    }

    async function drive() {
      source = open(requests, concurrency, signal);
      if (signal?.aborted) return onAbort();
      signal?.addEventListener("abort", onAbort);
      /** @type {Promise<void>[]} */
      const runs = [];
      try {
        for (let index = 0; ; index++) {
          while (held >= concurrency && !stopped) await new Promise((resolve) => (onSlot = () => resolve(undefined)));
          const next = stopped ? { done: true } : await source.next();
          if (next.done || stopped) break;
          held++;
          runs.push(runOne(next.value, index));
        }
      } finally {
        // What is running is given out even where the source broke.
        await Promise.all(runs);
        if (stopped) await source.return?.();
        else stop();
      }
    }

    drive().then(feed.end, feed.fail);
    return stop;
  }, release);
}

/**
 * @param {any} requests
 * @param {unknown} concurrency
 * @param {unknown} signal
 */
function open(requests, concurrency, signal) {
  if (!Number.isInteger(concurrency) || Number(concurrency) < 1) {
    throw new LaminaError("INVALID_ARGUMENT", "`concurrency` must be a whole number, 1 or more.");
  }
  if (signal !== undefined && signal !== null && !isSignal(signal)) {
    throw new LaminaError("INVALID_ARGUMENT", "`signal` must be an AbortSignal.");
  }
  try {
    return requests[Symbol.asyncIterator]?.() ?? requests[Symbol.iterator]();
  } catch (cause) {
    throw new LaminaError("INVALID_ARGUMENT", "`requests` must be iterable.", { cause });
  }
}
