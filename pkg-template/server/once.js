// @ts-check
// What became of the starts: a browser whose connection breaks sends a request again by itself, a start too, and tells its page
// nothing of it. All that belong to one start have the same `once`, which the client in the page chose: it is made once.

import { Refused } from "./reply.js";

/** Longer than anybody waits for the reply to a start. */
const KEPT_MS = 300_000;
const MOST = 10_000;

/** The codes that say that the service refused before any work: the client sends such a start again. */
const REFUSED = /** @type {Record<number, string>} */ ({ 500: "AUTH_FAILED", 503: "RESOURCE_UNAVAILABLE" });

/**
 * What a start came to, as plain data: in workerd, a `Response` belongs to the request that made it.
 * @typedef {{ status: number, headers: [string, string][], text: string, refused: boolean, cause?: unknown }} Outcome
 */

/** @param {() => Promise<Response>} start @returns {Promise<Outcome>} */
async function carryOut(start) {
  let refused = false;
  let cause;
  const reply = await start().catch((error) => {
    // Anything else broke before the service was asked.
    if (!(error instanceof Refused)) throw error;
    refused = true;
    ({ cause } = error);
    return error.reply;
  });
  return { status: reply.status, headers: [...reply.headers], text: await reply.text(), refused, cause };
}

/** @param {Outcome} outcome */
function wasMadePerhaps({ status, text, refused }) {
  if (refused) return status >= 500;
  if (!(status in REFUSED)) return status !== 429;
  try {
    return JSON.parse(text).code !== REFUSED[status];
  } catch {
    return true;
  }
}

/** @param {Outcome} outcome @returns {Response} */
function replyOf({ status, headers, text, refused, cause }) {
  const reply = new Response(status === 204 || status === 205 ? null : text, { status, headers });
  if (refused) throw new Refused(reply, cause);
  return reply;
}

/** @returns {(key: string, start: () => Promise<Response>) => Promise<Response>} the reply to the first start of this key */
export function startMemory() {
  /** By key, oldest first. @type {Map<string, { at: number, outcome: Promise<Outcome> }>} */
  const known = new Map();

  /**
   * @param {string} key
   * @param {() => Promise<Response>} start
   */
  async function make(key, start) {
    let kept = false;
    try {
      const outcome = await carryOut(start);
      kept = wasMadePerhaps(outcome);
      return outcome;
    } finally {
      if (!kept) known.delete(key);
    }
  }

  return async (key, start) => {
    const now = Date.now();
    for (const [old, { at }] of known) {
      if (now - at < KEPT_MS && known.size < MOST) break;
      known.delete(old);
    }
    const first = known.get(key) ?? { at: now, outcome: make(key, start) };
    known.set(key, first);
    return replyOf(await first.outcome);
  };
}
