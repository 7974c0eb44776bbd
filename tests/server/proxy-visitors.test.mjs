// createProxyHandler on a real port: from which sites it takes requests, and how many of one visitor.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { installPackage } from "../support/install.mjs";
import { APP_ID, paths } from "../support/payloads.mjs";
import { MOUNT, SECRET, send, serveLife, START, startProxy } from "../support/proxied.mjs";
import { data } from "../support/scripted-server.mjs";
import { rejection } from "../support/settle.mjs";

const { createProxyHandler, createWebhookHandler } = await (await installPackage()).import("/server");

async function open(t, options) {
  const proxy = await startProxy(t, options);
  proxy.upstream.on("*", data([]));
  return { ...proxy, ask: async (headers, method = "GET") => (await proxy.send(method, "/api/apps", { headers })).status };
}

describe("a request", { concurrency: 4 }, () => {
  test("of the proxy's own site passes, and so does one of no browser's", async (t) => {
    const { ask, origin } = await open(t);
    for (const headers of [{}, { origin }, { origin, "sec-fetch-site": "same-origin" }, { "sec-fetch-site": "same-origin" }, { "sec-fetch-site": "none" }]) {
      assert.equal(await ask(headers), 200, JSON.stringify(headers));
    }
  });

  test("of another site is 403, whichever of the two headers says so", async (t) => {
    const { ask, origin, upstream, port } = await open(t);
    const others = [
      ...["https://evil.example", "null", "", `${origin}.evil.example`, origin.replace("http:", "https:").replace(String(port), "1"), `http://localhost:${port}`, `http://127.0.0.1:${port + 1}`],
      ...["http://127.0.0.1", "file://", "chrome-extension://abc", `${origin}, https://evil.example`, `https://evil.example ${origin}`, "127.0.0.1", "javascript:0"],
    ];
    for (const other of others) assert.equal(await ask({ origin: other }), 403, other);
    for (const site of ["cross-site", "same-site", "Same-Origin", "", "same-origin, cross-site", "x"]) assert.equal(await ask({ "sec-fetch-site": site }), 403, site);
    // The browser's word on the site counts, whatever the page says of its origin; so does an origin, opened by hand or not.
    for (const site of ["cross-site", "same-site"]) assert.equal(await ask({ origin, "sec-fetch-site": site }), 403, site);
    assert.equal(await ask({ origin: "https://evil.example", "sec-fetch-site": "none" }), 403);
    assert.equal(await ask({ origin: "null", "sec-fetch-site": "none" }), 403);
    assert.equal(upstream.requests.length, 0);
  });

  test("of another site starts nothing, by none of the ways that a form or a beacon has", async (t) => {
    const proxy = await open(t);
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json"]) {
      for (const headers of [{ origin: "https://evil.example" }, { origin: "null" }, { "sec-fetch-site": "cross-site" }]) {
        const reply = await proxy.send("POST", `/api/apps/${APP_ID}/executions`, { ...START, headers: { ...headers, "content-type": type } });
        assert.deepEqual([reply.status, reply.json.error], [403, "Pages of other sites may not do this."]);
      }
    }
    assert.equal(proxy.upstream.requests.length, 0);
  });

  test("behind a reverse proxy is of the same site by its Host, whatever the scheme", async (t) => {
    const { ask } = await open(t);
    assert.equal(await ask({ host: "shop.example", origin: "https://shop.example" }), 200);
    assert.equal(await ask({ host: "shop.example", origin: "https://shop.example:8443" }), 403);
    assert.equal(await ask({ host: "shop.example", origin: "https://evil.example", "x-forwarded-host": "evil.example" }), 403);
  });

  test("of another site gets no header that would let it read", async (t) => {
    const proxy = await open(t);
    for (const method of ["GET", "OPTIONS"]) {
      const { headers } = await proxy.send(method, "/api/apps", { headers: { origin: "https://evil.example", "access-control-request-method": "POST" } });
      assert.deepEqual(Object.keys(headers).filter((name) => name.startsWith("access-control")), []);
    }
  });
});

