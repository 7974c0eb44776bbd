// @ts-check
// What the handlers answer by themselves.

import { LaminaError } from "../src/errors.js";

/**
 * @param {number} status
 * @param {string} code
 * @param {string} message
 * @param {Record<string, string>} [headers]
 * @returns {Response} in the shape of the service's own errors, so that the page's client reads it as one
 */
export function refusal(status, code, message, headers) {
  return new Response(JSON.stringify({ error: message, code, retryable: status === 429 || status > 500 }), {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store", "x-content-type-options": "nosniff", ...headers },
  });
}

/**
 * A mistake in what the handler was made with. It throws there and then: a server should not start with it.
 * @param {string} message
 * @returns {never}
 */
export function misused(message) {
  throw new LaminaError("INVALID_ARGUMENT", message);
}

/** Ends the handling of a request with a reply; `cause` is for the server's own log. */
export class Refused extends Error {
  /**
   * @param {Response} reply
   * @param {unknown} [cause]
   */
  constructor(reply, cause) {
    super("refused", { cause });
    this.reply = reply;
  }
}

/** @param {Parameters<typeof refusal>} args @returns {never} */
export function refuse(...args) {
  throw new Refused(refusal(...args));
}

const tooLarge = () => refuse(413, "VALIDATION_ERROR", "The body is too large.");

/**
 * The body's bytes. Reading stops at the limit, whatever `Content-Length` said.
 * @param {Request} request
 * @param {number} limit
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function readBody(request, limit) {
  if (Number(request.headers.get("content-length")) > limit) tooLarge();
  const reader = request.body?.getReader();
  /** @type {Uint8Array[]} */
  const pieces = [];
  let size = 0;
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > limit) {
      reader.cancel().catch(() => {});
      tooLarge();
    }
    pieces.push(value);
  }
  const body = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    body.set(piece, at);
    at += piece.length;
  }
  return body;
}

/**
 * Tells the server's own log. It is told, not asked: what it throws changes nothing.
 * @param {((error: unknown, request: Request) => unknown) | undefined} onError
 * @param {unknown} error
 * @param {Request} request
 */
export function tell(onError, error, request) {
  try {
    Promise.resolve(onError?.(error, request)).catch(() => {});
  } catch {
    // As it was said.
  }
}
