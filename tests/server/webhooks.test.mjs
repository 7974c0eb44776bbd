// verifyWebhook: which forms it takes a delivery and the keys in, and what it makes of the head and of the body.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { runInNewContext } from "node:vm";
import { runChild } from "../support/child.mjs";
import { installPackage } from "../support/install.mjs";
import { rejection } from "../support/settle.mjs";
import { bodyOf, delivery, headersOf, ID, KEY, NOW, OTHER, RFC8032, THIRD, VECTOR, vectorDelivery } from "./vectors/deliveries.mjs";

const installed = await installPackage();
const { isLaminaError, Lamina, verifyWebhook } = await installed.import();

const fetch = async (url) => assert.fail(`${url} was fetched`);
const lamina = new Lamina({ apiKey: "k", fetch });
const verify = (given, options) => lamina.verifyWebhook(given, { keys: VECTOR.jwk, now: NOW, ...options });
const refused = async (given, code, options) => {
  const error = await rejection(verify(given, options), code);
  assert.ok(isLaminaError(error) && error.retryable === false);
  return error;
};
const EXECUTION = JSON.parse(VECTOR.body).data;

describe("the vector", () => {
  test("is verified, and its event says what it is of", async () => {
    const event = await verify(vectorDelivery({ requestId: ID, userId: "user_1" }));
    assert.deepEqual(event, { execution: EXECUTION, requestId: ID, userId: "user_1", timestamp: 1774268655, keyId: "test" });
  });

  test("has no member for what is not known: no user, no name of the key", async () => {
    const { kid, ...nameless } = VECTOR.jwk;
    assert.equal(kid, "test");
    assert.deepEqual(Object.keys(await verify(vectorDelivery(), { keys: nameless })).sort(), ["execution", "requestId", "timestamp"]);
  });

  test("with runId in the place of executionId has both, and is known by it", async () => {
    const signature = "efed5c10dfdf03e7eddfb200de115181c1c710ae30926025efe677d4678a708fea0a97e63536fb0384a3086822120260616c9a40aad62b9fa30a0c0fac0a2901";
    const body = VECTOR.body.replace("executionId", "runId");
    for (const requestId of [undefined, ID]) {
      const event = await verify({ body, headers: headersOf(signature, { requestId }) });
      assert.equal(event.requestId, ID);
      assert.deepEqual(event.execution, { ...JSON.parse(body).data, executionId: ID });
    }
  });

  test("needs neither an API key nor a client of one's own where keys are given", async () => {
    const { json, stderr } = await runChild(
      installed.folder,
      `import { verifyWebhook, Lamina } from "lamina-wasm";
       const [given, options] = ${JSON.stringify([vectorDelivery(), { keys: VECTOR.jwk, now: NOW }])};
       const events = [await verifyWebhook(given, options), await new Lamina().verifyWebhook(given, options)];
       console.log(JSON.stringify(events.map(({ requestId }) => requestId)));`,
    );
    assert.deepEqual(json, [ID, ID], stderr);
    assert.equal((await verifyWebhook(vectorDelivery(), { keys: KEY.jwk, now: NOW })).requestId, ID);
  });

  for (const [index, { deliverySignatureHex, messageHex, publicHex, seedHex, signatureHex }] of RFC8032.tests.entries()) {
    test(`RFC 8032, test ${index + 1}: what its seed signs is verified by its key, and by no other`, async () => {
      const key = [KEY, OTHER, THIRD][index];
      assert.equal(key.publicHex, publicHex, seedHex);
      assert.equal(key.sign(Buffer.from(messageHex, "hex")).toString("hex"), signatureHex);
      const given = { body: RFC8032.body, headers: headersOf(deliverySignatureHex, RFC8032) };
      assert.deepEqual(given.headers, delivery(RFC8032.body, { key, timestamp: RFC8032.timestamp }).headers);
      assert.equal((await verify(given, { keys: key.jwk })).keyId, key.jwk.kid);
      await refused(given, "WEBHOOK_INVALID_SIGNATURE", { keys: [KEY, OTHER, THIRD].filter((other) => other !== key).map(({ jwk }) => jwk) });
    });
  }
});

