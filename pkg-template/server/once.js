// @ts-check
// What became of the starts: a browser whose connection breaks sends a request again by itself, a start too, and tells its page
// nothing of it. All that belong to one start have the same `once`, which the client in the page chose: it is made once.

import { Refused } from "./reply.js";

/** Longer than anybody waits for the reply to a start. */
const KEPT_MS = 300_000;
const MOST = 10_000;

/** The codes that say that the service refused before any work: the client sends such a start again. */
const REFUSED = /** @type {Record<number, string>} */ ({ 500: "AUTH_FAILED", 503: "RESOURCE_UNAVAILABLE" });

/** @param {Response} reply */
async function wasMadePerhaps(reply) {
  if (!(reply.status in REFUSED)) return reply.status !== 429;
  const body = await reply.clone().json().catch(() => {});
  return body?.code !== REFUSED[reply.status];
}

/** @returns {(key: string, start: () => Promise<Response>) => Promise<Response>} the reply to the first start of this key */
export function startMemory() {
  /** By key, oldest first. @type {Map<string, { at: number, reply: Promise<Response> }>} */
  const known = new Map();

  /**
   * @param {string} key
   * @param {() => Promise<Response>} start
   */
  async function make(key, start) {
    let kept = false;
    try {
      const reply = await start();
      kept = await wasMadePerhaps(reply);
      return reply;
    } catch (error) {
      // Anything else broke before the service was asked.
      kept = error instanceof Refused && error.reply.status >= 500;
      throw error;
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
    const first = known.get(key) ?? { at: now, reply: make(key, start) };
    known.set(key, first);
    try {
      return /** @type {Response} */ ((await first.reply).clone());
    } catch (error) {
      throw error instanceof Refused ? new Refused(/** @type {Response} */ (error.reply.clone()), error.cause) : error;
    }
  };
}
