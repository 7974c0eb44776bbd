// The keys that webhooks are verified with: fetched once, again after an hour, and again when one was replaced, however many
// forged deliveries come.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { runChild } from "../support/child.mjs";
import { installPackage } from "../support/install.mjs";
import { data, json, reset, stall, startServer, text } from "../support/scripted-server.mjs";
import { outcome, rejection, until, within } from "../support/settle.mjs";
import { bodyOf, delivery, ID, KEY, NOW, OTHER, seconds, vectorDelivery } from "./vectors/deliveries.mjs";

const installed = await installPackage();
const { Lamina } = await installed.import();

const ROUTE = "GET /api/webhooks/signing-key";
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const keySet = (...keys) => json({ keys: keys.map(({ jwk }) => jwk) });
const DOWN = json({ error: "down" }, 503);

/** A server with these answers to those who ask for keys, and a client of it. */
async function setUp(t, answers, options) {
  const server = await startServer(t);
  server.on(ROUTE, ...answers);
  return { server, lamina: new Lamina({ apiKey: "k", baseUrl: server.url, maxRetries: 0, ...options }) };
}

/** The host's clocks, which go on with the gift of moving them. */
function movableClocks(t) {
  const performanceNow = performance.now.bind(performance);
  const dateNow = Date.now;
  let moved = 0;
  performance.now = () => performanceNow() + moved;
  Date.now = () => dateNow() + moved;
  t.after(() => {
    delete performance.now;
    Date.now = dateNow;
  });
  return (ms) => (moved += ms);
}

const good = (key = KEY) => delivery(bodyOf(), { timestamp: seconds(), key });
const forged = () => good(OTHER);
const verified = async (lamina, given = good()) => assert.equal((await lamina.verifyWebhook(given)).requestId, ID);
const isForged = (lamina, given = forged()) => rejection(lamina.verifyWebhook(given), "WEBHOOK_INVALID_SIGNATURE");

