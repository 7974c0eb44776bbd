// Whatever a custom `fetch` does: a typed error or the right value, in time, and the next call works.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import vm from "node:vm";
import { installPackage } from "../support/install.mjs";
import { APP_ID, KEY, SUMMARY } from "../support/payloads.mjs";
import { outcome, within } from "../support/settle.mjs";

const { Lamina, isLaminaError } = await (await installPackage()).import();

const BODY = JSON.stringify({ data: [SUMMARY] });
const GOOD = { status: 200, ok: true, headers: new Headers(), text: async () => BODY };
const never = () => new Promise(() => {});
const thrower = (value) => () => { throw value; };
const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

/** A fetch, and the codes that its trouble may have. */
const HOSTILE = {
  "throws an error": [thrower(new TypeError("sync")), ["NETWORK_ERROR"]],
  "throws a string": [thrower("sync"), ["NETWORK_ERROR"]],
  "throws undefined": [thrower(undefined), ["NETWORK_ERROR"]],
  "throws null": [thrower(null), ["NETWORK_ERROR"]],
  "throws a revoked proxy": [() => { throw revoked(); }, ["NETWORK_ERROR"]],
  "rejects with a string": [async () => thrower("async")(), ["NETWORK_ERROR"]],
  "rejects with undefined": [async () => thrower(undefined)(), ["NETWORK_ERROR"]],
  "rejects with an object": [async () => thrower({ code: "TIMEOUT", status: 200 })(), ["NETWORK_ERROR"]],
  "rejects with an error whose message throws": [async () => thrower(Object.defineProperty(new Error(), "message", { get: thrower(new Error("inner")) }))(), ["NETWORK_ERROR"]],
  "rejects with an error of another realm": [async () => thrower(vm.runInNewContext("new TypeError('realm')"))(), ["NETWORK_ERROR"]],
  "never settles": [never, ["TIMEOUT"]],
  "gives a thenable that never settles": [() => ({ then() {} }), ["TIMEOUT"]],
  "gives a thenable that throws": [() => ({ then: thrower(new Error("then")) }), ["NETWORK_ERROR"]],
  "gives undefined": [async () => undefined, ["INVALID_RESPONSE", "NETWORK_ERROR"]],
  "gives null": [async () => null, ["INVALID_RESPONSE", "NETWORK_ERROR"]],
  "gives a string": [async () => BODY, ["INVALID_RESPONSE", "NETWORK_ERROR"]],
  "gives a number": [async () => 200, ["INVALID_RESPONSE", "NETWORK_ERROR"]],
  "gives an empty object": [async () => ({}), ["INVALID_RESPONSE", "NETWORK_ERROR"]],
  "gives a reply with a status that is a string": [async () => ({ ...GOOD, status: "200" }), ["INVALID_RESPONSE", "NETWORK_ERROR"]],
  "gives a reply with half a status": [async () => ({ ...GOOD, status: 200.5 }), ["INVALID_RESPONSE"]],
  "gives a reply with the status NaN": [async () => ({ ...GOOD, status: NaN }), ["INVALID_RESPONSE", "NETWORK_ERROR", "API_ERROR"]],
  "gives a reply without a body to read": [async () => ({ status: 200, headers: new Headers() }), ["INVALID_RESPONSE", "NETWORK_ERROR"]],
  "gives a reply whose status throws": [async () => ({ get status() { throw new Error("status"); } }), ["NETWORK_ERROR", "INVALID_RESPONSE"]],
  "gives a reply whose headers throw": [async () => ({ status: 500, get headers() { throw new Error("headers"); }, text: async () => BODY }), ["NETWORK_ERROR", "INVALID_RESPONSE", "INTERNAL_ERROR"]],
  "gives a reply whose text() throws": [async () => ({ ...GOOD, text: thrower(new Error("text")) }), ["NETWORK_ERROR", "INVALID_RESPONSE"]],
  "gives a reply whose text() rejects": [async () => ({ ...GOOD, text: async () => thrower("text")() }), ["NETWORK_ERROR", "INVALID_RESPONSE"]],
  "gives a reply whose text() never settles": [async () => ({ ...GOOD, text: never }), ["TIMEOUT"]],
  "gives a reply whose text() gives undefined": [async () => ({ ...GOOD, text: async () => undefined }), ["INVALID_RESPONSE"]],
  "gives a reply whose text() gives a symbol": [async () => ({ ...GOOD, text: async () => Symbol("x") }), ["INVALID_RESPONSE", "NETWORK_ERROR"]],
  "gives a reply whose body was read": [async () => { const used = new Response(BODY); await used.text(); return used; }, ["NETWORK_ERROR", "INVALID_RESPONSE"]],
  "followed a redirect all the same": [async () => ({ status: 200, redirected: true, headers: new Headers(), text: async () => '{"data":[]}' }), ["INVALID_RESPONSE"]],
  "followed a redirect to a refusal": [async () => ({ status: 404, redirected: true, headers: new Headers(), text: async () => "" }), ["INVALID_RESPONSE"]],
  "gives an opaque redirect": [async () => ({ status: 0, type: "opaqueredirect", headers: new Headers(), text: async () => "" }), ["INVALID_RESPONSE"]],
  "gives Response.error()": [async () => Response.error(), ["NETWORK_ERROR", "INVALID_RESPONSE"]],
  "gives a revoked proxy": [async () => revoked(), ["NETWORK_ERROR", "INVALID_RESPONSE"]],
};

