// createProxyHandler on a real port: what passes to the service and back, for a page's client.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { APP, APP_ID, COMPLETED, EXECUTION_ID, KEY, paths, STARTED, SUMMARY, WORKFLOW } from "../support/payloads.mjs";
import { installPackage } from "../support/install.mjs";
import { MOUNT, SECRET, serveLife, START, startProxy } from "../support/proxied.mjs";
import { asRun, DONE, QUEUED_RUN, RUN_ID, v1 } from "../support/runs.mjs";
import { data, json, text } from "../support/scripted-server.mjs";
import { rejection } from "../support/settle.mjs";

const { createProxyHandler } = await (await installPackage()).import("/server");

const ALL = [
  ...["listApps", "getApp", "getWorkflow", "execute", "getExecution", "getSigningKeys"],
  ...["cancelExecution", "listExecutions", "estimateCost", "getUsage"],
];
const KEYS = { keys: [{ kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }] };

/** What a client calls, and the route that the service is asked for, in each version that has it. */
const CALLS = {
  listApps: [(page) => page.listApps({ search: "a b&c", limit: 3 }), [SUMMARY], ["GET /api/apps", "GET /v1/apps"]],
  getApp: [(page) => page.getApp(APP_ID), APP, [paths.app, `GET /v1/apps/${APP_ID}`]],
  getWorkflow: [(page) => page.getWorkflow(APP_ID), WORKFLOW, [paths.workflow, `GET /v1/apps/${APP_ID}/workflow`]],
  execute: [(page) => page.execute(APP_ID, { "A  b ": "c " }), STARTED, [paths.start, v1.start]],
  getExecution: [(page) => page.getExecution(EXECUTION_ID), COMPLETED, [paths.look, v1.look]],
  getSigningKeys: [(page) => page.getSigningKeys(), KEYS, ["GET /api/webhooks/signing-key", "GET /v1/webhooks/signing-key"]],
  cancelExecution: [(page) => page.cancelExecution(RUN_ID), { executionId: RUN_ID, status: "cancelled" }, [undefined, v1.cancel]],
  listExecutions: [(page) => page.listExecutions({ status: "failed", limit: 2 }), { executions: [], total: 0, limit: 2, offset: 0 }, [undefined, v1.list]],
  estimateCost: [(page) => page.estimateCost(APP_ID), { appId: APP_ID, estimatedCredits: { expected: 3 } }, [undefined, v1.estimate]],
  getUsage: [(page) => page.getUsage(), { credits: { balance: 7 } }, [undefined, v1.usage]],
};
/** What Node's fetch adds by itself. */
const OF_FETCH = new Set(["host", "connection", "accept-encoding", "accept-language", "user-agent", "sec-fetch-mode"]);
const isRun = (value) => value?.executionId !== undefined;

/** The proxy, and the service with one answer for a route. */
async function behind(t, route, answer, options) {
  const proxy = await startProxy(t, options);
  proxy.upstream.on(route, answer);
  return proxy;
}

describe("each operation passes, with the key and nothing else of the page's", { concurrency: 4 }, () => {
  for (const [operation, [call, expected, routes]] of Object.entries(CALLS)) {
    for (const [index, apiVersion] of ["api", "v1"].entries()) {
      const route = routes[index];
      if (!route) continue;
      test(`${operation} of ${apiVersion}`, async (t) => {
        const proxy = await startProxy(t, { allow: { operations: [operation] } });
        const reply = apiVersion === "v1" && isRun(expected) ? asRun(expected) : expected;
        if (operation === "listExecutions") proxy.upstream.on(route, json({ data: [], pagination: { total: 0, limit: 2, offset: 0 } }));
        else proxy.upstream.on(route, operation === "getSigningKeys" ? json(reply) : data(reply));
        const given = await call(proxy.page({ apiVersion, headers: { cookie: "session=1", "x-team": "web", authorization: "Bearer mine" } }));
        assert.deepEqual(given, apiVersion === "v1" && isRun(expected) ? { ...expected, runId: expected.executionId } : expected);

        const [asked, ...more] = proxy.upstream.requests;
        assert.deepEqual(more, []);
        assert.equal(`${asked.method} ${asked.path}`, route);
        const { "content-length": length, "transfer-encoding": chunked, ...rest } = asked.headers;
        const headers = Object.fromEntries(Object.entries(rest).filter(([name]) => !OF_FETCH.has(name)));
        const sends = operation === "execute";
        assert.deepEqual(headers, { accept: "application/json, text/event-stream", "x-api-key": SECRET, ...(sends && { "content-type": "application/json" }) });
        assert.equal(asked.body, sends ? '{"inputs":{"A  b ":"c "}}' : "");
        assert.deepEqual([length ?? "0", chunked], [String(asked.body.length), undefined]);
      });
    }
  }

  test("the intermediate form of the API passes, too", async (t) => {
    const proxy = await startProxy(t);
    proxy.upstream.on(`POST /v1/apps/${APP_ID}/executions`, data(STARTED, 202)).on(`GET /v1/executions/${EXECUTION_ID}`, data(COMPLETED));
    assert.deepEqual(await proxy.page({ apiVersion: "v1-executions" }).run(APP_ID, {}), COMPLETED);
  });

  test("the whole life of an execution", async (t) => {
    const proxy = await startProxy(t, { allow: { apps: [APP_ID] } });
    serveLife(proxy.upstream);
    const page = proxy.page();
    assert.deepEqual(await page.listApps(), [SUMMARY]);
    const app = await page.getApp(APP_ID);
    assert.deepEqual(await page.run(APP_ID, { Style: "x" }, { validate: app }), COMPLETED);
    assert.deepEqual(proxy.errors, []);
  });
});

