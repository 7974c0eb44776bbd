// @ts-check
// Executions that reach a wait by another way than its own looks: a webhook handler's events, a promise of the user's.

/**
 * Whether executions can arrive by it.
 * @param {any} value
 */
export function isSource(value) {
  try {
    return typeof value.then === "function" || typeof value[Symbol.asyncIterator] === "function";
  } catch {
    return false;
  }
}

/**
 * Listens for one execution. A source that fails or ends is no reason to end the wait: it goes on looking by itself.
 *
 * @param {any} source a promise or an async iterable, of executions or of webhook events
 * @param {string} id of the execution
 * @param {(execution: object) => void} arrived
 * @returns {() => void} stops listening
 */
export function listen(source, id, arrived) {
  /** @type {typeof arrived | undefined} */
  let tell = arrived;
  /** @type {AsyncIterator<any> | undefined} */
  let iterator;
  const take = (/** @type {any} */ event) => {
    const execution = event?.execution ?? event;
    if ((execution?.executionId ?? execution?.runId) === id && typeof execution.status === "string") tell?.({ ...execution });
  };
  (async () => {
    if (typeof source[Symbol.asyncIterator] !== "function") return take(await source);
    iterator = /** @type {AsyncIterator<any>} */ (source[Symbol.asyncIterator]());
    while (tell) {
      const { done, value } = await iterator.next();
      if (done) return;
      take(value);
    }
  })().catch(() => {});
  return () => {
    tell = undefined;
    try {
      iterator?.return?.()?.then?.(undefined, () => {});
    } catch {
      // Its end is its own.
    }
  };
}
