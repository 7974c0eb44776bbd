// @ts-check
// `watchExecution`: a wait whose updates are iterated.

import { createIterator } from "./iterator.js";

/**
 * @param {any} options
 * @param {(options: any, onCall: (call: import("./call.js").Call) => void) => Promise<unknown>} wait
 * @returns {AsyncIterableIterator<any>}
 */
export function watch(options, wait) {
  /** @type {import("./call.js").Call | undefined} */
  let waiting;
  let untaken = 0;
  let release = () => {};
  const onTaken = () => {
    if (--untaken === 0) release();
  };
  return createIterator((feed) => {
    const onUpdate = (/** @type {unknown} */ execution) => {
      untaken++;
      feed.push(execution);
      // A stream is not read on while its reader is behind.
      if (waiting && untaken === 1) waiting.held = new Promise((resolve) => (release = () => resolve(undefined)));
      return options?.onUpdate?.(execution);
    };
    // Options that are none are the core's to refuse.
    const watching = typeof options === "object" || options === undefined ? { ...options, onUpdate } : options;
    wait(watching, (call) => (waiting = call)).then(feed.end, feed.fail);
    return () => waiting?.end(undefined);
  }, onTaken);
}
