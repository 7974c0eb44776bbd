// @ts-check
// The one error class. Made by the core's failures through the host, and by the shell where the core cannot run.

/** Every code, in the order of the documentation. A test holds it against the core's table. */
export const LAMINA_ERROR_CODES = /* @__PURE__ */ Object.freeze([
  "AUTH_MISSING_KEY",
  "AUTH_INVALID_KEY",
  "AUTH_INVALID_CONTEXT",
  "AUTH_FAILED",
  "FORBIDDEN",
  "NOT_FOUND",
  "VALIDATION_ERROR",
  "RATE_LIMITED",
  "WEBHOOK_INVALID_URL",
  "WEBHOOK_INVALID_SECRET",
  "RESOURCE_UNAVAILABLE",
  "INTERNAL_ERROR",
  "API_ERROR",
  "NETWORK_ERROR",
  "TIMEOUT",
  "WAIT_TIMEOUT",
  "INVALID_RESPONSE",
  "INVALID_ARGUMENT",
  "INVALID_INPUTS",
  "EXECUTION_FAILED",
  "EXECUTION_CANCELLED",
  "WEBHOOK_INVALID_SIGNATURE",
  "WEBHOOK_EXPIRED",
  "WEBHOOK_MALFORMED",
  "NOT_INITIALIZED",
  "WASM_UNAVAILABLE",
  "INTERNAL_PANIC",
  "UNSUPPORTED",
]);

// In the registry of all realms and copies, so that an error of another copy of the package is known as one.
const brand = /* @__PURE__ */ Symbol.for("lamina-wasm.error");

/** @param {unknown} error */
export function isLaminaError(error) {
  try {
    return typeof error === "object" && error !== null && /** @type {any} */ (error)[brand] === true;
  } catch {
    return false; // a revoked proxy, a getter that throws
  }
}

export class LaminaError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   * @param {{ cause?: unknown, retryable?: boolean, attempts?: number }} [more]
   */
  constructor(code, message, more = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.retryable = more.retryable ?? false;
    this.attempts = more.attempts ?? 0;
  }

  get name() {
    return "LaminaError";
  }

  get [brand]() {
    return true;
  }

  /** For logs: everything but the stack and the cause, which may hold what a host put there. */
  toJSON() {
    return Object.assign({ name: this.name, message: this.message }, this);
  }

  /** @param {unknown} value */
  static [Symbol.hasInstance](value) {
    // Not by its own name, which a bundler would replace; a class that extends this one has no such member of its own.
    return Object.hasOwn(this, Symbol.hasInstance) ? isLaminaError(value) : super[Symbol.hasInstance](value);
  }
}
