// @ts-check
// An async iterator that is fed from callbacks. Written out, because an async generator cannot be ended while it waits.

/**
 * @template T
 * @typedef {object} Feed
 * @property {(value: T) => void} push gives one more value
 * @property {() => void} end ends the iteration after the values that are there
 * @property {(error: unknown) => void} fail ends it with an error after the values that are there
 */

/**
 * @template T
 * @param {(feed: Feed<T>) => (() => void)} start called with the first `next()`; gives the way to stop
 * @param {() => void} [onTaken] called for each value that is taken
 * @returns {AsyncIterableIterator<T>}
 */
export function createIterator(start, onTaken) {
  /** @type {T[]} */
  const values = [];
  /** @type {{ resolve: (result: IteratorResult<T>) => void, reject: (error: unknown) => void }[]} */
  const waiting = [];
  /** @type {(() => void) | undefined} */
  let stop;
  let over = false;
  /** @type {{ error: unknown } | undefined} */
  let failure;

  const flush = () => {
    while (waiting.length > 0 && (values.length > 0 || over)) {
      const { resolve, reject } = /** @type {any} */ (waiting.shift());
      if (values.length > 0) {
        resolve({ done: false, value: values.shift() });
        onTaken?.();
      } else if (failure) {
        reject(failure.error);
        failure = undefined;
      } else {
        resolve({ done: true, value: undefined });
      }
    }
  };
  const close = () => {
    over = true;
    flush();
  };
  /** @type {Feed<T>} */
  const feed = {
    push(value) {
      if (over) return;
      values.push(value);
      flush();
    },
    end: close,
    fail(error) {
      if (over) return;
      failure = { error };
      close();
    },
  };

  return {
    next() {
      return new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        if (!stop && !over) stop = start(feed);
        flush();
      });
    },
    async return(value) {
      values.length = 0;
      failure = undefined;
      const stopping = stop;
      stop = undefined;
      close();
      stopping?.();
      return { done: true, value };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
