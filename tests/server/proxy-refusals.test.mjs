// createProxyHandler on a real port: what it refuses, before the service hears of anything.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { APP_ID, paths } from "../support/payloads.mjs";
import { SECRET, serveLife, START, startProxy } from "../support/proxied.mjs";
import { data } from "../support/scripted-server.mjs";
import { rejection, sleep, within } from "../support/settle.mjs";

/** A proxy that allows what there is, and a service that answers whatever it is asked. */
async function open(t, options) {
  const proxy = await startProxy(t, { allow: { operations: ["listApps", "getApp", "getWorkflow", "execute", "getExecution", "listExecutions", "getUsage"] }, ...options });
  proxy.upstream.on("*", data({}));
  return proxy;
}

/** Every refusal: its status, its code, JSON, no key, and the service was not asked. */
async function refused(proxy, request, status, code) {
  const count = proxy.upstream.requests.length;
  const reply = await proxy.send(...request);
  const what = `${request.slice(0, 2).join(" ")}: ${reply.status} ${reply.text}`;
  assert.equal(reply.status, status, what);
  assert.deepEqual(Object.keys(reply.json), ["error", "code", "retryable"], what);
  assert.equal(reply.json.code, code, what);
  assert.ok(!(reply.text + JSON.stringify(reply.headers)).includes(SECRET), what);
  assert.deepEqual([reply.headers["content-type"], reply.headers["cache-control"]], ["application/json", "no-store"]);
  assert.equal(proxy.upstream.requests.length, count, what);
  return reply;
}

describe("paths", { concurrency: 4 }, () => {
  const NONE = [
    ...["", "/", "/api", "/api/", "/api/apps/", "/api/apps//", "/api/apps/x/", "/api/apps/x/y", "/api/apps/x/workflow/", "/v1", "/v1/runs/", "/v1/runs/x/wait/"],
    ...["/api/apps/x/executions/y", "/api/Apps", "/API/apps", "/api/apps%20", "/api/apps;x", "/api%2fapps", "/api%2Fapps%2Fx", "/%61pi/apps", "/api/executions", "/api/executions/"],
    // Up, in every spelling, from every place.
    ...["/api/apps/..", "/api/apps/.", "/api/apps/%2e%2e", "/api/apps/.%2e", "/api/apps/%2E%2E/", "/api/apps/..%2f..%2fadmin", "/api/apps/%2e%2e%2fadmin"],
    ...["/api/apps/%252e%252e", "/api/apps/%252e%252e%252fadmin", "/api/apps/..%5c..%5cadmin", "/api/apps/%2e%2e%5cadmin", "/api/apps/x/../../admin", "/v1/runs/../account/keys"],
    ...["/v1/runs/%2e%2e/wait", "/v1/runs/../wait", "/api/apps/..;/admin", "/api/apps/x/%2e%2e/%2e%2e/keys", "/api/executions/..\\..\\keys"],
    // What an id may not hold, once it is decoded.
    ...["/api/apps/a%2fb", "/api/apps/a%5cb", "/api/apps/a%3fb", "/api/apps/a%23b", "/api/apps/a%25b", "/api/apps/a%00", "/api/apps/%0d%0ax:%20y", "/api/apps/a%20b", "/api/apps/%7f"],
    ...["/api/apps/...", "/api/apps/.x", "/api/apps/..;", "/api/apps/%2e%2e;x=1", "/api/apps/a;b", "/api/apps/a&b", "/api/apps/a@b", "/api/apps/%C3%A4", "/api/apps/a%3db", "/api/apps/a*"],
    ...["/api/apps/%", "/api/apps/%zz", "/api/apps/%c0%ae%c0%ae", "/api/apps/%ff", `/api/apps/${"x".repeat(201)}`],
    // What the API has, and no method of the client.
    ...["/v1/account", "/v1/account/keys", "/v1/generate/image", "/v1/content/create", "/v1/runs/x/feedback", "/v1/assets/upload-urls", "/admin", "/api/keys"],
  ];
  test("that are none of the API's are 404, however they are spelt", async (t) => {
    const proxy = await open(t);
    for (const path of NONE) await refused(proxy, ["GET", path], 404, "NOT_FOUND");
    for (const path of NONE) await refused(proxy, ["POST", path, START], 404, "NOT_FOUND");
  });

  test("are put together anew: what goes to the service is the route, the id and known parameters", async (t) => {
    const proxy = await open(t);
    const cases = [
      ["/x/../api/apps", "/api/apps"],
      ["//evil.example/api/apps", "/api/apps"],
      ["///api/apps", "/api/apps"],
      ["/v1/../api/apps", "/api/apps"],
      ["/api/apps/x/../y", "/api/apps/y"],
      ["/api/apps\\x", "/api/apps/x"],
      ["/api/apps/%61:b", "/api/apps/a%3Ab"],
      ["/api/apps/-_.~", "/api/apps/-_.~"],
      ["/api/apps?limit=3&limit=900&debug=1&search=a%26limit%3D9", "/api/apps?search=a%26limit%3D9&limit=3"],
      ["/api/apps?search=%0d%0ax-evil:%201", "/api/apps?search=%0D%0Ax-evil%3A+1"],
      ["/api/apps?limit[]=3&LIMIT=4&%6cimit=5", "/api/apps?limit=5"],
      ["/api/apps?x=/api/executions/y", "/api/apps"],
      ["/v1/runs/x/wait?timeout=7&timeout=120", "/v1/runs/x/wait?timeout=7"],
      ["/v1/runs?limit=1#/../../admin", "/v1/runs?limit=1"],
    ];
    for (const [path] of cases) assert.equal((await proxy.send("GET", path)).status, 200, path);
    assert.deepEqual(proxy.upstream.urls, cases.map(([, expected]) => expected));
  });

  test("that hide a webhook are refused as those that name one", async (t) => {
    const proxy = await open(t);
    for (const query of ["webhook=https://evil.example", "webhook=", "webhook", "%77ebhook=x", "a=b&webhook=x", "webhook=x&webhook=y", "web%68oo%6b=x"]) {
      await refused(proxy, ["POST", `/api/apps/${APP_ID}/executions?${query}`, START], 403, "FORBIDDEN");
    }
    // Another word to every server; it does not pass.
    for (const query of ["Webhook=x", "webhook[]=x", "%2577ebhook=x", "webhook%00=x", "+webhook=x"]) {
      assert.equal((await proxy.send("POST", `/api/apps/${APP_ID}/executions?${query}`, START)).status, 200, query);
    }
    assert.deepEqual([...new Set(proxy.upstream.urls)], [`/api/apps/${APP_ID}/executions`]);
  });
});

