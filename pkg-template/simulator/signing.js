// @ts-check
// Real Ed25519 signatures on webhooks, by WebCrypto.

import { bytes } from "./reply.js";

/**
 * The first test key of RFC 8032: published with its private half, so what it signs proves nothing.
 *
 * @type {Readonly<Required<import("./index.js").SigningKey>>}
 */
export const TEST_KEY = {
  kty: "OKP",
  crv: "Ed25519",
  d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
  x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
  kid: "lamina-simulator-v1",
};

/**
 * The key set that the server publishes.
 *
 * @param {import("./index.js").SigningKey} key
 */
export function publicKeys({ kty, crv, x, kid = TEST_KEY.kid }) {
  return [{ kty, crv, x, kid, use: "sig", alg: "EdDSA" }];
}

/** @type {typeof import("./index.js").signWebhook} */
export async function signWebhook({ body, timestamp, requestId, userId, key = TEST_KEY }) {
  if (typeof body !== "string" && !ArrayBuffer.isView(body)) {
    throw new TypeError("signWebhook needs { body }: the raw body, as text or bytes");
  }
  const seconds = String(timestamp ?? Math.floor(Date.now() / 1000));
  const content = typeof body === "string" ? bytes(body) : body;
  const prefix = bytes(`${seconds}.`);
  const message = new Uint8Array(prefix.length + content.length);
  message.set(prefix);
  message.set(content, prefix.length);

  // Only what the curve needs: hosts differ in the `alg` that they take.
  const { kty, crv, d, x } = key;
  const imported = await crypto.subtle.importKey("jwk", { kty, crv, d, x }, { name: "Ed25519" }, false, ["sign"]);
  const signature = new Uint8Array(await crypto.subtle.sign({ name: "Ed25519" }, imported, message));
  return {
    "content-type": "application/json",
    "x-lamina-webhook-signature": Array.from(signature, (byte) => byte.toString(16).padStart(2, "0")).join(""),
    "x-lamina-webhook-timestamp": seconds,
    ...(requestId === undefined ? {} : { "x-lamina-webhook-request-id": requestId }),
    ...(userId === undefined ? {} : { "x-lamina-webhook-user-id": userId }),
  };
}
