// What goes over the wire: paths, queries, headers and bodies, byte for byte.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { installPackage } from "../support/install.mjs";
import { APP, APP_ID, COMPLETED, EXECUTION_ID, KEY, paths, STARTED, SUMMARY, WORKFLOW } from "../support/payloads.mjs";
import { data, startServer } from "../support/scripted-server.mjs";

const { Lamina } = await (await installPackage()).import();

async function setUp(t, options = {}) {
  const server = await startServer(t);
  server
    .on(paths.apps, data([SUMMARY]))
    .on(paths.app, data(APP))
    .on(paths.workflow, data(WORKFLOW))
    .on(paths.start, data(STARTED, 202))
    .on(paths.look, data(COMPLETED));
  return { server, lamina: new Lamina({ apiKey: KEY, baseUrl: server.url, ...options }) };
}

/** What each operation asks for, and what it resolves to. */
const OPERATIONS = {
  listApps: [(lamina, options) => lamina.listApps(options), paths.apps, [SUMMARY]],
  getApp: [(lamina, options) => lamina.getApp(APP_ID, options), paths.app, APP],
  getWorkflow: [(lamina, options) => lamina.getWorkflow(APP_ID, options), paths.workflow, WORKFLOW],
  execute: [(lamina, options) => lamina.execute(APP_ID, { Style: "x" }, options), paths.start, STARTED],
  getExecution: [(lamina, options) => lamina.getExecution(EXECUTION_ID, options), paths.look, COMPLETED],
  waitForExecution: [(lamina, options) => lamina.waitForExecution(EXECUTION_ID, options), paths.look, COMPLETED],
};

