// Minutes that pass in milliseconds: timers and clocks of this process are replaced until the end of a test. Each timer fires
// exactly when it is due, so that what is measured is the client's own timing.

/**
 * @param {{ after: (restore: () => void) => void }} t
 * @param {{ longest?: number }} [options] a longer timer fires at once, as in Node
 */
export function virtualTime(t, { longest = 2 ** 31 - 1 } = {}) {
  const real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout, dateNow: Date.now };
  const began = 1_774_268_560_000;
  let now = 0;
  let count = 0;
  /** @type {Map<object, { due: number, order: number, job: () => void }>} */
  const timers = new Map();

  globalThis.setTimeout = (job, ms = 0, ...rest) => {
    const timer = { unref: () => timer, ref: () => timer };
    timers.set(timer, { due: now + (ms > longest ? 1 : Math.max(1, ms)), order: count++, job: () => job(...rest) });
    return timer;
  };
  globalThis.clearTimeout = (timer) => void timers.delete(timer);
  Date.now = () => began + now;
  performance.now = () => now;
  t.after(() => {
    Object.assign(globalThis, { setTimeout: real.setTimeout, clearTimeout: real.clearTimeout });
    Date.now = real.dateNow;
    delete performance.now;
  });

  const turn = () => new Promise((resolve) => setImmediate(resolve));
  function next() {
    let first;
    for (const [timer, entry] of timers) {
      if (!first || entry.due < first.due || (entry.due === first.due && entry.order < first.order)) first = { ...entry, timer };
    }
    return first;
  }

  return {
    get now() {
      return now;
    },
    /** Time goes on while nothing runs: what was due comes with the next `pass`. */
    sleep(ms) {
      now += ms;
    },
    /** Lets time pass: `ms`, or less if `promise` settles before; resolves to what that does. */
    async pass(ms, promise) {
      let settled = false;
      promise?.then(() => (settled = true), () => (settled = true));
      const until = now + ms;
      await turn();
      while (!settled) {
        const timer = next();
        if (!timer || timer.due > until) break;
        now = Math.max(now, timer.due);
        timers.delete(timer.timer);
        timer.job();
        await turn();
      }
      if (settled) return promise;
      now = until;
      return undefined;
    },
  };
}