describe("origins that are listed", { concurrency: 4 }, () => {
  const SHOP = "https://shop.example";
  const cors = ({ headers }) => Object.fromEntries(Object.entries(headers).filter(([name]) => /^access-control|^vary$/.test(name)));
  const EXPOSED = { "access-control-allow-origin": SHOP, "access-control-expose-headers": "retry-after, ratelimit-limit, ratelimit-remaining, ratelimit-reset, x-request-id", vary: "origin" };

  test("may call and read, refusals too; others may not", async (t) => {
    const proxy = await open(t, { origins: [SHOP], allow: { operations: ["listApps"] } });
    const ask = (origin, path = "/api/apps") => proxy.send("GET", path, { headers: { origin, "sec-fetch-site": "cross-site" } });
    const [passed, refused, other] = [await ask(SHOP), await ask(SHOP, "/api/apps/x"), await ask("https://evil.example")];
    assert.deepEqual([passed.status, cors(passed)], [200, EXPOSED]);
    assert.deepEqual([refused.status, cors(refused)], [403, EXPOSED]);
    assert.deepEqual([other.status, cors(other)], [403, { vary: "origin" }]);
    for (const near of ["https://shop.example.evil.example", "https://shop.example:444", "http://shop.example", "https://SHOP.example", "null"]) assert.equal((await ask(near)).status, 403, near);
  });

  test("may ask before they send; that is no request of a visitor's, and others get no answer", async (t) => {
    const asked = [];
    const proxy = await open(t, { origins: [SHOP], authorize: (request) => (asked.push(request.method), true) });
    const preflight = (origin) => proxy.send("OPTIONS", "/api/apps", { headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "content-type" } });
    const known = await preflight(SHOP);
    assert.deepEqual([known.status, known.text], [204, ""]);
    assert.deepEqual(cors(known), { ...EXPOSED, "access-control-allow-methods": "GET, POST", "access-control-allow-headers": "content-type", "access-control-max-age": "600" });
    assert.deepEqual(asked, []);
    const other = await preflight("https://evil.example");
    assert.deepEqual([other.status, cors(other)], [403, { vary: "origin" }]);
  });

  test("get what authorize answers by itself, too", async (t) => {
    const proxy = await open(t, { origins: [SHOP], authorize: () => Response.redirect("https://shop.example/login", 303) });
    const reply = await proxy.send("GET", "/api/apps", { headers: { origin: SHOP } });
    assert.deepEqual([reply.status, reply.headers.location, cors(reply)], [303, "https://shop.example/login", EXPOSED]);
  });
});

