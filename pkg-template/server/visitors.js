// @ts-check
// Whose requests the proxy takes: from which sites, and how many of one visitor.

/**
 * Whether a page of another site sent the request. What is no browser says neither of the two headers, and is for
 * `authorize` to judge.
 * @param {Request} request
 * @param {string[]} origins other sites that may
 * @returns {boolean}
 */
export function isCrossSite(request, origins) {
  const { headers } = request;
  const origin = headers.get("origin");
  if (origin !== null && origins.includes(origin)) return false;
  const site = headers.get("sec-fetch-site");
  // The browser's own word, which a page cannot set. "none" is a link that somebody opened by hand.
  if (site === "same-origin" || (site === "none" && origin === null)) return false;
  if (site !== null) return true;
  // Behind a reverse proxy the URL may have another host than the one that the page knows.
  return origin !== null && origin !== new URL(request.url).origin && hostOf(origin) !== headers.get("host");
}

/** @param {string} origin */
function hostOf(origin) {
  try {
    return new URL(origin).host;
  } catch {
    return undefined; // "null"
  }
}

/**
 * What lets the pages of another listed site read replies.
 * @param {Request} request
 * @param {string[]} origins
 * @returns {Record<string, string>}
 */
export function corsHeaders(request, origins) {
  if (!origins.length) return {};
  const origin = request.headers.get("origin");
  const known = origin !== null && origins.includes(origin);
  return {
    vary: "origin",
    ...(known && {
      "access-control-allow-origin": origin,
      "access-control-expose-headers": "retry-after, ratelimit-limit, ratelimit-remaining, ratelimit-reset, x-request-id",
    }),
  };
}

/** What a browser asks before it sends a page's request to another site. */
export const PREFLIGHT = {
  "access-control-allow-methods": "GET, POST",
  "access-control-allow-headers": "content-type",
  "access-control-max-age": "600",
};

const MINUTE_MS = 60_000;
/** Beyond so many visitors, the ones that came first are forgotten. */
const MOST_VISITORS = 10_000;

/** Counts visits in this process. @returns {import("./index.js").RateLimitStore} */
export function memoryStore() {
  /** @type {Map<string, { count: number, endsAt: number }>} */
  const visitors = new Map();
  return {
    increment(visitor, windowMs) {
      const now = Date.now();
      let entry = visitors.get(visitor);
      // A clock that was set back is no reason to keep somebody out for longer than a window.
      if (!entry || entry.endsAt <= now || entry.endsAt > now + windowMs) {
        visitors.delete(visitor);
        entry = { count: 0, endsAt: now + windowMs };
        visitors.set(visitor, entry);
        if (visitors.size > MOST_VISITORS) visitors.delete(/** @type {string} */ (visitors.keys().next().value));
      }
      entry.count++;
      return { count: entry.count, resetMs: entry.endsAt - now };
    },
  };
}

/**
 * How long a visitor has to stay away, in milliseconds; 0 where the request is within the limit.
 * @param {import("./index.js").VisitorLimit} limit
 * @param {import("./index.js").RateLimitStore} store
 * @param {Request} request
 * @param {unknown} host
 */
export async function overLimit({ requestsPerMinute, visitor }, store, request, host) {
  const { count, resetMs } = await store.increment(String(await visitor(request, host)), MINUTE_MS);
  return count > requestsPerMinute ? Math.max(1, resetMs) : 0;
}
