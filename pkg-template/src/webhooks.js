// @ts-check
// Webhooks: the host reads the raw bytes, keeps the keys and verifies Ed25519 by WebCrypto; the core says what a delivery
// must be.

import { LaminaError } from "./errors.js";
import * as operations from "./operations.js";
import { parseBytes } from "./values.js";

/** How long a fetched key set is used without asking again. */
const KEYS_FRESH_MS = 3_600_000;
/**
 * A signature that no key made, or a failure to get the keys, is reason to ask (again) at most once in so long: anybody can
 * send one.
 */
const ASK_AGAIN_MS = 60_000;

/**
 * @param {any} headers `Headers`, or an object of names in any case (Node gives lists for some)
 * @param {string} name in lower case
 * @returns {string | undefined}
 */
function header(headers, name) {
  if (typeof headers?.get === "function") return headers.get(name) ?? undefined;
  const found = Object.keys(headers ?? {}).find((key) => key.toLowerCase() === name);
  const value = found && headers[found];
  return Array.isArray(value) ? value.join(", ") : (value ?? undefined);
}

/**
 * The raw bytes: what was parsed and written again is not what was signed.
 * @param {any} body
 * @returns {Uint8Array<ArrayBuffer>}
 */
function bytesOf(body) {
  if (typeof body === "string") return new TextEncoder().encode(body);
  if (ArrayBuffer.isView(body)) return new Uint8Array(/** @type {ArrayBuffer} */ (body.buffer), body.byteOffset, body.byteLength).slice();
  // Of another realm, too.
  if (Object.prototype.toString.call(body) === "[object ArrayBuffer]") return new Uint8Array(body.slice(0));
  throw new TypeError("The body is neither bytes nor text; was it parsed already?");
}

/** @param {any} delivery a `Request`, or `{ body, headers }` */
async function readDelivery(delivery) {
  const get = (/** @type {string} */ name) => header(delivery.headers, `x-lamina-webhook-${name}`);
  return {
    body: bytesOf(await (typeof delivery.arrayBuffer === "function" ? delivery.arrayBuffer() : delivery.body)),
    signature: get("signature"),
    timestamp: get("timestamp"),
    requestId: get("request-id"),
    userId: get("user-id"),
  };
}

/**
 * The public key itself: of a JWK, or of the base64 SPKI (or PEM) that older pages of the documentation showed.
 * @param {any} key
 * @returns {string | undefined} undefined for keys of other kinds, which a rotated set may hold
 */
function publicKey(key) {
  if (typeof key !== "string") return key?.kty === "OKP" && key.crv === "Ed25519" ? key.x : undefined;
  // The 12 bytes of DER that say "Ed25519" are just 16 characters.
  const [, base64] = /MCowBQYDK2VwAyEA([\w+/]{43})=/.exec(key.replace(/\s/g, "")) ?? [];
  return base64?.replaceAll("+", "-").replaceAll("/", "_");
}

/**
 * The key that made the signature.
 * @param {any[]} keys
 * @param {Uint8Array<ArrayBuffer>} message
 * @param {Uint8Array<ArrayBuffer>} signature
 */
async function signer(keys, message, signature) {
  const { subtle } = globalThis.crypto;
  for (const key of keys) {
    const x = publicKey(key);
    if (!x) continue;
    try {
      // Only what the curve needs: hosts differ in the `alg` that they take.
      const imported = await subtle.importKey("jwk", { kty: "OKP", crv: "Ed25519", x }, { name: "Ed25519" }, false, ["verify"]);
      if (await subtle.verify({ name: "Ed25519" }, imported, signature, message)) return key;
    } catch (/** @type {any} */ cause) {
      // A key that is none is passed over.
      if (cause?.name === "NotSupportedError") throw new LaminaError("UNSUPPORTED", "This host's WebCrypto knows no Ed25519.", { cause });
    }
  }
  return undefined;
}

/**
 * The keys of the service.
 * @param {Ask} ask
 * @param {any} client
 * @param {boolean} again none of those that are there fits
 * @param {boolean} share whether calls may wait for each other's requests
 * @param {number} time of day: a steady clock stands still while the machine sleeps
 * @returns {Promise<any[]>}
 */
async function fetchedKeys(ask, client, again, share, time) {
  const ring = (client.ring ??= { askedAt: -Infinity });
  const within = (/** @type {number} */ at, /** @type {number} */ ms) => Math.abs(time - at) < ms;
  const askedNow = within(ring.askedAt, ASK_AGAIN_MS);
  if (within(ring.gotAt, KEYS_FRESH_MS) && (!again || (askedNow && !ring.pending))) return ring.keys;
  if (ring.pending) return ring.pending;
  if (askedNow && ring.failure) throw ring.failure;
  ring.askedAt = time;
  const done = (/** @type {any} */ failure) => Object.assign(ring, { failure, pending: undefined });
  const pending = ask(client, operations.GET_SIGNING_KEYS, undefined).then(({ keys }) => {
    ring.gotAt = time;
    ring.unproven = !again;
    return (ring.keys = keys);
  });
  pending.then(() => done(undefined), done);
  if (share) ring.pending = pending;
  return pending;
}

/** @param {any} given a JWK set, a list of keys, or one */
const listOf = (given) => (Array.isArray(given?.keys) ? given.keys : Array.isArray(given) ? given : [given]);

/** @typedef {(client: any, operation: number, subject: unknown, inputs?: unknown, options?: unknown) => Promise<any>} Ask */

/**
 * @param {Ask} ask
 * @param {any} client
 * @param {any} delivery
 * @param {any} options
 * @param {{ wall: () => number, separate: () => boolean }} host
 */
export async function verifyWebhook(ask, client, delivery, options, host) {
  if (!globalThis.crypto?.subtle) throw new LaminaError("UNSUPPORTED", "This host has no WebCrypto; a page has it over https only.");
  const { body, signature, ...parts } = await readDelivery(delivery).catch((cause) => {
    const message = "The webhook must be a Request, or { body, headers } with the raw body as bytes or text.";
    throw new LaminaError("INVALID_ARGUMENT", message, { cause });
  });
  const timestamp = await ask(client, operations.CHECK_WEBHOOK, { signature, ...parts }, undefined, options);
  const bytes = Uint8Array.from(/** @type {any} */ (signature).match(/../g), (digits) => parseInt(digits, 16));
  const prefix = bytesOf(`${parts.timestamp}.`);
  const message = new Uint8Array(prefix.length + body.length);
  message.set(prefix);
  message.set(body, prefix.length);

  const given = options?.keys === undefined ? undefined : listOf(options.keys);
  if (given && !given.some(publicKey)) {
    throw new LaminaError("INVALID_ARGUMENT", "`keys` must hold an Ed25519 key: a JWK set, a JWK, or its older base64 form.");
  }
  const keys = (/** @type {boolean} */ again) => given ?? fetchedKeys(ask, client, again, !host.separate(), host.wall());
  let key = await signer(await keys(false), message, bytes);
  if (!given) {
    // Keys that were fetched for a delivery of the service's own leave the minute's request to the next that none fits.
    if (key && client.ring.unproven) client.ring.askedAt = -Infinity;
    client.ring.unproven = false;
    key ??= await signer(await keys(true), message, bytes);
  }
  if (!key) throw new LaminaError("WEBHOOK_INVALID_SIGNATURE", "None of the keys made the webhook's signature.");

  const { requestId, userId } = parts;
  const event = { requestId, timestamp, ...(userId && { userId }), ...(key.kid && { keyId: key.kid }) };
  return ask(client, operations.WEBHOOK_EVENT, event, parseBytes(body));
}
