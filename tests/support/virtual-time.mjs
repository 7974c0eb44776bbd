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
  /** Those that are set; in the heap, those that were cleared are passed over. @type {Set<Timer>} */
  const timers = new Set();
  const heap = createHeap();

  globalThis.setTimeout = (job, ms = 0, ...rest) => {
    const timer = { unref: () => timer, ref: () => timer, due: now + (ms > longest ? 1 : Math.max(1, ms)), order: count++, job: () => job(...rest) };
    timers.add(timer);
    heap.push(timer);
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
    while (heap.first() && !timers.has(heap.first())) heap.pop();
    return heap.first();
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
        timers.delete(timer);
        timer.job();
        await turn();
      }
      if (settled) return promise;
      now = until;
      return undefined;
    },
  };
}

/**
 * @typedef {{ due: number, order: number, job: () => void }} Timer
 *
 * The timers by when they are due: thousands of waits have one each.
 */
function createHeap() {
  /** @type {Timer[]} */
  const all = [];
  const isBefore = (a, b) => all[a].due < all[b].due || (all[a].due === all[b].due && all[a].order < all[b].order);
  const swap = (a, b) => ([all[a], all[b]] = [all[b], all[a]]);
  return {
    first: () => all[0],
    push(timer) {
      all.push(timer);
      for (let at = all.length - 1; at > 0 && isBefore(at, (at - 1) >> 1); at = (at - 1) >> 1) swap(at, (at - 1) >> 1);
    },
    pop() {
      swap(0, all.length - 1);
      all.pop();
      for (let at = 0; ; ) {
        let least = at;
        for (const child of [2 * at + 1, 2 * at + 2]) if (child < all.length && isBefore(child, least)) least = child;
        if (least === at) return;
        swap(at, least);
        at = least;
      }
    },
  };
}
