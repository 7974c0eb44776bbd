// Every bit of a delivery, turned: none passes, and each is refused as a webhook that must not be trusted.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { installPackage } from "../support/install.mjs";
import { outcome } from "../support/settle.mjs";
import { delivery, ID, KEY, NOW, OTHER, VECTOR, vectorDelivery } from "./vectors/deliveries.mjs";

const { isLaminaError, Lamina } = await (await installPackage()).import();

const lamina = new Lamina({ apiKey: "k", fetch: async (url) => assert.fail(`${url} was fetched`) });
const verify = (given) => lamina.verifyWebhook(given, { keys: [OTHER.jwk, KEY.jwk], now: NOW });

const GOOD = vectorDelivery({ requestId: ID });
const SIGNATURE = "x-lamina-webhook-signature";
const TIMESTAMP = "x-lamina-webhook-timestamp";
const REQUEST_ID = "x-lamina-webhook-request-id";
const withHeader = (name, value) => ({ ...GOOD, headers: { ...GOOD.headers, [name]: value } });

/** How many of the mutants end in which way; one that passes, or ends in another way than a webhook's, fails the test. */
async function tally(mutants) {
  const codes = {};
  for (const [what, mutant] of mutants) {
    const { error, value } = await outcome(() => verify(mutant));
    assert.ok(!value, `${what} was accepted`);
    assert.ok(isLaminaError(error) && error.code.startsWith("WEBHOOK_"), `${what}: ${error.code} ${error.stack}`);
    codes[error.code] = (codes[error.code] ?? 0) + 1;
  }
  return codes;
}

/** Each bit of each byte, turned. @param {Uint8Array} bytes @param {(bytes: Buffer) => unknown} make */
function* bitFlips(bytes, make) {
  for (let at = 0; at < bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const mutant = Buffer.from(bytes);
      mutant[at] ^= 1 << bit;
      yield [`bit ${bit} of byte ${at}`, make(mutant)];
    }
  }
}

/** As a header holds bytes: each a character. */
const characters = (text, make) => bitFlips(Buffer.from(text, "latin1"), (bytes) => make(bytes.toString("latin1")));

describe("a turned bit", () => {
  test("nowhere, the delivery is good", async () => {
    assert.equal((await verify(GOOD)).requestId, ID);
  });

  test("in the body", async () => {
    const body = Buffer.from(VECTOR.body);
    const codes = await tally(bitFlips(body, (mutant) => ({ ...GOOD, body: mutant })));
    assert.deepEqual(codes, { WEBHOOK_INVALID_SIGNATURE: body.length * 8 });
  });

  test("in the signature's bytes", async () => {
    const codes = await tally(bitFlips(Buffer.from(VECTOR.signatureHex, "hex"), (mutant) => withHeader(SIGNATURE, mutant.toString("hex"))));
    assert.deepEqual(codes, { WEBHOOK_INVALID_SIGNATURE: 512 });
  });

  test("in the signature's digits, where it makes no capital of a letter", async () => {
    const same = (text) => text.toLowerCase() === VECTOR.signatureHex;
    const mutants = [...characters(VECTOR.signatureHex, (text) => text)];
    const codes = await tally(mutants.filter(([, text]) => !same(text)).map(([what, text]) => [what, withHeader(SIGNATURE, text)]));
    const letters = VECTOR.signatureHex.replace(/\d/g, "").length;
    assert.equal(codes.WEBHOOK_MALFORMED + codes.WEBHOOK_INVALID_SIGNATURE, 128 * 8 - letters);
    for (const [, text] of mutants.filter(([, text]) => same(text))) assert.equal((await verify(withHeader(SIGNATURE, text))).requestId, ID);
  });

  test("in the timestamp", async () => {
    const codes = await tally(characters(VECTOR.timestamp, (text) => withHeader(TIMESTAMP, text)));
    assert.equal(Object.values(codes).reduce((sum, count) => sum + count), VECTOR.timestamp.length * 8);
    assert.ok(codes.WEBHOOK_MALFORMED && codes.WEBHOOK_EXPIRED && codes.WEBHOOK_INVALID_SIGNATURE, JSON.stringify(codes));
  });

  test("in the request id", async () => {
    assert.deepEqual(await tally(characters(ID, (text) => withHeader(REQUEST_ID, text))), { WEBHOOK_MALFORMED: ID.length * 8 });
  });
});

describe("a byte", () => {
  const cut = (bytes, at) => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
  const put = (bytes, at, byte) => Buffer.concat([bytes.subarray(0, at), Buffer.from([byte]), bytes.subarray(at)]);
  const places = (text) => Array.from(text, (_, at) => at);

  test("fewer or more anywhere in the body", async () => {
    const body = Buffer.from(VECTOR.body);
    const mutants = places(VECTOR.body).flatMap((at) => [[`without ${at}`, cut(body, at)], [`a space at ${at}`, put(body, at, 32)], [`up to ${at}`, body.subarray(0, at)], [`from ${at + 1}`, body.subarray(at + 1)]]);
    const codes = await tally(mutants.map(([what, mutant]) => [what, { ...GOOD, body: mutant }]));
    assert.deepEqual(codes, { WEBHOOK_INVALID_SIGNATURE: mutants.length });
  });

  for (const [name, value] of [[SIGNATURE, VECTOR.signatureHex], [TIMESTAMP, VECTOR.timestamp], [REQUEST_ID, ID]]) {
    test(`fewer or more anywhere in ${name}`, async () => {
      const mutants = places(value).flatMap((at) => [value.slice(0, at) + value.slice(at + 1), `${value.slice(0, at)} ${value.slice(at)}`, `${value.slice(0, at)}0${value.slice(at)}`, value.slice(0, at), value.slice(at + 1)]);
      await tally(mutants.map((text) => [JSON.stringify(text), withHeader(name, text)]));
    });
  }

  test("that moves from the timestamp to the body, or back, makes another message of the same bytes", async () => {
    // The point is not enough to tell them apart; that the timestamp is digits alone is.
    const moved = delivery("5.{}", { timestamp: "177426865" });
    const { headers } = delivery("{}", { timestamp: "177426865.5" });
    assert.equal(moved.headers[SIGNATURE], headers[SIGNATURE]);
    assert.deepEqual(await tally([["with the point in its timestamp", { body: Buffer.from("{}"), headers }]]), { WEBHOOK_MALFORMED: 1 });
  });
});

describe("parts of two deliveries", () => {
  const first = delivery(VECTOR.body, { requestId: ID, userId: "user_1" });
  const otherId = "80d4d454-8844-489f-b903-2ad65a414482";
  const second = delivery(VECTOR.body.replace(ID, otherId), { requestId: otherId, timestamp: NOW / 1000 + 1 });
  const parts = [SIGNATURE, TIMESTAMP, REQUEST_ID, "body"];

  test("fit together only as they were", async () => {
    const mutants = [];
    for (let mix = 1; mix < 2 ** parts.length - 1; mix++) {
      const pick = (index) => (mix & (1 << index) ? second : first);
      const headers = Object.fromEntries(parts.slice(0, 3).map((name, index) => [name, pick(index).headers[name]]));
      mutants.push([`mix ${mix.toString(2)}`, { body: pick(3).body, headers }]);
    }
    const codes = await tally(mutants);
    assert.deepEqual(codes, { WEBHOOK_INVALID_SIGNATURE: 12, WEBHOOK_MALFORMED: 2 });
    assert.deepEqual([(await verify(first)).requestId, (await verify(second)).requestId], [ID, otherId]);
  });
});
