// @ts-check
// What the server answers with, before a transport (`fetch.js`, `node.js`) puts it on its wire.

/**
 * @typedef {object} Reply
 * @property {number} status
 * @property {Record<string, string>} headers names in lower case
 * @property {unknown} body a string as it is, any other plain value as JSON, undefined for none
 */

/**
 * @typedef {object} WireReply
 * @property {number} status
 * @property {Record<string, string>} headers
 * @property {Uint8Array | AsyncIterable<Uint8Array>} body pieces that come in time; one that breaks throws `ConnectionLost`
 */

/** @param {string} text */
export const bytes = (text) => new TextEncoder().encode(text);

/**
 * @param {Reply} reply
 * @returns {WireReply}
 */
export function toWire({ status, headers, body }) {
  if (isStream(body)) return { status, headers, body };
  if (body === undefined) return { status, headers, body: bytes("") };
  const isText = typeof body === "string";
  const type = isText ? "text/plain; charset=utf-8" : "application/json; charset=utf-8";
  return { status, headers: { "content-type": type, ...headers }, body: bytes(isText ? body : JSON.stringify(body)) };
}

/**
 * @param {unknown} body
 * @returns {body is AsyncIterable<Uint8Array>}
 */
export function isStream(body) {
  return typeof body === "object" && body !== null && Symbol.asyncIterator in body;
}