describe("fetched keys", () => {
  test("are asked for once, by the first verification, with the client's key", async (t) => {
    const { server, lamina } = await setUp(t, [keySet(OTHER, KEY)]);
    for (let n = 0; n < 20; n++) await verified(lamina);
    assert.equal(server.requests.length, 1);
    assert.equal(server.requests[0].headers["x-api-key"], "k");
    assert.equal(server.requests[0].method, "GET");
  });

  test("are asked for once by verifications side by side", async (t) => {
    const { server, lamina } = await setUp(t, [(request, response) => void setTimeout(keySet(KEY), 100, request, response)]);
    await Promise.all(Array.from({ length: 50 }, () => verified(lamina)));
    assert.equal(server.requests.length, 1);
  });

  test("are each client's own", async (t) => {
    const { server, lamina } = await setUp(t, [keySet(KEY), keySet(OTHER)]);
    const other = new Lamina({ apiKey: "other", baseUrl: server.url });
    await verified(lamina);
    await isForged(other, good(KEY));
    await verified(lamina);
    assert.deepEqual(server.requests.map(({ headers }) => headers["x-api-key"]), ["k", "other"]);
  });

  test("may come in an envelope, and from v1", async (t) => {
    const server = await startServer(t);
    server.on("GET /v1/webhooks/signing-key", data({ keys: [KEY.jwk] }));
    await verified(new Lamina({ apiKey: "k", baseUrl: server.url, apiVersion: "v1" }));
  });

  test("are not asked for where the head speaks against the delivery, nor where keys are given", async (t) => {
    const { server, lamina } = await setUp(t, [keySet(KEY)]);
    await rejection(lamina.verifyWebhook(vectorDelivery()), "WEBHOOK_EXPIRED");
    await rejection(lamina.verifyWebhook({ body: "{}", headers: {} }), "WEBHOOK_MALFORMED");
    await rejection(lamina.verifyWebhook({ body: {}, headers: good().headers }), "INVALID_ARGUMENT");
    assert.equal((await lamina.verifyWebhook(good(), { keys: KEY.jwk })).keyId, "test");
    await rejection(lamina.verifyWebhook(forged(), { keys: KEY.jwk }), "WEBHOOK_INVALID_SIGNATURE");
    await rejection(lamina.verifyWebhook(good(), { keys: [] }), "INVALID_ARGUMENT");
    assert.equal(server.requests.length, 0);
  });

  test("are good for an hour, and then asked for again", async (t) => {
    const { server, lamina } = await setUp(t, [keySet(KEY), keySet(OTHER, KEY)]);
    const pass = movableClocks(t);
    await verified(lamina);
    pass(HOUR - 5_000);
    await verified(lamina);
    assert.equal(server.requests.length, 1);
    pass(5_001);
    await Promise.all([verified(lamina), verified(lamina)]);
    assert.equal(server.requests.length, 2);
    await verified(lamina, good(OTHER));
    assert.equal(server.requests.length, 2);
  });

  test("a key that is withdrawn is good for an hour at most", async (t) => {
    const { server, lamina } = await setUp(t, [keySet(KEY), keySet(OTHER)]);
    const pass = movableClocks(t);
    await verified(lamina);
    pass(HOUR + 1);
    await isForged(lamina, good(KEY));
    await verified(lamina, good(OTHER));
    assert.equal(server.requests.length, 2);
  });

  test("are asked for again when a delivery is signed by a new one", async (t) => {
    const { server, lamina } = await setUp(t, [keySet(KEY), keySet(KEY, OTHER)]);
    const pass = movableClocks(t);
    await verified(lamina);
    pass(MINUTE + 1);
    await Promise.all([verified(lamina, good(OTHER)), verified(lamina, good(OTHER)), verified(lamina)]);
    assert.equal(server.requests.length, 2);
    await verified(lamina, good(OTHER));
    await verified(lamina);
    assert.equal(server.requests.length, 2);
  });

  test("are asked for once a minute at most, whatever number of forged deliveries comes", async (t) => {
    const { server, lamina } = await setUp(t, [keySet(KEY)]);
    const pass = movableClocks(t);
    await verified(lamina);
    await Promise.all(Array.from({ length: 50 }, () => isForged(lamina)));
    assert.equal(server.requests.length, 2, "once again");
    for (let minute = 3; minute <= 5; minute++) {
      pass(MINUTE + 1);
      await Promise.all(Array.from({ length: 50 }, () => isForged(lamina)));
      for (let n = 0; n < 50; n++) await isForged(lamina);
      await verified(lamina);
      assert.equal(server.requests.length, minute);
    }
  });

  test("are asked for again at once when they were fetched for a good delivery, and the next is signed by a new key", async (t) => {
    const { server, lamina } = await setUp(t, [keySet(KEY), keySet(OTHER)]);
    await verified(lamina);
    await verified(lamina, good(OTHER));
    assert.equal(server.requests.length, 2);
    for (let n = 0; n < 20; n++) {
      await isForged(lamina, good(KEY));
      await verified(lamina, good(OTHER));
    }
    assert.equal(server.requests.length, 2, "once a minute, whatever comes between");
  });

  test("grow old while the machine sleeps, when a steady clock stands still, and when the clock is set back", async (t) => {
    const { server, lamina } = await setUp(t, [keySet(KEY)]);
    const dateNow = Date.now;
    t.after(() => (Date.now = dateNow));
    await verified(lamina);
    for (const [n, moved] of [[2, HOUR + 1_000], [3, -2 * HOUR]]) {
      Date.now = () => dateNow() + moved;
      await verified(lamina);
      await verified(lamina);
      assert.equal(server.requests.length, n);
    }
  });

  test("forged deliveries that come first cost one request, too", async (t) => {
    const { server, lamina } = await setUp(t, [keySet(KEY)]);
    await Promise.all(Array.from({ length: 50 }, () => isForged(lamina)));
    for (let n = 0; n < 50; n++) await isForged(lamina);
    assert.equal(server.requests.length, 1);
  });
});