describe("methods", { concurrency: 4 }, () => {
  test("other than the route's are 405, and the reply names it", async (t) => {
    const proxy = await open(t);
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "PURGE"]) {
      const { headers } = await refused(proxy, [method, "/api/apps"], 405, "VALIDATION_ERROR");
      assert.equal(headers.allow, "GET");
    }
    for (const method of ["GET", "PUT", "DELETE"]) {
      const { headers } = await refused(proxy, [method, `/api/apps/${APP_ID}/executions`], 405, "VALIDATION_ERROR");
      assert.equal(headers.allow, "POST");
    }
    assert.equal((await proxy.send("HEAD", "/api/apps")).status, 405);
    assert.equal(proxy.upstream.requests.length, 0);
  });

  test("that are asked for by a header instead are not heard", async (t) => {
    const proxy = await open(t);
    const headers = { "x-http-method-override": "POST", "x-original-url": "/v1/account/keys", "x-rewrite-url": "/v1/account/keys", "x-forwarded-host": "evil.example" };
    assert.equal((await proxy.send("GET", "/api/apps", { headers })).status, 200);
    assert.deepEqual(proxy.upstream.requests.map(({ method, url }) => `${method} ${url}`), ["GET /api/apps"]);
  });
});

describe("bodies", { concurrency: 4 }, () => {
  const path = `/api/apps/${APP_ID}/executions`;
  const typed = (type) => ({ headers: type === undefined ? {} : { "content-type": type }, body: START.body });

  test("of another type than JSON are 415: a page of another site may send these without asking", async (t) => {
    const proxy = await open(t);
    for (const type of [undefined, "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp", "text/plain; application/json", "application/json, text/plain", "text/json", "json"]) {
      await refused(proxy, ["POST", path, typed(type)], 415, "VALIDATION_ERROR");
    }
    for (const type of ["application/json", "Application/JSON", "application/json; charset=utf-8", " application/json ;x"]) {
      assert.equal((await proxy.send("POST", path, typed(type))).status, 200, type);
    }
  });

  const NO_OBJECT = ["", "x", "{", '{"inputs":', "null", "1", '"x"', "true", "[]", "{}", '[{"inputs":{}}]', '{"inputs":1}', '{"inputs":null}', '{"inputs":[]}', '{"inputs":"x"}', '{"inputs":{}}}', "\u0000", '{"inputs":{}} x'];
  test("that are no JSON object with inputs are 400", async (t) => {
    const proxy = await open(t);
    for (const body of NO_OBJECT) await refused(proxy, ["POST", path, { ...START, body }], 400, "VALIDATION_ERROR");
    await refused(proxy, ["POST", path, { ...START, body: Buffer.from('{"inputs":{"a":"\xff"}}', "latin1") }], 400, "VALIDATION_ERROR");
    await refused(proxy, ["POST", path, { ...START, body: Buffer.from('{"inputs":{}}', "utf16le") }], 400, "VALIDATION_ERROR");
  });

  const MOST = 1_048_576;
  const ofLength = (length) => `{"inputs":{"a":"${"x".repeat(length - 19)}"}}`;
  test("of 1 MiB pass, one byte more is 413", async (t) => {
    const proxy = await open(t);
    assert.equal((await proxy.send("POST", path, { ...START, body: ofLength(MOST) })).status, 200);
    await refused(proxy, ["POST", path, { ...START, body: ofLength(MOST + 1) }], 413, "VALIDATION_ERROR");
    const chunked = { headers: { ...START.headers, "transfer-encoding": "chunked" } };
    assert.equal((await proxy.send("POST", path, { ...chunked, body: ofLength(MOST) })).status, 200);
    await refused(proxy, ["POST", path, { ...chunked, body: ofLength(MOST + 1) }], 413, "VALIDATION_ERROR");
  });

  /** A request as a Fetch-API host gives it, with a body that counts how much of it was read. */
  function streamed(pieces, headers = {}) {
    const read = { pieces: 0, cancelled: false };
    const body = new ReadableStream(
      {
        pull(controller) {
          if (read.pieces++ < pieces) controller.enqueue(new Uint8Array(65_536).fill(32));
          else controller.close();
        },
        cancel: () => void (read.cancelled = true),
      },
      { highWaterMark: 0 },
    );
    const request = new Request(`https://shop.example${path}`, { method: "POST", body, duplex: "half", headers: { ...START.headers, ...headers } });
    return { request, read };
  }

  test("that never end are 413, and are read no further than the limit", async (t) => {
    const proxy = await open(t);
    const { request, read } = streamed(Infinity);
    assert.equal((await within(5_000, proxy.handler(request))).status, 413);
    assert.ok(read.pieces <= 20, `${read.pieces} pieces of 64 KiB`);
  });

  test("with a length that is too large are 413, and not read at all", async (t) => {
    const proxy = await open(t);
    const { request, read } = streamed(Infinity, { "content-length": String(MOST + 1) });
    assert.equal((await within(5_000, proxy.handler(request))).status, 413);
    assert.ok(read.pieces <= 2, `${read.pieces} pieces of 64 KiB`);
  });

  test("are as long as they are, not as they say", async (t) => {
    const proxy = await open(t);
    for (const length of ["1", "0", "-1", "NaN", "1e3"]) {
      const { request } = streamed(17, { "content-length": length });
      assert.equal((await within(5_000, proxy.handler(request))).status, 413, length);
    }
  });

  test("that break off are no start", async (t) => {
    const proxy = await open(t);
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from(START.body));
        setTimeout(() => controller.error(new Error("cut off")), 20);
      },
    });
    const request = new Request(`https://shop.example${path}`, { method: "POST", body, duplex: "half", headers: START.headers });
    assert.equal((await proxy.handler(request)).status, 500);
    assert.deepEqual([proxy.upstream.requests.length, proxy.errors.map(({ message }) => message)], [0, ["cut off"]]);
  });
});