describe("the key", { concurrency: 4 }, () => {
  test("may be a function, asked on every request; and go as a bearer's, with a workspace", async (t) => {
    let count = 0;
    const proxy = await behind(t, paths.apps, data([]), { apiKey: async () => `${SECRET}-${count++}`, auth: "bearer", workspaceId: "w-1" });
    await proxy.page().listApps();
    await proxy.page().listApps();
    const seen = proxy.upstream.requests.map(({ headers }) => [headers.authorization, headers["x-api-key"], headers["x-workspace-id"]]);
    assert.deepEqual(seen, [0, 1].map((n) => [`Bearer ${SECRET}-${n}`, undefined, "w-1"]));
  });

  test("is of the environment by default, and so is the address", async (t) => {
    t.after(() => {
      delete process.env.LAMINA_API_KEY;
      delete process.env.LAMINA_BASE_URL;
    });
    const proxy = await behind(t, "GET /below/api/apps", data([]));
    process.env.LAMINA_API_KEY = KEY;
    process.env.LAMINA_BASE_URL = `${proxy.upstream.url}/below/`;
    const other = await startProxy(t, { apiKey: undefined, baseUrl: undefined });
    assert.deepEqual(await other.page().listApps(), []);
    assert.equal(proxy.upstream.requests[0].headers["x-api-key"], KEY);
  });

  test("an environment that is not there, or that may not be read, as Deno's, is none", async (t) => {
    const env = Object.getOwnPropertyDescriptor(process, "env");
    t.after(() => Object.defineProperty(process, "env", env));
    const fetch = async (url) => ((asked = url), Response.json({ data: [] }));
    let asked;
    const refuse = () => {
      throw new Error("NotCapable: requires env access");
    };
    for (const value of [undefined, {}, { LAMINA_BASE_URL: "" }, new Proxy({}, { get: refuse })]) {
      Object.defineProperty(process, "env", { ...env, value });
      const handler = createProxyHandler({ authorize: () => true, apiKey: KEY, fetch });
      assert.equal((await handler(new Request("http://page.example/api/lamina/api/apps"))).status, 200);
      assert.equal(new URL(asked).origin, "https://app.uselamina.ai");
    }
  });

  for (const [what, apiKey] of [
    ["is empty", ""],
    ["cannot be had", async () => { throw new Error("no vault"); }],
    ["is no text", () => 7],
    ["holds what no header may", `${SECRET}\nx: y`],
    ["holds what is not ASCII", `${SECRET}é`],
  ]) {
    test(`that ${what}: 500, nothing is sent, and the log does not repeat it`, async (t) => {
      const proxy = await behind(t, "*", data([]), { apiKey });
      const { status, json: body } = await proxy.send("GET", "/api/apps");
      assert.deepEqual([status, body], [500, { error: "The proxy failed.", code: "INTERNAL_ERROR", retryable: false }]);
      assert.equal(proxy.upstream.requests.length, 0);
      assert.equal(proxy.errors.length, 1);
      assert.ok(!String(proxy.errors[0].stack).includes(SECRET));
    });
  }
});

