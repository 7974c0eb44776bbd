// verifyWebhook on what must not be trusted: signatures and keys as attackers and test suites for Ed25519 make them, bodies
// and headers that do not fit.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { installPackage } from "../support/install.mjs";
import { rejection } from "../support/settle.mjs";
import { bodyOf, delivery, headersOf, ID, KEY, NOW, OTHER, THIRD, VECTOR, vectorDelivery } from "./vectors/deliveries.mjs";

const { isLaminaError, Lamina } = await (await installPackage()).import();

const lamina = new Lamina({ apiKey: "k", fetch: async (url) => assert.fail(`${url} was fetched`) });
const verify = (given, options) => lamina.verifyWebhook(given, { keys: KEY.jwk, now: NOW, ...options });
const refused = async (given, code, options) => {
  const error = await rejection(verify(given, options), code);
  assert.ok(isLaminaError(error) && error.retryable === false && error.stack.includes(error.message));
  return error;
};
const signedAs = (signature, keys = KEY.jwk) => verify({ body: VECTOR.body, headers: headersOf(signature) }, { keys });

/** The order of the curve's group. */
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
/** The field's prime. */
const P = 2n ** 255n - 19n;
const little = (hex) => BigInt(`0x${Buffer.from(hex, "hex").reverse().toString("hex")}`);
const hex = (number) => Buffer.from(number.toString(16).padStart(64, "0"), "hex").reverse().toString("hex");
const GOOD = VECTOR.signatureHex;
const [R, S] = [GOOD.slice(0, 64), GOOD.slice(64)];
const zeros = "0".repeat(64);

describe("a signature", () => {
  test("in capitals is as good: they are hexadecimal digits", async () => {
    const mixed = [...GOOD].map((digit, index) => (index % 2 ? digit.toUpperCase() : digit)).join("");
    for (const signature of [GOOD.toUpperCase(), mixed]) assert.equal((await signedAs(signature)).requestId, ID);
  });

  const MALFORMED = {
    "nothing": "",
    "a digit short": GOOD.slice(1),
    "a byte short": GOOD.slice(2),
    "half": R,
    "a digit long": `${GOOD}0`,
    "a byte long": `${GOOD}00`,
    "twice": GOOD + GOOD,
    "with 0x": `0x${GOOD}`,
    "with 0x within its length": `0x${GOOD.slice(2)}`,
    "with a space before it": ` ${GOOD}`,
    "with a space after it": `${GOOD} `,
    "with a space in the place of a digit": ` ${GOOD.slice(1)}`,
    "with a line end": `${GOOD}\n`,
    "with spaces between its bytes": GOOD.match(/../g).join(" "),
    "with colons between its bytes": GOOD.match(/../g).join(":"),
    "with another letter": `${GOOD.slice(0, -1)}g`,
    "with a sign": `-${GOOD.slice(1)}`,
    "with digits of another script": GOOD.replace(/\d/, (digit) => String.fromCharCode(0x660 + Number(digit))),
    "with wide digits": GOOD.replace(/\d/, (digit) => String.fromCharCode(0xff10 + Number(digit))),
    "with a NUL": `${GOOD.slice(0, -1)}\0`,
    "as base64": Buffer.from(GOOD, "hex").toString("base64"),
    "128 characters of base64": Buffer.alloc(96, 0xff).toString("base64"),
    "after its scheme": `ed25519=${GOOD}`,
    "in quotes": `"${GOOD}"`,
    "two of them": `${GOOD}, ${GOOD}`,
    "very long": GOOD.repeat(10_000),
  };
  for (const [what, signature] of Object.entries(MALFORMED)) {
    test(`${what} is WEBHOOK_MALFORMED`, () => refused({ body: VECTOR.body, headers: headersOf(signature) }, "WEBHOOK_MALFORMED"));
  }

  test("that is no text is WEBHOOK_MALFORMED", async () => {
    for (const signature of [Buffer.from(GOOD, "hex"), 5, null, undefined, {}, { length: 128 }, [GOOD, GOOD], [], Object(GOOD), true]) await refused({ body: VECTOR.body, headers: headersOf(signature) }, "WEBHOOK_MALFORMED");
  });

  const bits = (number) => hex(BigInt(number));
  const WRONG = {
    "all zero": zeros + zeros,
    "all ones": "f".repeat(128),
    "R is zero": zeros + S,
    "S is zero": R + zeros,
    "R is the neutral point, S is zero": bits(1n) + zeros,
    "R and S are swapped": S + R,
    "its bytes are reversed": Buffer.from(GOOD, "hex").reverse().toString("hex"),
    "S + L": R + hex(little(S) + L),
    "S + 2 L": R + hex(little(S) + 2n * L),
    "L - S": R + hex(L - little(S)),
    "S is L": R + hex(L),
    "S is L - 1": R + hex(L - 1n),
    "S with its highest bit": R + hex(little(S) + 2n ** 255n),
    "S + 1": R + hex(little(S) + 1n),
    "R with its highest bit turned": hex(little(R) ^ (2n ** 255n)) + S,
    "R is the prime": hex(P) + S,
    "R is the prime + 1, S is zero": hex(P + 1n) + zeros,
    "R is no point": bits(2n) + S,
    "of the next second": KEY.sign(Buffer.from(`${Number(VECTOR.timestamp) + 1}.${VECTOR.body}`)).toString("hex"),
    "of the body alone": KEY.sign(Buffer.from(VECTOR.body)).toString("hex"),
    "of the time and the body without a point": KEY.sign(Buffer.from(VECTOR.timestamp + VECTOR.body)).toString("hex"),
    "of the id, the time and the body": KEY.sign(Buffer.from(`${ID}.${VECTOR.timestamp}.${VECTOR.body}`)).toString("hex"),
    "of the body written in another way": KEY.sign(Buffer.from(`${VECTOR.timestamp}.${JSON.stringify(JSON.parse(VECTOR.body), null, 2)}`)).toString("hex"),
    "by another key": OTHER.sign(Buffer.from(`${VECTOR.timestamp}.${VECTOR.body}`)).toString("hex"),
  };
  for (const [what, signature] of Object.entries(WRONG)) {
    test(`${what}: WEBHOOK_INVALID_SIGNATURE`, async () => {
      assert.match(signature, /^[0-9a-f]{128}$/);
      for (const keys of [KEY.jwk, KEY.spki, [THIRD.jwk, KEY.jwk]]) await refused({ body: VECTOR.body, headers: headersOf(signature) }, "WEBHOOK_INVALID_SIGNATURE", { keys });
    });
  }

  test("is of these bytes: another writing of the same JSON is WEBHOOK_INVALID_SIGNATURE", async () => {
    const { headers } = vectorDelivery();
    const others = [`${VECTOR.body}\n`, ` ${VECTOR.body}`, `\ufeff${VECTOR.body}`, VECTOR.body.replaceAll(",", ", "), VECTOR.body.replace("https:", "https\\u003a"), VECTOR.body.replace("/output", "\\/output"), "", VECTOR.body.slice(0, -1), VECTOR.body + VECTOR.body];
    for (const body of others) await refused({ body, headers }, "WEBHOOK_INVALID_SIGNATURE");
  });
});

