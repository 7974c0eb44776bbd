// Every single fault that the proxy makes, and what the user of a start sees of it. docs/faults.md has a row for each.

/** A failure of the API itself, by its documented code. */
const refusal = (status, code, headers = {}) => ({
  kind: "status",
  status,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify({ error: "Not now", code, retryable: true, details: [] }),
});
const html = (status) => ({ kind: "status", status, headers: { "content-type": "text/html" }, body: `<html><h1>${status}</h1></html>` });
const answered = (fault) => ({ ...fault, processed: true });

/** What follows a start: it may have happened, so it is not sent again; or the server refused it, so it is. */
const LOST = (code) => ({ code, retryable: false });
const FINE = { code: undefined };

/**
 * By name: the fault, what `execute` comes to when it strikes once, and whether the server starts the execution.
 * @type {Record<string, { fault: import("../support/fault-proxy.mjs").Fault, start: { code?: string, retryable?: boolean }, starts: 0 | 1, read?: string, repeated?: boolean }>}
 *   `read`: the code of a read that it strikes once; where there is none, the read succeeds. `repeated`: the start is sent again
 */
export const FAULTS = {
  "reset before the request is read": { fault: { kind: "reset", stage: "before-read" }, start: LOST("NETWORK_ERROR"), starts: 0 },
  "reset before the server sees the request": { fault: { kind: "reset", stage: "before-forward" }, start: LOST("NETWORK_ERROR"), starts: 0 },
  "reset before the reply": { fault: { kind: "reset", stage: "before-reply" }, start: LOST("NETWORK_ERROR"), starts: 1 },
  "reset in the reply's head": { fault: { kind: "reset", stage: "in-head" }, start: LOST("NETWORK_ERROR"), starts: 1 },
  "reset in the reply's body": { fault: { kind: "reset", stage: "in-body" }, start: LOST("NETWORK_ERROR"), starts: 1 },
  "closed before the request is read": { fault: { kind: "close", stage: "before-read" }, start: LOST("NETWORK_ERROR"), starts: 0 },
  "closed before the reply": { fault: { kind: "close", stage: "before-reply" }, start: LOST("NETWORK_ERROR"), starts: 1 },
  "closed in the reply's head": { fault: { kind: "close", stage: "in-head" }, start: LOST("NETWORK_ERROR"), starts: 1 },
  "closed in the reply's body": { fault: { kind: "close", stage: "in-body" }, start: LOST("NETWORK_ERROR"), starts: 1 },
  "silence before the request is read": { fault: { kind: "stall", stage: "before-read" }, start: LOST("TIMEOUT"), starts: 0 },
  "silence before the reply": { fault: { kind: "stall", stage: "before-reply" }, start: LOST("TIMEOUT"), starts: 1 },
  "silence in the reply's head": { fault: { kind: "stall", stage: "in-head" }, start: LOST("TIMEOUT"), starts: 1 },
  "silence in the reply's body": { fault: { kind: "stall", stage: "in-body" }, start: LOST("TIMEOUT"), starts: 1 },
  "a body that ends too soon": { fault: { kind: "truncate" }, start: LOST("INVALID_RESPONSE"), starts: 1, read: "INVALID_RESPONSE" },
  "a body without a byte": { fault: { kind: "truncate", at: 0 }, start: LOST("INVALID_RESPONSE"), starts: 1, read: "INVALID_RESPONSE" },
  "a body that is overwritten": { fault: { kind: "corrupt" }, start: LOST("INVALID_RESPONSE"), starts: 1, read: "INVALID_RESPONSE" },
  "bytes that are no HTTP": { fault: { kind: "garbage" }, start: LOST("NETWORK_ERROR"), starts: 1 },
  "a slow trickle": { fault: { kind: "trickle", bytes: 64, everyMs: 4 }, start: FINE, starts: 1 },
  "a slow line": { fault: { kind: "latency", ms: 60 }, start: FINE, starts: 1 },
  "408 of a gateway": { fault: html(408), start: LOST("API_ERROR"), starts: 0 },
  "500 before any work": { fault: html(500), start: LOST("INTERNAL_ERROR"), starts: 0 },
  "500 after the work": { fault: answered(html(500)), start: LOST("INTERNAL_ERROR"), starts: 1 },
  "502 with a gateway's page": { fault: answered(html(502)), start: LOST("INTERNAL_ERROR"), starts: 1 },
  "503 of a gateway": { fault: html(503), start: LOST("RESOURCE_UNAVAILABLE"), starts: 0 },
  "504 after the work": { fault: answered(html(504)), start: LOST("INTERNAL_ERROR"), starts: 1 },
  "503 RESOURCE_UNAVAILABLE": { fault: refusal(503, "RESOURCE_UNAVAILABLE"), start: FINE, starts: 1, repeated: true },
  "500 AUTH_FAILED": { fault: refusal(500, "AUTH_FAILED"), start: FINE, starts: 1, repeated: true },
  "429 with Retry-After": { fault: refusal(429, "RATE_LIMITED", { "retry-after": "0.02" }), start: FINE, starts: 1, repeated: true },
};

/** What the test of a start through it is called. */
export function titleOf(name) {
  const { start, starts } = FAULTS[name];
  return `a start through ${name}: ${start.code ? `${start.code}, not retryable` : "it succeeds"}, and the server has ${starts} of it`;
}

const all = Object.values(FAULTS).map(({ fault }) => fault);
/** Silences, each of which takes the time of an attempt; and all others. */
export const SILENCES = all.filter(({ kind }) => kind === "stall");
export const OTHERS = all.filter(({ kind }) => kind !== "stall");