describe("a reply", { concurrency: 4 }, () => {
  test("keeps its status, body, and what a client reads of its head; nothing else goes to the page", async (t) => {
    const passed = {
      "retry-after": "17",
      "ratelimit-limit": "100",
      "ratelimit-remaining": "3",
      "ratelimit-reset": "42",
      "x-ratelimit-limit": "100",
      "x-request-id": "req-1",
      date: "Fri, 27 Nov 2026 00:00:00 GMT",
    };
    const dropped = { "set-cookie": "a=b", server: "nginx", "x-powered-by": "x", "access-control-allow-origin": "*", link: "<x>", "content-language": "en" };
    const body = { error: "busy", code: "RATE_LIMITED", retryable: true, retryAfter: 17, requestId: "req-1", details: [{ a: 1 }] };
    const proxy = await behind(t, paths.apps, json(body, 429, { ...passed, ...dropped }));
    const reply = await proxy.send("GET", "/api/apps");
    assert.deepEqual([reply.status, reply.json], [429, body]);
    const ofNode = ["connection", "keep-alive", "transfer-encoding"];
    const headers = Object.fromEntries(Object.entries(reply.headers).filter(([name]) => !ofNode.includes(name)));
    assert.deepEqual(headers, { ...passed, "content-type": "application/json", "cache-control": "no-store", "x-content-type-options": "nosniff" });
  });

  test("that is an error is the same error in the page", async (t) => {
    const details = ['"Location": invalid option "Mars". Must be one of: Studio, Urban, Park'];
    const proxy = await behind(t, paths.start, json({ error: "Invalid inputs", details }, 400));
    const error = await rejection(proxy.page().execute(APP_ID, {}), "VALIDATION_ERROR");
    assert.deepEqual([error.status, error.message, error.details], [400, "Invalid inputs", details]);
  });

  test("429 has a page's client wait as long as the service says", async (t) => {
    const proxy = await startProxy(t);
    proxy.upstream.on(paths.start, text("Too many requests from this IP, please try again in a minute", 429, { "retry-after": "1" }), data(STARTED, 202));
    assert.deepEqual(await proxy.page().execute(APP_ID, {}), STARTED);
    const [gap] = proxy.upstream.gaps;
    assert.ok(gap >= 998, `${gap}`);
  });

  for (const [status, body] of [[204, ""], [205, ""], [200, ""], [418, "short and stout"], [500, '{"error":"ä😀"}']]) {
    test(`${status} with ${JSON.stringify(body)} goes back as it is`, async (t) => {
      const proxy = await behind(t, paths.apps, text(body, status));
      const reply = await proxy.send("GET", "/api/apps");
      assert.deepEqual([reply.status, reply.text], [status, body]);
    });
  }

  test("is data, never a page: HTML goes back as plain text", async (t) => {
    const proxy = await behind(t, paths.apps, text("<script>alert(1)</script>", 502, { "content-type": "text/html" }));
    const { status, headers } = await proxy.send("GET", "/api/apps");
    assert.deepEqual([status, headers["content-type"], headers["x-content-type-options"]], [502, "text/plain; charset=utf-8", "nosniff"]);
  });
});