describe("a key", () => {
  const own = (x) => ({ kty: "OKP", crv: "Ed25519", x });
  const { x } = KEY.jwk;
  const bytes = Buffer.from(x, "base64url");
  const BROKEN = {
    "a byte short": own(bytes.subarray(1).toString("base64url")),
    "a byte long": own(Buffer.concat([bytes, Buffer.alloc(1)]).toString("base64url")),
    "no text": own(5),
    "bytes": own(bytes),
    "without x": own(undefined),
    "with an empty x": own(""),
    "that is no base64": own("*".repeat(43)),
    "that is hexadecimal": own(KEY.publicHex),
    "of another kty": { ...own(x), kty: "EC" },
    "without kty": { crv: "Ed25519", x },
    "of another curve": { ...own(x), crv: "Ed448" },
    "without a curve": { kty: "OKP", x },
    "for agreements": { ...own(x), crv: "X25519" },
    "SPKI of another curve": KEY.spki.replace("MCowBQYDK2VwAyEA", "MCowBQYDK2VuAyEA"),
    "SPKI without its end": KEY.spki.slice(0, -8),
    "SPKI in the place of x": own(KEY.spki),
    "the bare key in base64": bytes.toString("base64"),
    "the bare key in hexadecimal": KEY.publicHex,
  };
  for (const [what, key] of Object.entries(BROKEN)) {
    test(`${what} verifies nothing, and is passed over beside a good one`, async () => {
      const error = await rejection(verify(vectorDelivery(), { keys: key }));
      assert.ok(isLaminaError(error) && /^(INVALID_ARGUMENT|WEBHOOK_INVALID_SIGNATURE)$/.test(error.code), `${error.code} ${error.message}`);
      await refused(vectorDelivery(), "WEBHOOK_INVALID_SIGNATURE", { keys: [key, OTHER.jwk] });
      assert.equal((await verify(vectorDelivery(), { keys: [key, KEY.jwk] })).requestId, ID);
    });
  }

  test("with a private half serves as its public one", async () => {
    assert.equal((await verify(vectorDelivery(), { keys: { ...KEY.jwk, d: Buffer.from(VECTOR.privateSeedHex, "hex").toString("base64url") } })).requestId, ID);
  });

  // Were the key itself one of these, hosts would take such signatures; but who gives the key might as well give his own.
  const SMALL = {
    "0": zeros,
    "0 with its sign": hex(2n ** 255n),
    "1": hex(1n),
    "1 with its sign": hex(1n + 2n ** 255n),
    "the prime - 1": hex(P - 1n),
    "the prime": hex(P),
    "the prime + 1": hex(P + 1n),
    "of order 8": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "of order 8, the other": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  };
  for (const [what, point] of Object.entries(SMALL)) {
    test(`of the service: R of small order (${what}) and S = 0 is no signature of any body`, async () => {
      for (let id = 0; id < 8; id++) {
        await refused({ body: bodyOf(String(id)), headers: headersOf(point + zeros) }, "WEBHOOK_INVALID_SIGNATURE", { keys: [KEY.jwk, OTHER.jwk] });
      }
    });
  }
});