describe("a delivery", () => {
  const { headers } = vectorDelivery({ requestId: ID });
  const bytes = Buffer.from(VECTOR.body);
  const padded = new Uint8Array(bytes.length + 20).fill(32);
  padded.set(bytes, 10);
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);

  const BODIES = {
    "a string": VECTOR.body,
    "a Buffer": bytes,
    "a Uint8Array": new Uint8Array(bytes),
    "a part of a larger buffer": padded.subarray(10, 10 + bytes.length),
    "a DataView": new DataView(padded.buffer, 10, bytes.length),
    "an ArrayBuffer": new Uint8Array(bytes).buffer,
    "an ArrayBuffer of another realm": runInNewContext("Uint8Array.from(bytes).buffer", { bytes }),
    "a view of another realm": runInNewContext("Uint8Array.from(bytes)", { bytes }),
    "a view of shared memory": shared,
    "a promise of the bytes": Promise.resolve(bytes),
  };
  for (const [what, body] of Object.entries(BODIES)) {
    test(`with its body as ${what}`, async () => {
      assert.deepEqual((await verify({ body, headers })).execution, EXECUTION);
      assert.equal(Buffer.from(VECTOR.body).compare(bytes), 0, "the bytes are as they were");
    });
  }

  const HEADERS = {
    "Headers": new Headers(headers),
    "Node's, in lower case": headers,
    "as they are documented": Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.replace(/(^|-)./g, (start) => start.toUpperCase()), value])),
    "in capitals": Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value])),
    "as lists of one": Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    "without a prototype": Object.assign(Object.create(null), headers),
    "beside others": { host: "hooks.example", "set-cookie": ["a", "b"], "x-lamina-webhook-signature-2": "00", absent: undefined, ...headers },
  };
  HEADERS["with null for those that are not there, as Headers gives it"] = {
    ...headers,
    "x-lamina-webhook-request-id": null,
    "x-lamina-webhook-user-id": null,
  };
  for (const [what, given] of Object.entries(HEADERS)) {
    test(`with its headers ${what}`, async () => {
      assert.equal((await verify({ body: VECTOR.body, headers: given })).requestId, ID);
    });
  }

  test("as a Request, which is read once", async () => {
    const request = new Request("https://hooks.example/lamina", { method: "POST", headers, body: VECTOR.body });
    assert.deepEqual((await verify(request)).execution, EXECUTION);
    assert.equal(request.bodyUsed, true);
    await refused(request, "INVALID_ARGUMENT");
  });

  const UNREADABLE = { "a parsed body": { headers, body: JSON.parse(VECTOR.body) }, "a list of numbers": { headers, body: [...bytes] }, "no body": { headers }, "a null body": { headers, body: null }, "nothing": undefined, "null": null, "a string": VECTOR.body,
    "a body whose reading fails": { headers, arrayBuffer: async () => { throw new TypeError("terminated"); } }, "headers that throw": { get headers() { throw new TypeError("gone"); }, body: VECTOR.body } };
  for (const [what, given] of Object.entries(UNREADABLE)) {
    test(`${what} is INVALID_ARGUMENT, and the message names the raw body`, async () => {
      assert.match((await refused(given, "INVALID_ARGUMENT")).message, /raw body/);
    });
  }

  test("that changes while it is looked at is the one that was signed", async () => {
    const body = Buffer.from(VECTOR.body);
    const forger = async () => {
      body.write("failed   ", body.indexOf("completed"));
      return Response.json({ keys: [VECTOR.jwk] });
    };
    const { execution } = await new Lamina({ apiKey: "k", fetch: forger }).verifyWebhook({ body, headers }, { now: NOW });
    assert.deepEqual(execution, EXECUTION);
    assert.ok(!body.equals(bytes));
  });
});

describe("the keys", () => {
  const { jwk, spki, pem } = KEY;
  const strange = [{ kty: "EC", crv: "P-256", x: jwk.x, y: jwk.x }, { kty: "RSA", n: "AQAB", e: "AQAB" }, { kty: "OKP", crv: "X25519", x: jwk.x }, { kty: "oct", k: "AAAA" }, "no key", null, 7];
  const FORMS = {
    "a JWK": jwk,
    "the least JWK": { kty: "OKP", crv: "Ed25519", x: jwk.x },
    "a JWK for other uses": { ...jwk, alg: "Ed25519", use: "enc", key_ops: [], ext: false },
    "a JWK set": { keys: [jwk] },
    "a JWK set with other members": { keys: [jwk], "cache-control": "max-age=1" },
    "a list of JWKs": [jwk],
    "base64 SPKI": spki,
    "base64 SPKI in lines": `${spki.slice(0, 30)}\n${spki.slice(30)}\n`,
    "PEM": pem,
    "PEM with Windows' line ends": pem.replaceAll("\n", "\r\n"),
    "a list of base64 SPKI": [OTHER.spki, spki],
    "others before it": [OTHER.jwk, THIRD.jwk, jwk],
    "others after it": { keys: [jwk, OTHER.jwk] },
    "other kinds beside it": { keys: [...strange, jwk, ...strange] },
    "one that is broken before it": [{ ...jwk, x: "AAAA" }, { ...jwk, x: "*" }, { ...jwk, x: 5 }, jwk],
  };
  for (const [what, keys] of Object.entries(FORMS)) {
    test(`as ${what}`, async () => {
      assert.equal((await verify(vectorDelivery(), { keys })).requestId, ID);
    });
  }

  test("the event names the key that signed, where it has a name", async () => {
    const keys = [OTHER.jwk, { ...jwk, kid: "mine" }];
    assert.equal((await verify(vectorDelivery(), { keys })).keyId, "mine");
    for (const keys of [spki, { kty: "OKP", crv: "Ed25519", x: jwk.x }]) assert.equal((await verify(vectorDelivery(), { keys })).keyId, undefined);
  });

  for (const [what, keys] of Object.entries({ "an empty list": [], "an empty set": { keys: [] }, "a set that is none": { keys: 5 }, "an empty object": {}, "an empty text": "", "false": false, "zero": 0, "null": null, "other kinds alone": strange, "a text that is no key": "secret" })) {
    test(`${what} is INVALID_ARGUMENT`, async () => {
      const error = await refused(vectorDelivery(), "INVALID_ARGUMENT", { keys });
      assert.match(error.message, /`keys`/);
      assert.ok(!error.message.includes("secret"));
    });
  }
});