/** Replies that are good in substance. */
const GOOD_ONES = {
  "a reply of another realm": vm.runInNewContext(`(async () => ({ status: 200, headers: new Map(), text: async () => ${JSON.stringify(BODY)} }))`),
  "a reply without headers": async () => ({ status: 200, text: async () => BODY }),
  "headers without get": async () => ({ status: 200, headers: { "ratelimit-remaining": "9" }, text: async () => BODY }),
  "headers whose get gives numbers": async () => ({ ...GOOD, headers: { get: () => 5 } }),
  "a reply with json() only": async () => ({ status: 200, ok: true, headers: new Headers(), json: async () => ({ data: [SUMMARY] }) }),
  "a reply whose text() is not async": async () => ({ ...GOOD, text: () => BODY }),
  "a reply that is not in a promise": () => ({ ...GOOD }),
  "a thenable": () => ({ then: (resolve) => resolve(GOOD) }),
  "a frozen reply with null prototype": async () => Object.freeze(Object.assign(Object.create(null), GOOD)),
  "an instance with private members": async () => new Response(BODY),
};

const settled = (lamina, call = lamina.listApps()) => within(1_500, outcome(call));

describe("hostile fetch", { concurrency: 8 }, () => {
  for (const [what, [fetch, codes]] of Object.entries(HOSTILE)) {
    test(`a fetch that ${what} is ${codes[0]}, in time, and poisons nothing`, async () => {
      let calls = 0;
      const lamina = new Lamina({ apiKey: KEY, maxRetries: 0, timeoutMs: 400, fetch: (...args) => (++calls > 1 ? new Response(BODY) : fetch(...args)) });
      const { error } = await settled(lamina);
      assert.ok(isLaminaError(error), String(error));
      assert.ok(codes.includes(error.code), `${error.code}: ${error.message}`);
      assert.equal(typeof error.message, "string");
      assert.deepEqual(await lamina.listApps(), [SUMMARY]);
    });

    test(`a start with a fetch that ${what} is sent once`, async () => {
      let calls = 0;
      const lamina = new Lamina({ apiKey: KEY, timeoutMs: 400, fetch: (...args) => (calls++, fetch(...args)) });
      const { error } = await settled(lamina, lamina.execute(APP_ID, {}));
      assert.ok(isLaminaError(error), String(error));
      assert.equal(calls, 1);
    });
  }

  for (const [what, fetch] of Object.entries(GOOD_ONES)) {
    test(`${what} is understood`, async () => {
      const lamina = new Lamina({ apiKey: KEY, fetch, maxRetries: 0, timeoutMs: 400 });
      assert.deepEqual(await lamina.listApps(), [SUMMARY]);
    });
  }

  test("what fetch rejected with is the cause, itself", async () => {
    for (const thrown of [new TypeError("down"), "down", { down: true }, 0]) {
      const lamina = new Lamina({ apiKey: KEY, maxRetries: 0, fetch: () => Promise.reject(thrown) });
      const { error } = await settled(lamina);
      assert.equal(error.code, "NETWORK_ERROR");
      assert.equal(error.cause, thrown);
    }
  });

  test("a rejected fetch is retried for a read, with the last cause kept", async () => {
    let calls = 0;
    const lamina = new Lamina({ apiKey: KEY, maxRetries: 1, fetch: () => Promise.reject(new Error(`no. ${++calls}`)) });
    const { error } = await settled(lamina);
    assert.deepEqual([error.code, error.attempts, error.retryable, error.cause.message], ["NETWORK_ERROR", 2, true, "no. 2"]);
  });

  test("a fetch that calls the client again is no trouble", async () => {
    const calls = [];
    const lamina = new Lamina({
      apiKey: KEY,
      fetch: async (url) => {
        calls.push(url);
        if (url.endsWith("limit=1")) await lamina.listApps({ limit: 2 });
        return new Response(BODY);
      },
    });
    assert.deepEqual(await lamina.listApps({ limit: 1 }), [SUMMARY]);
    assert.equal(calls.length, 2);
  });

  test("a fetch that changes its init changes no other request", async () => {
    const seen = [];
    const lamina = new Lamina({
      apiKey: KEY,
      fetch: async (url, init) => {
        seen.push({ ...init.headers });
        init.headers["x-api-key"] = "changed";
        init.headers.extra = "x";
        return new Response(BODY);
      },
    });
    await lamina.listApps();
    await lamina.listApps();
    assert.deepEqual(seen[1], seen[0]);
  });

  test("settling an attempt twice, or late, changes nothing", async () => {
    let finish;
    let calls = 0;
    const lamina = new Lamina({ apiKey: KEY, attemptTimeoutMs: 100, fetch: () => (++calls === 1 ? new Promise((resolve) => (finish = resolve)) : Promise.resolve(new Response(BODY))) });
    const first = await settled(lamina);
    assert.deepEqual(first.value, [SUMMARY]);
    finish(new Response('{"data":"late"}'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(await lamina.listApps(), [SUMMARY]);
  });

  test("Object.prototype that somebody polluted is not read as options", async (t) => {
    t.after(() => { delete Object.prototype.retryAfter; delete Object.prototype.code; });
    Object.defineProperty(Object.prototype, "code", { value: "FORBIDDEN", configurable: true, writable: true });
    const lamina = new Lamina({ apiKey: KEY, maxRetries: 0, fetch: async () => new Response(BODY) });
    assert.deepEqual(await lamina.listApps(), [SUMMARY]);
  });
});
