// @ts-check
// The documented limit: so many requests in a window that slides, counted in real time whatever the speed.

import { Refusal } from "./errors.js";

const DOCUMENTED = { limit: 100, windowMs: 60_000 };

/**
 * @typedef {object} RateLimiter
 * @property {{ limit: number, windowMs: number }} quota what the account's usage tells
 * @property {(generation: import("./router.js").Generation, now: number) => Record<string, string>} admit
 *   counts one request and gives the headers that tell the rest; throws a `Refusal` that has them too
 */

/**
 * @param {import("./index.js").SimulatorOptions["rateLimit"]} option undefined: as documented, so `/api` has none
 * @returns {RateLimiter}
 */
export function createRateLimiter(option) {
  const given = { ...DOCUMENTED, ...(typeof option === "number" ? { limit: option } : option || {}) };
  const none = option === false || given.limit === Infinity;
  const quota = none ? DOCUMENTED : given;
  if (!(quota.limit >= 0 && quota.windowMs > 0)) throw new RangeError("rateLimit must be 0 requests or more");
  /** @type {number[]} the times of the requests that were let through, oldest first */
  const admitted = [];

  return {
    quota,
    admit(generation, now) {
      if (none || (option === undefined && generation === "api")) return {};
      while (admitted.length > 0 && /** @type {number} */ (admitted[0]) + quota.windowMs <= now) admitted.shift();
      const refused = admitted.length >= quota.limit;
      if (!refused) admitted.push(now);
      // When the oldest leaves the window, the next request fits.
      const reset = Math.ceil(((admitted[0] ?? now) + quota.windowMs - now) / 1000);
      const headers = {
        "ratelimit-limit": String(quota.limit),
        "ratelimit-remaining": String(Math.max(0, quota.limit - admitted.length)),
        "ratelimit-reset": String(reset),
      };
      if (!refused) return headers;
      throw tooManyRequests(reset, { ...headers, "retry-after": String(reset) });
    },
  };
}

/**
 * @param {number | undefined} retryAfter seconds
 * @param {Record<string, string>} headers
 */
export function tooManyRequests(retryAfter, headers) {
  return new Refusal(429, "Too many requests, please try again later", { retryAfter, headers });
}