describe("the time", () => {
  test("is the given one, as a number or as a Date", async () => {
    for (const now of [NOW, new Date(NOW), NOW + 0.5, runInNewContext("new Date(now)", { now: NOW })]) assert.equal((await verify(vectorDelivery(), { now })).timestamp, NOW / 1000);
  });

  test("is the host's clock else", async (t) => {
    await refused(vectorDelivery(), "WEBHOOK_EXPIRED", { now: undefined });
    t.mock.timers.enable({ apis: ["Date"], now: NOW });
    assert.equal((await verify(vectorDelivery(), { now: undefined })).requestId, ID);
  });

  test("may differ by five minutes either way, the limits included", async () => {
    for (const off of [-300_000, -299_999, 0, 299_999, 300_000]) assert.equal((await verify(vectorDelivery(), { now: NOW + off })).requestId, ID);
    for (const off of [-86_400_000, -300_001, -300_000.5, 300_000.5, 300_001, 86_400_000]) await refused(vectorDelivery(), "WEBHOOK_EXPIRED", { now: NOW + off });
  });

  for (const toleranceMs of [0, 1, 1500, 86_400_000, 1e15]) {
    test(`may differ by toleranceMs: ${toleranceMs}`, async () => {
      for (const sign of [-1, 1]) {
        assert.equal((await verify(vectorDelivery(), { toleranceMs, now: NOW + sign * toleranceMs })).requestId, ID);
        await refused(vectorDelivery(), "WEBHOOK_EXPIRED", { toleranceMs, now: NOW + sign * (toleranceMs + 1) });
      }
    });
  }

  test("may be any with toleranceMs: Infinity", async () => {
    for (const now of [0, 1e15]) assert.equal((await verify(vectorDelivery(), { toleranceMs: Infinity, now })).requestId, ID);
  });

  for (const options of [{ toleranceMs: -1 }, { toleranceMs: NaN }, { toleranceMs: "5" }, { now: NaN }, { now: "2026-03-23T12:24:15Z" }, { now: new Date("x") }, { now: Infinity }, { timeoutMs: -1 }]) {
    test(`${JSON.stringify(options)} is INVALID_ARGUMENT`, () => refused(vectorDelivery(), "INVALID_ARGUMENT", options));
  }

  // Each is signed as it stands, so that nothing but its form speaks against it.
  for (const timestamp of ["", " 1774268655", "1774268655 ", "\t1774268655", "1774268655\n", "1e9", "1.774268655e9", "+1774268655", "-1774268655", "+1", "-1", "0x", "0x69c12b2f", "1774268655.0", "1774268655.", ".5",
    "1_774_268_655", "1,774,268,655", "1774268655n", "NaN", "Infinity", "null", "١٧٧٤٢٦٨٦٥٥", "１７７４２６８６５５", "1774268655\0", "2026-03-23T12:24:15Z", "0000001774268655", "9".repeat(16), "9".repeat(400), "1774268655, 1774268655"]) {
    test(`${JSON.stringify(timestamp.slice(0, 30))} (${timestamp.length} characters) is WEBHOOK_MALFORMED`, () => refused(delivery(VECTOR.body, { timestamp }), "WEBHOOK_MALFORMED", { toleranceMs: Infinity }));
  }

  for (const timestamp of ["0", "1774268655000", "999999999999999", "1774268354", "1774268956"]) {
    test(`${timestamp} is WEBHOOK_EXPIRED`, () => refused(delivery(VECTOR.body, { timestamp }), "WEBHOOK_EXPIRED"));
  }
});
