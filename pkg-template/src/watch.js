// @ts-check
// `watchExecution`: a wait whose updates are iterated.

import { createIterator } from "./iterator.js";

/**
 * @param {any} options
 * @param {(options: any, onCall: (call: import("./instance.js").Call) => void) => Promise<unknown>} wait
 * @returns {AsyncIterableIterator<any>}
 */
export function watch(options, wait) {
  return createIterator((feed) => {
    /** @type {import("./instance.js").Call | undefined} */
    let waiting;
    const onUpdate = (/** @type {unknown} */ execution) => {
      feed.push(execution);
      return options?.onUpdate?.(execution);
    };
    // Options that are none are the core's to refuse.
    const watching = typeof options === "object" || options === undefined ? { ...options, onUpdate } : options;
    wait(watching, (call) => (waiting = call)).then(feed.end, feed.fail);
    return () => waiting?.end(undefined);
  });
}