describe("authorize", { concurrency: 4 }, () => {
  test("hears of every request first, with what it is for", async (t) => {
    const asked = [];
    const proxy = await open(t, { authorize: ({ url, headers }, what) => (asked.push([new URL(url).pathname, what, headers.get("cookie")]), false) });
    const cases = [
      [["GET", "/api/apps"], { operation: "listApps" }],
      [["GET", "/v1/apps/x%20"], {}],
      [["GET", "/v1/apps/a%3Ab"], { operation: "getApp", appId: "a:b" }],
      [["POST", "/v1/apps/x/runs", START], { operation: "execute", appId: "x" }],
      [["GET", "/v1/runs/y/wait"], { operation: "getExecution", executionId: "y" }],
      [["POST", "/v1/runs/y/cancel"], { operation: "cancelExecution", executionId: "y" }],
      [["DELETE", "/api/apps"], {}],
      [["GET", "/admin"], {}],
      [["GET", "/api/apps", { headers: { origin: "https://evil.example", "sec-fetch-site": "cross-site" } }], { operation: "listApps" }],
    ];
    const nothing = { operation: undefined, appId: undefined, executionId: undefined };
    for (const [request, what] of cases) {
      request[2] = { ...request[2], headers: { ...request[2]?.headers, cookie: "session=1" } };
      await refused(proxy, request, 403, "FORBIDDEN");
      assert.deepEqual(asked.pop(), [`/api/lamina${request[1]}`, { ...nothing, ...what }, "session=1"]);
    }
  });

  test("must say true, and nothing like it", async (t) => {
    for (const verdict of [false, undefined, null, 0, 1, "true", {}, [], Promise.resolve("yes")]) {
      await refused(await open(t, { authorize: () => verdict }), ["GET", "/api/apps"], 403, "FORBIDDEN");
    }
    const proxy = await open(t, { authorize: async () => (await sleep(10), true) });
    assert.equal((await proxy.send("GET", "/api/apps")).status, 200);
  });

  test("may answer by itself", async (t) => {
    const proxy = await open(t, { authorize: () => new Response("log in", { status: 401, headers: { "www-authenticate": "Session" } }) });
    const { status, text, headers } = await proxy.send("GET", "/api/apps");
    assert.deepEqual([status, text, headers["www-authenticate"], proxy.upstream.requests.length], [401, "log in", "Session", 0]);
    const page = await rejection(proxy.page().listApps(), "AUTH_INVALID_KEY");
    assert.equal(page.status, 401);
  });

  test("that throws or rejects is 500: the page is told nothing, the log everything", async (t) => {
    for (const authorize of [() => { throw new Error(`no session store ${SECRET}`); }, async () => { throw new Error(`no session store ${SECRET}`); }]) {
      const proxy = await open(t, { authorize });
      const { json: body } = await refused(proxy, ["GET", "/api/apps"], 500, "INTERNAL_ERROR");
      assert.equal(body.error, "The proxy failed.");
      assert.deepEqual(proxy.errors.map(({ message }) => message), [`no session store ${SECRET}`]);
    }
  });

  test("decides before the body has come", async (t) => {
    const proxy = await open(t, { authorize: () => false });
    const body = new ReadableStream({ pull: () => new Promise(() => {}) });
    const request = new Request(`https://shop.example/api/apps/x/executions`, { method: "POST", body, duplex: "half", headers: START.headers });
    assert.equal((await within(5_000, proxy.handler(request))).status, 403);
  });

  test("may read the body, and the service still gets it", async (t) => {
    const read = [];
    const proxy = await startProxy(t, { authorize: async (request) => (read.push((await request.json()).inputs), true) });
    serveLife(proxy.upstream);
    assert.equal((await proxy.page().execute(APP_ID, { Style: "x" })).status, "queued");
    assert.deepEqual([read, proxy.upstream.requests[0].body], [[{ Style: "x" }], '{"inputs":{"Style":"x"}}']);
  });

  test("a refusal reads as one in the page", async (t) => {
    const proxy = await startProxy(t, { authorize: () => false });
    const error = await rejection(proxy.page().listApps(), "FORBIDDEN");
    assert.deepEqual([error.status, error.message, error.attempts], [403, "You may not do this.", 1]);
  });
});

test("a log that throws or rejects changes nothing", async (t) => {
  for (const onError of [() => { throw new Error("disk full"); }, async () => { throw new Error("disk full"); }]) {
    const proxy = await startProxy(t, { onError, authorize: () => { throw new Error("no store"); } });
    assert.equal((await proxy.send("GET", "/api/apps")).status, 500);
  }
  await sleep(20);
  const quiet = await startProxy(t, { onError: undefined, authorize: () => { throw new Error("no store"); } });
  assert.equal((await quiet.send("GET", paths.apps.slice(4))).status, 500);
});
