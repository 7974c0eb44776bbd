// @ts-check
// Which fault a request meets. What the fault then does is in `strike.js`.

/** @typedef {import("./index.js").Fault} Fault */

/** Each kind, with the members that it cannot do without. */
const KINDS = /** @type {Record<Fault["kind"], string[]>} */ ({
  status: ["status"],
  network: [],
  "reset-after": [],
  stall: [],
  "stall-body": [],
  truncate: [],
  "corrupt-json": [],
  html: [],
  empty: [],
  latency: ["ms"],
  redirect: ["location"],
  "rate-limit": [],
  "stream-cut": [],
  "stream-stall": [],
  "stream-chunks": [],
  "stream-reorder": [],
});

/**
 * @typedef {object} FaultBook
 * @property {(fault: Fault) => () => void} add the result takes it out again
 * @property {() => void} clear
 * @property {(request: { method: string, path: string, operation?: string }) => { latencyMs: number, fault?: Fault }} meet
 *   every pause that matches is added up; of the others, the first one strikes
 */

/**
 * @param {import("./random.js").Random} random
 * @returns {FaultBook}
 */
export function createFaultBook(random) {
  /** @type {Set<{ fault: Fault, seen: number, struck: number }>} */
  const entries = new Set();

  /** @param {{ fault: Fault, seen: number, struck: number }} entry */
  function strikes(entry) {
    const { after = 0, times = Infinity, probability = 1 } = entry.fault;
    if (entry.struck >= times || entry.seen++ < after) return false;
    // Asked only where it matters, so that a rule without it leaves the sequence alone.
    if (probability < 1 && random.next() >= probability) return false;
    entry.struck++;
    return true;
  }

  return {
    add(fault) {
      check(fault);
      const entry = { fault, seen: 0, struck: 0 };
      entries.add(entry);
      return () => {
        entries.delete(entry);
      };
    },
    clear: () => entries.clear(),
    meet(request) {
      let latencyMs = 0;
      for (const entry of entries) {
        if (!matches(entry.fault, request) || !strikes(entry)) continue;
        if (entry.fault.kind !== "latency") return { latencyMs, fault: entry.fault };
        latencyMs += entry.fault.ms;
      }
      return { latencyMs };
    },
  };
}

/** @param {Fault} fault */
function check(fault) {
  const needed = KINDS[fault?.kind];
  if (!needed) throw new TypeError(`A fault's kind is one of ${Object.keys(KINDS).join(", ")}`);
  for (const member of needed) {
    if (!(member in fault)) throw new TypeError(`A fault of the kind "${fault.kind}" needs "${member}"`);
  }
  if ("status" in fault && fault.status !== undefined && !(fault.status >= 200 && fault.status <= 599)) {
    throw new RangeError("A fault's status is a number from 200 to 599");
  }
}

/**
 * @param {Fault} fault
 * @param {{ method: string, path: string, operation?: string }} request
 */
function matches({ kind, method, path, operation }, request) {
  // A preflight is the browser's, not the client's: only a rule that says so is for it.
  if (method === undefined ? request.method === "OPTIONS" : method.toUpperCase() !== request.method) return false;
  if (operation !== undefined && operation !== request.operation) return false;
  if (kind.startsWith("stream-") && request.operation !== "stream") return false;
  if (path === undefined) return true;
  // `search` knows nothing of `lastIndex`, which `test` moves in a pattern with the flag `g`.
  return typeof path === "string" ? request.path.startsWith(path) : request.path.search(path) >= 0;
}