describe("the head and the body", () => {
  for (const name of ["x-lamina-webhook-signature", "x-lamina-webhook-timestamp"]) {
    test(`without ${name} it is WEBHOOK_MALFORMED, and the message names it`, async () => {
      for (const [given, names] of [[{}, "missing"], [{ [name]: undefined }, "missing"], [{ [name]: "" }, "missing"]]) {
        const { [name]: _, ...headers } = vectorDelivery({ requestId: ID }).headers;
        const error = await refused({ body: VECTOR.body, headers: { ...headers, ...given } }, "WEBHOOK_MALFORMED");
        assert.ok(error.message.toLowerCase().includes(name) && error.message.includes(names), error.message);
      }
    });

    test(`with two of ${name} it is WEBHOOK_MALFORMED`, async () => {
      const { headers } = vectorDelivery();
      const twice = new Headers(headers);
      twice.append(name, headers[name]);
      await refused({ body: VECTOR.body, headers: twice }, "WEBHOOK_MALFORMED");
      await refused({ body: VECTOR.body, headers: { ...headers, [name]: [headers[name], headers[name]] } }, "WEBHOOK_MALFORMED");
    });
  }

  test("without headers it is WEBHOOK_MALFORMED", async () => {
    for (const headers of [undefined, null, {}, new Headers(), [], "x-lamina-webhook-signature"]) await refused({ body: VECTOR.body, headers }, "WEBHOOK_MALFORMED");
  });

  test("a request id of another execution is WEBHOOK_MALFORMED: it says what is handled once", async () => {
    for (const requestId of ["", " ", "80d4d454-8844-489f-b903-2ad65a414482", ID.toUpperCase(), `${ID} `, ID.slice(1), `${ID}, ${ID}`, [ID, ID], 5]) {
      const { message } = await refused({ body: VECTOR.body, headers: { ...vectorDelivery().headers, "x-lamina-webhook-request-id": requestId } }, "WEBHOOK_MALFORMED");
      assert.match(message, /Request-Id/);
    }
  });

  test("an id that is not signed does not stand in for one that the body lacks", async () => {
    await refused(delivery('{"data":{"status":"completed"}}', { requestId: ID }), "WEBHOOK_MALFORMED");
    await refused(delivery('{"data":{"status":"completed","executionId":""}}', { requestId: "" }), "WEBHOOK_MALFORMED");
  });

  for (const body of ["", "{", "null", "true", "5", '"completed"', "[]", "{}", '{"data":null}', '{"data":[]}', '{"data":{}}', '{"data":"completed"}', `{"data":{"executionId":"${ID}"}}`, `{"data":{"executionId":"${ID}","status":5}}`, `{"data":{"executionId":"${ID}","status":""}}`,
    '{"data":{"executionId":5,"status":"completed"}}', `{"data":{"executionId":"${ID}","status":"completed","outputs":{}}}`, `{"data":{"executionId":"${ID}","status":"completed","outputs":[5]}}`, `${VECTOR.body} x`, `${VECTOR.body}\0`]) {
    test(`signed, and yet no execution: ${JSON.stringify(body.slice(0, 80))} is WEBHOOK_MALFORMED`, () => refused(delivery(body), "WEBHOOK_MALFORMED"));
  }

  test("an execution without an envelope is taken, and what else it has is kept", async () => {
    const execution = { executionId: ID, status: "failed", outputs: [], errorMessage: "x", future: { deep: [1] } };
    for (const body of [execution, { data: execution, event: "execution.failed" }]) assert.deepEqual((await verify(delivery(JSON.stringify(body)))).execution, execution);
  });

  test("members with the names of an object's own do no harm", async () => {
    const { execution } = await verify(delivery(`{"data":{"__proto__":{"status":"x","polluted":1},"constructor":1,"executionId":"${ID}","status":"completed"}}`));
    assert.equal(execution.status, "completed");
    assert.equal({}.polluted, undefined);
    await refused(delivery(`{"data":{"__proto__":{"executionId":"${ID}","status":"completed"}}}`), "WEBHOOK_MALFORMED");
  });

  test("bytes that are no UTF-8 are signed as they are", async () => {
    const body = Buffer.concat([Buffer.from(bodyOf().replace("}}", ',"note":"')), Buffer.from([0xff, 0xc3, 0x28]), Buffer.from('"}}')]);
    assert.equal((await verify(delivery(body))).execution.executionId, ID);
    await refused({ ...delivery(body), body: body.toString("utf8") }, "WEBHOOK_INVALID_SIGNATURE");
  });

  test("a large body is verified as it is", async () => {
    const value = "é€😀".repeat(400_000);
    const { execution } = await verify(delivery(bodyOf(ID, { outputs: [{ id: "n", value }] })));
    assert.equal(execution.outputs[0].value, value);
  });
});