describe("a limit for each visitor", { concurrency: 4 }, () => {
  const visitor = (request) => request.headers.get("x-visitor");

  test("is 429 with Retry-After, for that visitor alone; the service is not asked", async (t) => {
    const proxy = await open(t, { rateLimit: { requestsPerMinute: 2, visitor } });
    const ask = (name) => proxy.send("GET", "/api/apps", { headers: { "x-visitor": name } });
    assert.deepEqual([(await ask("a")).status, (await ask("a")).status, (await ask("b")).status], [200, 200, 200]);
    const { status, headers, json: body } = await ask("a");
    assert.deepEqual([status, body], [429, { error: "Too many requests.", code: "RATE_LIMITED", retryable: true }]);
    assert.ok(Number(headers["retry-after"]) >= 59 && Number(headers["retry-after"]) <= 60, headers["retry-after"]);
    assert.deepEqual([(await ask("b")).status, (await ask("b")).status], [200, 429]);
    assert.equal(proxy.upstream.requests.length, 4);
  });

  test("counts what passes authorize and the rules, and nothing that was refused before", async (t) => {
    const proxy = await open(t, { rateLimit: { requestsPerMinute: 1, visitor: () => "all" }, authorize: ({ headers }) => headers.get("x-ok") === "1" });
    const ask = async (path, headers) => (await proxy.send("GET", path, { headers })).status;
    for (let n = 0; n < 5; n++) {
      assert.equal(await ask("/api/apps"), 403);
      assert.equal(await ask("/nothing", { "x-ok": "1" }), 404);
      assert.equal(await ask("/api/apps", { "x-ok": "1", origin: "https://evil.example" }), 403);
    }
    assert.deepEqual([await ask("/api/apps", { "x-ok": "1" }), await ask("/api/apps", { "x-ok": "1" })], [200, 429]);
  });

  test("holds for requests side by side", async (t) => {
    const proxy = await open(t, { rateLimit: { requestsPerMinute: 10, visitor: () => "all" } });
    const statuses = await Promise.all(Array.from({ length: 40 }, async () => (await proxy.send("GET", "/api/apps")).status));
    assert.deepEqual([statuses.filter((status) => status === 200).length, statuses.filter((status) => status === 429).length], [10, 30]);
  });

  test("may be counted elsewhere, for all processes", async (t) => {
    const calls = [];
    class Store {
      counts = new Map();
      async increment(...args) {
        calls.push(args);
        const count = (this.counts.get(args[0]) ?? 0) + 1;
        this.counts.set(args[0], count);
        return { count, resetMs: 1_500 };
      }
    }
    const rateLimit = { requestsPerMinute: 2, visitor: async () => "v", store: new Store() };
    const [one, other] = [await open(t, { rateLimit }), await open(t, { rateLimit })];
    assert.deepEqual([await one.ask(), await other.ask()], [200, 200]);
    const { status, headers } = await other.send("GET", "/api/apps");
    assert.deepEqual([status, headers["retry-after"]], [429, "2"]);
    assert.deepEqual(calls, Array(3).fill(["v", 60_000]));
  });

  for (const [what, rateLimit] of [
    ["a store that fails", { requestsPerMinute: 5, visitor: () => "v", store: { increment: async () => { throw new Error("no redis"); } } }],
    ["a visitor that cannot be told", { requestsPerMinute: 5, visitor: () => { throw new Error("no redis"); } }],
  ]) {
    test(`${what} is 500, not an open door`, async (t) => {
      const proxy = await open(t, { rateLimit });
      assert.equal(await proxy.ask(), 500);
      assert.deepEqual([proxy.upstream.requests.length, proxy.errors.map(({ message }) => message)], [0, ["no redis"]]);
    });
  }

  test("has a page's client wait, not fail: its start is sent once it may", async (t) => {
    let count = 0;
    const store = { increment: () => ({ count: ++count === 1 ? 9 : 1, resetMs: 900 }) };
    const proxy = await startProxy(t, { rateLimit: { requestsPerMinute: 1, visitor: () => "v", store } });
    serveLife(proxy.upstream);
    const began = performance.now();
    assert.equal((await proxy.page().execute(APP_ID, {})).status, "queued");
    assert.ok(performance.now() - began >= 998);
    const error = await rejection((count = 0, proxy.page({ maxRetries: 0 }).execute(APP_ID, {})), "RATE_LIMITED");
    assert.deepEqual([error.status, error.retryAfterMs, error.message], [429, 1_000, "Too many requests."]);
    assert.deepEqual(proxy.upstream.requests.map(({ method, path }) => `${method} ${path}`), [paths.start]);
  });

  test("forgets visitors beyond 10,000, not the ones of now", async (t) => {
    const proxy = await startProxy(t, { rateLimit: { requestsPerMinute: 1, visitor }, fetch: async () => Response.json({ data: [] }) });
    const ask = async (name) => (await proxy.handler(new Request("http://shop.example/api/apps", { headers: { "x-visitor": name } }))).status;
    for (let n = 0; n <= 10_000; n++) await ask(`v${n}`);
    assert.deepEqual([await ask("v10000"), await ask("v1"), await ask("v0")], [429, 429, 200]);
  });
});

// By itself: the others' clock is real.
test("a limit for each visitor is over after a minute", async (t) => {
  const proxy = await open(t, { rateLimit: { requestsPerMinute: 1, visitor: () => "all" } });
  const ask = async () => (await proxy.handler(new Request("http://shop.example/api/apps"))).status;
  const { now } = Date;
  let moved = 0;
  t.after(() => (Date.now = now));
  Date.now = () => now() + moved;
  assert.deepEqual([await ask(), await ask()], [200, 429]);
  moved = 59_000;
  assert.equal(await ask(), 429);
  moved = 60_001;
  assert.deepEqual([await ask(), await ask()], [200, 429]);
  // A clock that is set back keeps nobody out for longer.
  moved = -3_600_000;
  assert.deepEqual([await ask(), await ask()], [200, 429]);
});

