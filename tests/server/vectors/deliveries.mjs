// Deliveries that are signed by Node's own crypto, not by the package's.

import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";

const read = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));

/** A whole delivery, written down with its signature. */
export const VECTOR = read("../../fixtures/webhook-vector.json");
export const RFC8032 = read("rfc8032.json");

/** When the vector was signed, in milliseconds. */
export const NOW = Number(VECTOR.timestamp) * 1000;
export const ID = JSON.parse(VECTOR.body).data.executionId;

const PKCS8 = "302e020100300506032b657004220420";

/** The key pair of a seed, in each form that it is given in. */
export function keyOf(seedHex, kid) {
  const secret = createPrivateKey({ key: Buffer.from(PKCS8 + seedHex, "hex"), format: "der", type: "pkcs8" });
  const open = createPublicKey(secret);
  const { x } = open.export({ format: "jwk" });
  return {
    jwk: { kty: "OKP", crv: "Ed25519", x, ...(kid && { kid }), use: "sig", alg: "EdDSA" },
    spki: open.export({ format: "der", type: "spki" }).toString("base64"),
    pem: open.export({ format: "pem", type: "spki" }),
    publicHex: Buffer.from(x, "base64url").toString("hex"),
    sign: (message) => sign(null, message, secret),
  };
}

/** The key of the vector, and two others. */
export const [KEY, OTHER, THIRD] = RFC8032.tests.map(({ seedHex }, index) => keyOf(seedHex, ["test", "other", "third"][index]));

/**
 * A delivery as it is sent.
 * @param {string | Uint8Array} body
 * @param {{ timestamp?: string | number, requestId?: string, userId?: string, key?: typeof KEY }} [how]
 * @returns {{ body: Buffer, headers: Record<string, string> }}
 */
export function delivery(body, { timestamp = VECTOR.timestamp, requestId, userId, key = KEY } = {}) {
  const bytes = Buffer.from(body);
  const signature = key.sign(Buffer.concat([Buffer.from(`${timestamp}.`), bytes])).toString("hex");
  return { body: bytes, headers: headersOf(signature, { timestamp, requestId, userId }) };
}

/** The headers of a delivery, in the order in which they are documented. */
export function headersOf(signature, { timestamp = VECTOR.timestamp, requestId, userId } = {}) {
  return {
    "content-type": "application/json",
    "x-lamina-webhook-signature": signature,
    "x-lamina-webhook-timestamp": String(timestamp),
    ...(requestId !== undefined && { "x-lamina-webhook-request-id": requestId }),
    ...(userId !== undefined && { "x-lamina-webhook-user-id": userId }),
  };
}

/** The body of a delivery. */
export const bodyOf = (id = ID, more = {}) => JSON.stringify({ data: { executionId: id, status: "completed", outputs: [], ...more } });

/** The vector's own delivery. */
export const vectorDelivery = (more) => ({ body: VECTOR.body, headers: headersOf(VECTOR.signatureHex, more) });

/** The present, as a delivery says it. */
export const seconds = () => Math.floor(Date.now() / 1000);