describe("the wire", { concurrency: 8 }, () => {
  for (const [name, [call, route, expected]] of Object.entries(OPERATIONS)) {
    test(`${name} asks ${route.split("/").slice(0, 4).join("/")}… and gives what the server sent`, async (t) => {
      const { server, lamina } = await setUp(t);
      assert.deepEqual(await call(lamina), expected);
      assert.deepEqual(server.requests.map(({ method, url }) => `${method} ${url}`), [route]);
    });

    test(`${name} takes headers for this one call`, async (t) => {
      const { server, lamina } = await setUp(t, { headers: { "X-Team": "client", "x-stays": "yes" } });
      await call(lamina, { headers: { "x-team": "call" } });
      await call(lamina);
      assert.deepEqual(server.requests.map(({ headers }) => [headers["x-team"], headers["x-stays"]]), [["call", "yes"], ["client", "yes"]]);
    });
  }

  test("what the server sends beside the promise is kept", async (t) => {
    const { server, lamina } = await setUp(t);
    const odd = { ...APP, extra: { nested: [1, null, { deep: "ä€😀" }] }, __proto__key: 1, big: 12345.678, "with space ": true };
    server.on("GET /api/apps/odd", data(odd));
    assert.deepEqual(await lamina.getApp("odd"), odd);
  });

  test("making a client sends nothing", async (t) => {
    const { server } = await setUp(t);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(server.requests.length, 0);
  });

  const SEARCHES = ["cat", "a b", "a&limit=1", "100%", "ä€😀", "a+b", "#x?", "=/\\\"'"];
  for (const search of SEARCHES) {
    test(`search ${JSON.stringify(search)} arrives as it was given`, async (t) => {
      const { server, lamina } = await setUp(t);
      await lamina.listApps({ search, limit: 7 });
      const { searchParams, pathname } = new URL(server.urls[0], server.url);
      assert.equal(pathname, "/api/apps");
      assert.deepEqual([...searchParams], [["search", search], ["limit", "7"]]);
    });
  }

  test("only what was asked for is in the query", async (t) => {
    const { server, lamina } = await setUp(t);
    await lamina.listApps({ limit: 3 });
    await lamina.listApps({ search: "x" });
    await lamina.listApps({});
    assert.deepEqual(server.urls, ["/api/apps?limit=3", "/api/apps?search=x", "/api/apps"]);
  });

  const IDS = ["a b", "a/b", "a/../b", "a?b=c#d", "%2e%2e", "ä€😀", "...", "a;b", "a\\b", "a+b", "1e3", "..\\x"];
  for (const id of IDS) {
    test(`id ${JSON.stringify(id)} stays within its place in the path`, async (t) => {
      const { server, lamina } = await setUp(t);
      server.on("*", data({ ...APP, ...COMPLETED, ...WORKFLOW }));
      await lamina.getApp(id);
      await lamina.getWorkflow(id);
      await lamina.getExecution(id);
      await lamina.execute(id, {});
      const segments = server.urls.map((url) => url.split("/").slice(1).map(decodeURIComponent));
      assert.deepEqual(segments, [
        ["api", "apps", id],
        ["api", "apps", id, "workflow"],
        ["api", "executions", id],
        ["api", "apps", id, "executions"],
      ]);
      for (const url of server.urls) assert.doesNotMatch(url, /[?#]/);
    });
  }

  test("a webhook travels in the query, encoded as a whole", async (t) => {
    const { server, lamina } = await setUp(t);
    const webhook = "https://me.example/hook?token=a%20b&x=1#part";
    await lamina.execute(APP_ID, {}, { webhook });
    await lamina.execute(APP_ID, {}, { webhook: "http://me.example:8080/ä" });
    const hooks = server.urls.map((url) => [...new URL(url, server.url).searchParams]);
    assert.deepEqual(hooks, [[["webhook", webhook]], [["webhook", "http://me.example:8080/ä"]]]);
  });

  test("the body holds the inputs under their very names and labels, spaces included", async (t) => {
    const { server, lamina } = await setUp(t);
    const inputs = { "Model  Ethnicity": "Asian", "Model Body type": "Standard ", " both ": "Ünï\u2028cödé 😀", "": "empty name" };
    await lamina.execute(APP_ID, inputs);
    assert.equal(server.requests[0].body, JSON.stringify({ inputs }));
    assert.equal(server.requests[0].headers["content-type"], "application/json");
  });

  test("the body is the inputs' JSON: nothing lost, nothing added", async (t) => {
    const { server, lamina } = await setUp(t);
    const inputs = JSON.parse('{"z":1,"a":[true,null,{"k":""}],"__proto__":{"x":1},"constructor":"c","10":"ten"}');
    inputs.left = undefined;
    inputs.when = new Date(0);
    inputs.lone = "\ud800";
    await lamina.execute(APP_ID, inputs);
    assert.equal(server.requests[0].body, JSON.stringify({ inputs }));
  });

  test("an input of 8 MB arrives whole", async (t) => {
    const { server, lamina } = await setUp(t);
    await lamina.execute(APP_ID, { Style: "é".repeat(4 * 2 ** 20) });
    assert.equal(JSON.parse(server.requests[0].body).inputs.Style.length, 4 * 2 ** 20);
  });

  test("a key is sent in one header only, as `auth` says", async (t) => {
    for (const [auth, headers] of [
      [undefined, { "x-api-key": KEY, authorization: undefined }],
      ["x-api-key", { "x-api-key": KEY, authorization: undefined }],
      ["bearer", { "x-api-key": undefined, authorization: `Bearer ${KEY}` }],
    ]) {
      const { server, lamina } = await setUp(t, { auth });
      await lamina.listApps();
      const { "x-api-key": key, authorization } = server.requests[0].headers;
      assert.deepEqual({ "x-api-key": key, authorization }, headers);
    }
  });

  test("no header is sent that the API does not need", async (t) => {
    // What Node's own fetch adds to every request.
    const own = ["accept-encoding", "accept-language", "connection", "content-length", "host", "sec-fetch-mode", "user-agent"];
    const { server, lamina } = await setUp(t, { workspaceId: "ws_1" });
    await lamina.listApps();
    await lamina.execute(APP_ID, {});
    const names = server.requests.map(({ headers }) => Object.keys(headers).filter((name) => !own.includes(name)).sort());
    assert.deepEqual(names, [
      ["accept", "x-api-key", "x-workspace-id"],
      ["accept", "content-type", "x-api-key", "x-workspace-id"],
    ]);
    assert.equal(server.requests[0].headers["x-workspace-id"], "ws_1");
  });

  test("`fetch` is called with a URL string and a plain init, as a bare function", async (t) => {
    const calls = [];
    async function custom(...args) {
      calls.push({ that: this, args });
      return fetch(...args);
    }
    const { server, lamina } = await setUp(t, { fetch: custom });
    await lamina.listApps({ limit: 1 });
    await lamina.execute(APP_ID, { a: 1 });
    for (const { that, args } of calls) {
      assert.equal(that, undefined);
      assert.equal(args.length, 2);
      const [url, init] = args;
      assert.equal(typeof url, "string");
      assert.equal(Object.getPrototypeOf(init), Object.prototype);
      assert.equal(Object.getPrototypeOf(init.headers), Object.prototype);
      assert.ok(init.signal instanceof AbortSignal);
      assert.equal(init.redirect, "manual");
    }
    assert.equal(calls[0].args[0], `${server.url}/api/apps?limit=1`);
    assert.equal(calls[0].args[1].method, "GET");
    assert.equal("body" in calls[0].args[1], false);
    assert.equal(calls[1].args[1].method, "POST");
    assert.equal(typeof calls[1].args[1].body, "string");
  });

  test("the global `fetch` is looked up at each call", async (t) => {
    const { server, lamina } = await setUp(t);
    await lamina.listApps();
    const real = globalThis.fetch;
    let seen = 0;
    globalThis.fetch = (...args) => (seen++, real(...args));
    try {
      await lamina.listApps();
    } finally {
      globalThis.fetch = real;
    }
    assert.ok(seen >= 1);
    assert.equal(server.requests.length, 2);
  });

  for (const [base, prefix] of [["", ""], ["/", ""], ["/gateway/lamina", "/gateway/lamina"], ["/gateway/", "/gateway"], ["/a%20b", "/a%20b"]]) {
    test(`baseUrl with the path ${JSON.stringify(base)} keeps it`, async (t) => {
      const { server } = await setUp(t);
      server.on("*", data([SUMMARY]));
      await new Lamina({ apiKey: KEY, baseUrl: server.url + base }).listApps();
      await new Lamina({ apiKey: KEY, baseUrl: new URL(server.url + base) }).listApps();
      assert.deepEqual(server.urls, [`${prefix}/api/apps`, `${prefix}/api/apps`]);
    });
  }

  test("behind `proxyUrl` no key is sent, even where there is one", async (t) => {
    const { server } = await setUp(t);
    server.on("*", data([SUMMARY]));
    const lamina = new Lamina({ proxyUrl: `${server.url}/api/lamina`, apiKey: KEY, workspaceId: "ws_1" });
    await lamina.listApps();
    const [{ path, rawHeaders }] = server.requests;
    assert.ok(path.startsWith("/api/lamina/"), path);
    assert.ok(!rawHeaders.join("\n").includes(KEY));
  });
});
