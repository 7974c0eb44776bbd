// @ts-check
// Refusals, and the two shapes that they have on the wire: `{ error, details? }` under `/api` and on v1's executions, and
// `{ error, code, retryable, … }` on the rest of v1.

/** The codes that a plain status stands for. */
const CODES = /** @type {Record<number, string>} */ ({
  400: "VALIDATION_ERROR",
  401: "AUTH_INVALID_KEY",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  405: "METHOD_NOT_ALLOWED",
  422: "VALIDATION_ERROR",
  429: "RATE_LIMITED",
  503: "RESOURCE_UNAVAILABLE",
});

const RETRYABLE = new Set(["AUTH_FAILED", "RATE_LIMITED", "RESOURCE_UNAVAILABLE", "INTERNAL_ERROR"]);

/** What the older pages document for a 429: text, not JSON. */
const TOO_MANY = "Too many requests from this IP, please try again in a minute";

/** A refusal: thrown by a handler, turned into a reply by the server. */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {string} message
   * @param {{ code?: string, details?: unknown, headers?: Record<string, string>, retryAfter?: number }} [more]
   */
  constructor(status, message, { code, details, headers, retryAfter } = {}) {
    super(message);
    this.status = status;
    this.code = code ?? CODES[status] ?? (status >= 500 ? "INTERNAL_ERROR" : "VALIDATION_ERROR");
    this.details = details;
    this.headers = headers ?? {};
    this.retryAfter = retryAfter;
  }
}

/** The connection broke: no reply, or not the whole of one. */
export class ConnectionLost extends Error {
  constructor() {
    super("connection lost");
  }
}

/**
 * @param {Refusal} refusal
 * @param {import("./router.js").Generation} generation
 * @param {string} requestId
 * @returns {import("./reply.js").Reply}
 */
export function refusalReply(refusal, generation, requestId) {
  const { status, message, code, details, headers, retryAfter } = refusal;
  if (generation !== "runs") {
    if (status === 429) return { status, headers: { ...headers }, body: TOO_MANY };
    const body = details === undefined ? { error: message } : { error: message, details: texts(details) };
    return { status, headers: { ...headers }, body };
  }
  return {
    status,
    headers: { ...headers },
    body: {
      error: message,
      code,
      retryable: RETRYABLE.has(code),
      ...(retryAfter === undefined ? {} : { retryAfter }),
      ...(details === undefined ? {} : { details }),
      requestId,
    },
  };
}

/** @param {unknown} details */
function texts(details) {
  return Array.isArray(details) ? details.map((detail) => (typeof detail === "string" ? detail : detail.message)) : details;
}
