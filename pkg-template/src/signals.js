// @ts-check
// One listener for each AbortSignal, however many calls share it: ten thousand waits on one signal cost one listener,
// and none stays when the last of them is done.

/** @returns {(signal: AbortSignal, callback: () => void) => () => void} watches a signal; gives the way to stop */
export function createSignalHub() {
  /** @type {WeakMap<AbortSignal, { callbacks: Set<() => void>, listener: () => void }>} */
  const watched = new WeakMap();
  return (signal, callback) => {
    let entry = watched.get(signal);
    if (!entry) {
      const callbacks = new Set();
      const listener = () => {
        for (const each of [...callbacks]) each();
      };
      entry = { callbacks, listener };
      signal.addEventListener("abort", listener);
      watched.set(signal, entry);
    }
    const { callbacks, listener } = entry;
    callbacks.add(callback);
    return () => {
      if (callbacks.delete(callback) && callbacks.size === 0) {
        watched.delete(signal);
        signal.removeEventListener("abort", listener);
      }
    };
  };
}

/**
 * Whether `value` can do what an AbortSignal does; it may come from another realm.
 * @param {any} value
 */
export function isSignal(value) {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof value.aborted === "boolean" &&
    typeof value.addEventListener === "function" &&
    typeof value.removeEventListener === "function"
  );
}