describe("allowed", { concurrency: 4 }, () => {
  test("by default are listing, looking, starting and waiting", async (t) => {
    const { send, upstream } = await startProxy(t);
    upstream.on("*", data({}));
    const run = "/v1/runs/x";
    const asked = [["GET", "/api/apps"], ["GET", "/api/apps/x"], ["POST", "/api/apps/x/executions"], ["GET", "/api/executions/x"], ["GET", run], ["GET", `${run}/wait?timeout=1`], ["GET", `${run}/stream`]];
    for (const [method, path] of asked) assert.equal((await send(method, path, method === "POST" ? START : {})).status, 200, path);
    const refused = [["GET", "/api/apps/x/workflow"], ["GET", "/api/webhooks/signing-key"], ["POST", `${run}/cancel`], ["GET", "/v1/runs"], ["POST", "/v1/apps/x/estimate"], ["GET", "/v1/account/usage"]];
    for (const [method, path] of refused) {
      const { status, json: body } = await send(method, path);
      assert.deepEqual([status, body.code, body.error], [403, "FORBIDDEN", "The proxy does not allow this operation."], path);
    }
    assert.equal(upstream.requests.length, asked.length);
  });

  test("operations may be named by the methods that are made of others", async (t) => {
    const { send, upstream } = await startProxy(t, { allow: { operations: ["run", "iterateExecutions"] } });
    upstream.on("*", data({}));
    const statuses = [];
    for (const [method, path] of [["POST", "/v1/apps/x/runs"], ["GET", "/v1/runs/x"], ["GET", "/v1/runs"], ["GET", "/v1/apps"], ["GET", "/v1/apps/x"]]) {
      statuses.push((await send(method, path, method === "POST" ? START : {})).status);
    }
    assert.deepEqual(statuses, [200, 200, 200, 403, 403]);
  });

  test("apps pass alone, and the list has no others", async (t) => {
    const other = { ...SUMMARY, appId: "other" };
    const { page, send, upstream } = await startProxy(t, { allow: { apps: [APP_ID], operations: ALL } });
    serveLife(upstream);
    upstream.on(paths.apps, json({ data: [other, SUMMARY, other], more: 1 })).on("*", data({}));
    assert.deepEqual(await page().listApps(), [SUMMARY]);
    assert.equal((await page().getApp(APP_ID)).name, APP.name);
    const count = upstream.requests.length;
    const refused = [["GET", "/api/apps/other"], ["GET", "/api/apps/other/workflow"], ["POST", "/api/apps/other/executions"], ["POST", "/v1/apps/other/estimate"], ["GET", "/v1/runs"], ["GET", "/v1/runs?appId=other"], ["GET", `/v1/runs?appId=other&appId=${APP_ID}`]];
    for (const [method, path] of refused) {
      const { status, json: body } = await send(method, path, method === "POST" ? START : {});
      assert.deepEqual([status, body.error], [403, "The proxy does not allow this app."], path);
    }
    assert.equal(upstream.requests.length, count);
    const listed = await send("GET", `/v1/runs?appId=${APP_ID}&appId=other`);
    assert.equal(listed.status, 200);
    assert.equal(upstream.requests.at(-1).url, `/v1/runs?appId=${APP_ID}`);
  });

  for (const body of ["{}", "[]", '{"data":{}}', '{"data":[null]}', "no JSON", ""]) {
    test(`a list of apps that cannot be looked through is not passed on: ${body || "nothing"}`, async (t) => {
      const { send, upstream } = await startProxy(t, { allow: { apps: [APP_ID] } });
      upstream.on(paths.apps, text(body));
      const { status, json: refusal } = await send("GET", "/api/apps");
      assert.deepEqual([status, refusal.code], [502, "INTERNAL_ERROR"]);
    });
  }

  test("a webhook is refused, unless pages may name one", async (t) => {
    const address = "https://hooks.example/a?b=c&d";
    const closed = await startProxy(t);
    serveLife(closed.upstream);
    const error = await rejection(closed.page().execute(APP_ID, {}, { webhook: address }), "FORBIDDEN");
    assert.equal(error.message, "The proxy does not allow webhooks.");
    assert.equal(closed.upstream.requests.length, 0);
    const open = await startProxy(t, { allowWebhook: true });
    serveLife(open.upstream);
    await open.page().execute(APP_ID, {}, { webhook: address });
    assert.equal(new URL(open.upstream.urls[0], "http://x").searchParams.get("webhook"), address);
  });

  test("a start says which outputs, and nothing that the API does not know", async (t) => {
    const { send, upstream } = await startProxy(t);
    upstream.on(v1.start, data(QUEUED_RUN, 202));
    const body = '{"inputs":{"a":"1"},"outputs":["Image"],"webhook":"https://evil.example","debug":true}';
    assert.equal((await send("POST", `/v1/apps/${APP_ID}/runs`, { ...START, body })).status, 202);
    assert.equal(upstream.requests[0].body, '{"inputs":{"a":"1"},"outputs":["Image"]}');
  });

  test("the proxy does not mind where it is mounted", async (t) => {
    const { page, upstream, origin } = await startProxy(t);
    upstream.on(v1.look, data(DONE));
    for (const proxyUrl of [origin, `${origin}/`, `${origin}/a/b/`, `${origin}/v1`, origin + MOUNT]) {
      assert.equal((await page({ proxyUrl, apiVersion: "v1" }).getExecution(RUN_ID)).status, "completed");
    }
    assert.deepEqual([...new Set(upstream.urls)], [`/v1/runs/${RUN_ID}`]);
  });
});