describe("keys that cannot be fetched", () => {
  const TROUBLE = {
    "a 503": [DOWN, "RESOURCE_UNAVAILABLE"],
    "a 500": [json({ error: "x" }, 500), "INTERNAL_ERROR"],
    "a 401": [json({ error: "Invalid API key" }, 401), "AUTH_INVALID_KEY"],
    "a reset": [reset(), "NETWORK_ERROR"],
    "a stall": [stall(), "TIMEOUT"],
    "HTML": [text("<html>"), "INVALID_RESPONSE"],
    "no set": [json({ keys: "none" }), "INVALID_RESPONSE"],
  };
  for (const [what, [answer, code]] of Object.entries(TROUBLE)) {
    test(`${what} is ${code}, not the delivery's fault, and a verification of the next minute asks again`, async (t) => {
      const { server, lamina } = await setUp(t, [answer, keySet(KEY)], { attemptTimeoutMs: 300 });
      const pass = movableClocks(t);
      const errors = await Promise.all([rejection(lamina.verifyWebhook(good()), code), rejection(lamina.verifyWebhook(good()), code)]);
      assert.equal(errors[0].attempts, 1);
      for (let n = 0; n < 20; n++) await rejection(lamina.verifyWebhook(n % 2 ? good() : forged()), code);
      assert.equal(server.requests.length, 1, "whatever comes, within the minute");
      pass(MINUTE + 1);
      await verified(lamina);
      assert.equal(server.requests.length, 2);
    });
  }

  test("a transient failure is retried as every read is", async (t) => {
    const { server, lamina } = await setUp(t, [DOWN, reset(), keySet(KEY)], { maxRetries: 3 });
    await verified(lamina);
    assert.equal(server.requests.length, 3);
  });

  test("an empty set makes every delivery forged, and a good one comes a minute later", async (t) => {
    const { server, lamina } = await setUp(t, [json({ keys: [] }), keySet(KEY)]);
    const pass = movableClocks(t);
    await isForged(lamina, good());
    assert.equal(server.requests.length, 1);
    pass(MINUTE + 1);
    await verified(lamina);
    assert.equal(server.requests.length, 2);
  });

  test("a verification keeps its own time and signal, and the request goes on for the others", async (t) => {
    const { server, lamina } = await setUp(t, [(request, response) => void setTimeout(keySet(KEY), 400, request, response)]);
    const patient = verified(lamina);
    const hurried = rejection(lamina.verifyWebhook(good(), { timeoutMs: 50 }), "TIMEOUT");
    const { error } = await outcome(lamina.verifyWebhook(good(), { signal: AbortSignal.timeout(50) }));
    assert.equal(error.name, "TimeoutError");
    await hurried;
    await patient;
    assert.equal(server.requests.length, 1);
  });

  test("a refetch that fails is the server's error, and forged deliveries do not repeat it within the minute", async (t) => {
    const { server, lamina } = await setUp(t, [keySet(KEY), DOWN]);
    const pass = movableClocks(t);
    await verified(lamina);
    pass(MINUTE + 1);
    await rejection(lamina.verifyWebhook(forged()), "RESOURCE_UNAVAILABLE");
    for (let n = 0; n < 20; n++) await isForged(lamina);
    await verified(lamina);
    assert.equal(server.requests.length, 2);
  });

  test("a forged delivery that has the keys asked for again does not hold up good ones", async (t) => {
    const { server, lamina } = await setUp(t, [keySet(KEY), stall()]);
    const pass = movableClocks(t);
    await verified(lamina);
    pass(MINUTE + 1);
    const given = forged();
    lamina.verifyWebhook(given, { timeoutMs: 1_500 }).catch(() => {});
    await until(() => server.requests.length === 2);
    await within(1_000, verified(lamina), "a good delivery");
  });

  test("after an hour, keys that could not be asked for again are not good for another hour", async (t) => {
    const { server, lamina } = await setUp(t, [keySet(KEY), DOWN, keySet(OTHER)]);
    const pass = movableClocks(t);
    await verified(lamina);
    pass(HOUR + 1);
    await rejection(lamina.verifyWebhook(good()), "RESOURCE_UNAVAILABLE");
    pass(30 * MINUTE);
    await isForged(lamina, good(KEY));
    assert.equal(server.requests.length, 3);
  });
});

describe("getSigningKeys", () => {
  test("gives the set as it is, and asks each time", async (t) => {
    const set = { keys: [KEY.jwk, { kty: "RSA", n: "AQAB" }], future: 1 };
    const { server, lamina } = await setUp(t, [json(set)]);
    assert.deepEqual(await lamina.getSigningKeys(), set);
    await lamina.getSigningKeys();
    assert.equal(server.requests.length, 2);
    assert.equal((await lamina.verifyWebhook(good(), { keys: await lamina.getSigningKeys() })).keyId, "test");
  });

  for (const body of [{}, [], { keys: {} }, { keys: [5] }, { keys: null }, null, "keys"]) {
    test(`${JSON.stringify(body)} is INVALID_RESPONSE`, async (t) => {
      const { lamina } = await setUp(t, [json(body)]);
      await rejection(lamina.getSigningKeys(), "INVALID_RESPONSE");
    });
  }
});