describe("options that are wrong throw INVALID_ARGUMENT there and then", () => {
  const proxy = (more) => () => createProxyHandler({ apiKey: SECRET, authorize: () => true, ...more });
  const client = { verifyWebhook() {} };
  const webhook = (more) => () => createWebhookHandler({ client, ...more });
  const cases = {
    authorize: [() => createProxyHandler(), () => createProxyHandler({}), proxy({ authorize: undefined }), proxy({ authorize: true })],
    "allow.operations": [proxy({ allow: { operations: "listApps" } }), proxy({ allow: { operations: ["listapps"] } }), proxy({ allow: { operations: ["pollStep"] } }), proxy({ allow: { operations: ["constructor"] } }), proxy({ allow: { operations: [undefined] } })],
    "allow.apps": [proxy({ allow: { apps: APP_ID } }), proxy({ allow: { apps: [7] } })],
    origins: [proxy({ origins: "https://shop.example" }), proxy({ origins: ["*"] }), proxy({ origins: ["https://shop.example/"] }), proxy({ origins: ["null"] }), proxy({ origins: ["shop.example"] })],
    rateLimit: [proxy({ rateLimit: {} }), proxy({ rateLimit: { requestsPerMinute: 0, visitor: () => "" } }), proxy({ rateLimit: { requestsPerMinute: 5 } }), proxy({ rateLimit: { requestsPerMinute: Number.NaN, visitor: () => "" } })],
    baseUrl: [proxy({ baseUrl: "lamina" }), proxy({ baseUrl: "http://lamina.example" }), proxy({ baseUrl: "ftp://127.0.0.1" }), proxy({ baseUrl: "https://a:b@lamina.example" }), proxy({ baseUrl: "https://lamina.example?x" }), proxy({ baseUrl: "http://127.0.0.1.evil.example" })],
    auth: [proxy({ auth: "basic" })],
    apiKey: [proxy({ apiKey: 7 }), proxy({ apiKey: null })],
    timeoutMs: [proxy({ timeoutMs: 0 }), proxy({ timeoutMs: Number.NaN }), proxy({ timeoutMs: Infinity })],
    client: [() => createWebhookHandler(), () => createWebhookHandler({}), webhook({ client: {} })],
    onExecution: [webhook({ onExecution: "x" })],
    seen: [webhook({ seen: new Map() }), webhook({ seen: null }), webhook({ seen: { has() {} } })],
    answerWithinMs: [webhook({ answerWithinMs: 0 }), webhook({ answerWithinMs: Infinity })],
  };
  for (const [name, makers] of Object.entries(cases)) {
    test(`${name}, which the message names`, () => {
      for (const make of makers) {
        assert.throws(make, (error) => error.code === "INVALID_ARGUMENT" && error.message.includes(`\`${name}`) && !error.message.includes(SECRET), `${make}`);
      }
    });
  }

  test("and those that are right do not", () => {
    for (const baseUrl of ["http://localhost:1/x/", "http://[::1]:1", "http://a.localhost", new URL("https://lamina.example")]) proxy({ baseUrl })();
    proxy({ baseUrl: "http://lamina.example", allowInsecureHttp: true, origins: ["https://shop.example", "http://localhost:5173"], allow: { operations: ["runAll", "watchExecution", "validateInputs"] } })();
    webhook({ seen: new Set() })();
  });
});

test("a start through the proxy of one's own site, as the browser sends it", async (t) => {
  const { port, origin, upstream } = await startProxy(t);
  serveLife(upstream);
  const headers = { ...START.headers, origin, "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors", cookie: "session=1", referer: `${origin}/` };
  assert.equal((await send(port, "POST", `${MOUNT}/api/apps/${APP_ID}/executions`, { ...START, headers })).status, 202);
  assert.deepEqual([upstream.requests[0].headers.cookie, upstream.requests[0].headers.referer, upstream.requests[0].headers.origin], [undefined, undefined, undefined]);
});
