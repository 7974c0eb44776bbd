// @ts-check
// Time: the wall clock that replies are dated by, the scale that executions run on, and every timer of the simulator.

/** What `setTimeout` takes at most; more fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * @typedef {object} Clock
 * @property {() => number} now milliseconds since 1970
 * @property {(ms: number) => number} scaled how long a span of life lasts here
 * @property {(ms: number, callback: () => void) => () => void} after calls back once; the result calls it off
 * @property {(ms: number, signal?: AbortSignal) => Promise<void>} sleep rejects with the signal's reason
 * @property {() => void} close calls every timer off
 */

/**
 * Timers are looked up at each call, not at import, so that fake timers work.
 *
 * @param {{ now?: () => number, speed?: number }} options
 * @returns {Clock}
 */
export function createClock({ now = () => Date.now(), speed = 1 }) {
  if (!(speed > 0)) throw new RangeError("speed must be a number above 0");
  /** @type {Set<() => void>} */
  const pending = new Set();

  /** @type {Clock["after"]} */
  function after(ms, callback) {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    let left = ms;
    const arm = () => {
      const span = Math.min(left, LONGEST_TIMER_MS);
      left -= span;
      timer = setTimeout(() => {
        if (left > 0) return arm();
        pending.delete(cancel);
        callback();
      }, span);
    };
    const cancel = () => {
      clearTimeout(timer);
      pending.delete(cancel);
    };
    pending.add(cancel);
    // Even for what never comes: like an open connection, a request that gets no answer keeps the process alive.
    arm();
    return cancel;
  }

  /** @type {Clock["sleep"]} */
  function sleep(ms, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const cancel = after(ms, () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      });
      const onAbort = () => {
        cancel();
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  return {
    now,
    // Not a plain division: Infinity / Infinity is no number.
    scaled: (ms) => (ms === Infinity ? Infinity : ms / speed),
    after,
    sleep,
    close() {
      for (const cancel of [...pending]) cancel();
    },
  };
}