describe("a host", () => {
  const run = async (change, more = "") => {
    const { json: result, stderr } = await runChild(
      installed.folder,
      `import { Lamina } from "lamina-wasm";
       const [given, options] = ${JSON.stringify([vectorDelivery(), { keys: [KEY.jwk], now: NOW }])};
       const lamina = new Lamina({ apiKey: "k", fetch: async () => Response.json({ keys: options.keys }) });
       const code = (given, options) => lamina.verifyWebhook(given, options).then(({ requestId }) => requestId, ({ code, message }) => \`\${code} \${message}\`);
       ${change}
       console.log(JSON.stringify([await code(given, options), await code(given, { now: options.now }), await code({ ...given, headers: {} }, options)${more}]));`,
    );
    assert.ok(result, stderr);
    return result;
  };

  for (const [what, change] of [
    ["whose WebCrypto knows no Ed25519", `crypto.subtle.importKey = async () => { throw new DOMException("Unrecognized name.", "NotSupportedError"); };`],
    ["whose importKey throws instead of rejecting", `crypto.subtle.importKey = () => { throw new DOMException("Unrecognized name.", "NotSupportedError"); };`],
    ["whose verify knows no Ed25519", `crypto.subtle.verify = async () => { throw new DOMException("Unrecognized name.", "NotSupportedError"); };`],
    ["without crypto.subtle", `Object.defineProperty(globalThis, "crypto", { value: { getRandomValues: crypto.getRandomValues } });`],
    ["without crypto", `Object.defineProperty(globalThis, "crypto", { value: undefined });`],
  ]) {
    test(`${what} is UNSUPPORTED, and says why`, async () => {
      const [givenKeys, fetchedKeys] = await run(change);
      for (const result of [givenKeys, fetchedKeys]) assert.match(result, /^UNSUPPORTED .*WebCrypto/);
    });
  }

  test("that takes no `alg` of a JWK is given none", async () => {
    const [first, second] = await run(`const { importKey } = crypto.subtle;
      crypto.subtle.importKey = async (format, key, ...rest) => {
        if (format !== "jwk" || "alg" in key || "use" in key) throw new DOMException("Bad", "DataError");
        return importKey.call(crypto.subtle, format, key, ...rest);
      };`);
    assert.deepEqual([first, second], [ID, ID]);
  });

  test("that takes base64url alone is given that, of keys in the older form too", async () => {
    const strict = `const { importKey } = crypto.subtle;
      crypto.subtle.importKey = async (format, key, ...rest) => {
        if (!/^[\\w-]{43}$/.test(key.x)) throw new DOMException("Bad", "DataError");
        return importKey.call(crypto.subtle, format, key, ...rest);
      };`;
    const keys = [KEY, OTHER];
    assert.ok(keys.some(({ spki }) => spki.includes("/")) && keys.some(({ spki }) => spki.includes("+")));
    const calls = keys.map((key) => {
      const { body, headers } = delivery(bodyOf(), { key });
      return `await code(${JSON.stringify({ body: String(body), headers })}, { ...options, keys: ${JSON.stringify(key.spki)} })`;
    });
    assert.deepEqual((await run(strict, `, ${calls.join(", ")}`)).slice(3), [ID, ID]);
  });

  test("ends at once after a verification: no timer stays behind", async () => {
    const { status, ms } = await runChild(
      installed.folder,
      `import { Lamina } from "lamina-wasm";
       const [given, options] = ${JSON.stringify([vectorDelivery(), { keys: [KEY.jwk], now: NOW }])};
       const lamina = new Lamina({ apiKey: "k", fetch: async () => Response.json({ keys: options.keys }) });
       await lamina.verifyWebhook(given, { now: options.now });`,
    );
    assert.equal(status, 0);
    assert.ok(ms < 5_000, `${ms}`);
  });
});
