// The client: its defaults, its environment, its events; and that nothing ever throws but a promise.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { runChild } from "../support/child.mjs";
import { installPackage } from "../support/install.mjs";
import { APP_ID, COMPLETED, execution, EXECUTION_ID, KEY, paths, SUMMARY } from "../support/payloads.mjs";
import { data, json, startServer, text } from "../support/scripted-server.mjs";
import { outcome, rejection } from "../support/settle.mjs";

const installed = await installPackage();
const esm = await installed.import();
const { Lamina } = esm;

/** Every method, called with good arguments. */
const METHODS = {
  listApps: (lamina) => lamina.listApps(),
  getApp: (lamina) => lamina.getApp(APP_ID),
  getWorkflow: (lamina) => lamina.getWorkflow(APP_ID),
  validateInputs: (lamina) => lamina.validateInputs({ appId: APP_ID, parameters: [] }, {}),
  execute: (lamina) => lamina.execute(APP_ID, {}),
  getExecution: (lamina) => lamina.getExecution(EXECUTION_ID),
  waitForExecution: (lamina) => lamina.waitForExecution(EXECUTION_ID),
  run: (lamina) => lamina.run(APP_ID, {}),
  watchExecution: (lamina) => lamina.watchExecution(EXECUTION_ID).next(),
};

const BAD_OPTIONS = {
  "apiKey: 5": { apiKey: 5 },
  "apiKey: {}": { apiKey: {} },
  "baseUrl: x": { baseUrl: "x" },
  "baseUrl: 5": { baseUrl: 5 },
  "baseUrl: ftp": { baseUrl: "ftp://a.example" },
  "auth: basic": { auth: "basic" },
  "auth: an empty string": { auth: "" },
  "apiVersion: v2": { apiVersion: "v2" },
  "fetch: x": { fetch: "x" },
  "headers: x": { headers: "x" },
  "headers with a line break": { headers: { a: "b\r\nc: d" } },
  "timeoutMs: -1": { timeoutMs: -1 },
  "timeoutMs: text": { timeoutMs: "1000" },
  "attemptTimeoutMs: 0": { attemptTimeoutMs: 0 },
  "maxRetries: -1": { maxRetries: -1 },
  "maxRetries: 1.5": { maxRetries: 1.5 },
  "maxRetryAfterMs: -1": { maxRetryAfterMs: -1 },
  "requestsPerMinute: 0": { requestsPerMinute: 0 },
  "requestsPerMinute: -5": { requestsPerMinute: -5 },
  "requestsPerMinute: text": { requestsPerMinute: "100" },
  "workspaceId: 5": { workspaceId: 5 },
  "workspaceId with a line break": { workspaceId: "a\nb" },
  "proxyUrl: 5": { proxyUrl: 5, apiKey: undefined },
  "onEvent: x": { onEvent: "x" },
  "allowInsecureHttp: yes": { allowInsecureHttp: "yes" },
  "dangerouslyAllowBrowser: yes": { dangerouslyAllowBrowser: "yes" },
  "a getter that throws": { get auth() { throw new RangeError("getter"); } },
};

describe("a client", { concurrency: 8 }, () => {
  for (const [what, options] of Object.entries(BAD_OPTIONS)) {
    test(`${what}: the constructor does not throw, and every method rejects with INVALID_ARGUMENT`, async () => {
      const sent = [];
      const all = Object.defineProperties({ apiKey: KEY, fetch: async (url) => void sent.push(url) }, Object.getOwnPropertyDescriptors(options));
      const lamina = new Lamina(all);
      for (const [name, call] of Object.entries(METHODS)) {
        const error = await rejection(call(lamina), "INVALID_ARGUMENT").catch((wrong) => assert.fail(`${name}: ${wrong.message}`));
        assert.ok(error.message.length > 10);
      }
      assert.equal(sent.length, 0);
    });
  }

  for (const options of [5, "x", true]) {
    test(`new Lamina(${JSON.stringify(options)}) rejects every call, and does not throw`, async () => {
      for (const call of Object.values(METHODS)) await rejection(call(new Lamina(options)), "INVALID_ARGUMENT");
    });
  }

  test("without a key, every method rejects with AUTH_MISSING_KEY, and nothing is sent", async () => {
    const sent = [];
    for (const apiKey of [undefined, "", null]) {
      const lamina = new Lamina({ apiKey, fetch: async (url) => void sent.push(url) });
      for (const call of Object.values(METHODS)) await rejection(call(lamina), "AUTH_MISSING_KEY");
    }
    assert.equal(sent.length, 0);
  });

  test("a method that was taken from its client rejects, and says how to call it", async () => {
    const lamina = new Lamina({ apiKey: KEY });
    for (const name of ["listApps", "getApp", "execute", "getExecution", "waitForExecution", "run", "pollStep"]) {
      const { [name]: taken } = lamina;
      await rejection(taken("x", {}), "INVALID_ARGUMENT");
      await rejection(taken.call({}, "x", {}), "INVALID_ARGUMENT");
    }
    const { watchExecution, runAll } = lamina;
    await rejection(watchExecution("x").next(), "INVALID_ARGUMENT");
    assert.equal((await runAll([{ appId: "x", inputs: {} }]).next()).value.error.code, "INVALID_ARGUMENT");
  });

  test("options that change later change nothing", async (t) => {
    const server = await startServer(t);
    server.on("*", data([]));
    const options = { apiKey: KEY, baseUrl: server.url, headers: { "x-a": "1" } };
    const lamina = new Lamina(options);
    options.apiKey = "other";
    options.baseUrl = "https://other.example";
    await lamina.listApps();
    assert.equal(server.requests[0].headers["x-api-key"], KEY);
  });

  test("a key function is asked for every request, retries included", async (t) => {
    const server = await startServer(t);
    server.on("*", json({ error: "x" }, 500), data([]));
    let asked = 0;
    const lamina = new Lamina({ apiKey: async () => `key-${++asked}`, baseUrl: server.url });
    await lamina.listApps();
    await lamina.listApps();
    assert.deepEqual(server.requests.map(({ headers }) => headers["x-api-key"]), ["key-1", "key-2", "key-3"]);
    const sync = new Lamina({ apiKey: () => KEY, baseUrl: server.url, auth: "bearer" });
    await sync.listApps();
    assert.equal(server.requests.at(-1).headers.authorization, `Bearer ${KEY}`);
  });

  for (const [what, apiKey, code] of [
    ["throws", () => { throw new RangeError("vault"); }],
    ["rejects", async () => { throw new RangeError("vault"); }],
    ["gives nothing", () => undefined, "AUTH_MISSING_KEY"],
    ["gives an empty string", () => "", "AUTH_MISSING_KEY"],
    ["gives a number", () => 5, "INVALID_ARGUMENT"],
    ["gives what no header may hold", () => "lma\n", "INVALID_ARGUMENT"],
  ]) {
    test(`a key function that ${what} rejects the call, and nothing is sent`, async (t) => {
      const server = await startServer(t);
      server.on("*", data([]));
      const error = await rejection(new Lamina({ apiKey, baseUrl: server.url }).listApps(), code);
      assert.ok(esm.isLaminaError(error));
      if (!code) assert.ok(error.cause instanceof RangeError);
      assert.equal(server.requests.length, 0);
    });
  }

  test("events tell of requests, responses, retries, polls and throttling, and never of the key", async (t) => {
    const server = await startServer(t);
    server.on(paths.apps, json({ error: "x" }, 500), data([])).on(paths.look, data(execution("running")), data(COMPLETED));
    const events = [];
    const lamina = new Lamina({ apiKey: KEY, baseUrl: server.url, requestsPerMinute: 4, onEvent: (event) => events.push(event) });
    await lamina.listApps();
    await lamina.waitForExecution(EXECUTION_ID, { pollIntervalMs: 20 });
    await outcome(lamina.listApps({ timeoutMs: 50 }));
    const types = events.map(({ type }) => type);
    assert.deepEqual([...new Set(types)].sort(), ["poll", "request", "response", "retry", "throttle"]);
    assert.deepEqual(types.slice(0, 5), ["request", "response", "retry", "request", "response"]);
    assert.ok(!JSON.stringify(events).includes(KEY));
    const [request, response] = events;
    assert.deepEqual([request.method, request.url, response.status], ["GET", `${server.url}/api/apps`, 500]);
  });

  for (const [what, onEvent] of [["throws", () => { throw new Error("mine"); }], ["rejects", async () => { throw new Error("mine"); }]]) {
    test(`a listener that ${what} is ignored`, async (t) => {
      const server = await startServer(t);
      server.on("*", data([SUMMARY]));
      assert.deepEqual(await new Lamina({ apiKey: KEY, baseUrl: server.url, onEvent }).listApps(), [SUMMARY]);
    });
  }

  test("two clients keep their own options and budgets", async (t) => {
    const [a, b] = [await startServer(t), await startServer(t)];
    for (const server of [a, b]) server.on("*", data([]));
    const [one, two] = [a, b].map((server, index) => new Lamina({ apiKey: `key-${index}`, baseUrl: server.url, requestsPerMinute: 1 }));
    await Promise.all([one.listApps(), two.listApps()]);
    assert.deepEqual([a, b].map(({ requests }) => requests.map(({ headers }) => headers["x-api-key"])), [["key-0"], ["key-1"]]);
  });
});

describe("the default client and the errors", { concurrency: 4 }, () => {
  const program = (body) => `import * as all from "lamina-wasm"; import { createRequire } from "node:module";
    const cjs = createRequire(import.meta.url)("lamina-wasm");
    const codeOf = async (promise) => { try { return await promise; } catch (error) { return error.code; } };
    ${body}`;

  test("free functions work on a client made of the environment, at its first use", async (t) => {
    const server = await startServer(t);
    server.on("*", data([SUMMARY]));
    const { json: result, stderr } = await runChild(
      installed.folder,
      program(`process.env.LAMINA_API_KEY = "lma_late"; process.env.LAMINA_BASE_URL = ${JSON.stringify(server.url)} + "/prefix";
        const apps = await all.listApps();
        console.log(JSON.stringify({ apps, same: all.getDefaultClient() === all.getDefaultClient(), is: all.getDefaultClient() instanceof all.Lamina }));`),
    );
    assert.deepEqual(result, { apps: [SUMMARY], same: true, is: true }, stderr);
    assert.deepEqual(server.requests.map(({ url, headers }) => [url, headers["x-api-key"]]), [["/prefix/api/apps", "lma_late"]]);
  });

  test("a client keeps the environment that it was made in, and looks again for what was not set yet", async (t) => {
    const server = await startServer(t);
    server.on("*", data([]));
    const { json: codes, stderr } = await runChild(
      installed.folder,
      program(`const { env } = process;
        env.LAMINA_API_KEY = "lma_made"; env.LAMINA_BASE_URL = ${JSON.stringify(server.url)};
        const made = new all.Lamina();
        delete env.LAMINA_API_KEY;
        const later = new all.Lamina();
        const without = await codeOf(new all.Lamina().listApps());
        env.LAMINA_API_KEY = "lma_later"; env.LAMINA_BASE_URL = "https://elsewhere.invalid";
        console.log(JSON.stringify([without, await codeOf(made.listApps()), await codeOf(later.listApps())]));`),
    );
    assert.deepEqual(codes, ["AUTH_MISSING_KEY", [], []], stderr);
    assert.deepEqual(server.requests.map(({ headers }) => headers["x-api-key"]), ["lma_made", "lma_later"]);
  });

  test("configure replaces the default client; without a key, free functions reject", async (t) => {
    const server = await startServer(t);
    server.on("*", text("{}", 403));
    const { json: codes, stderr } = await runChild(
      installed.folder,
      program(`const before = await codeOf(all.listApps());
        all.configure({ apiKey: "lma_set", baseUrl: ${JSON.stringify(server.url)} });
        const after = await Promise.all([all.listApps(), all.getApp("a"), all.getWorkflow("a"), all.execute("a", {}), all.getExecution("e"), all.waitForExecution("e"),
          all.run("a", {}), all.validateInputs("a", {}), all.watchExecution("e").next()].map(codeOf));
        all.configure({ apiKey: 5 });
        console.log(JSON.stringify([before, ...new Set(after), await codeOf(all.listApps())]));`),
    );
    assert.deepEqual(codes, ["AUTH_MISSING_KEY", "FORBIDDEN", "INVALID_ARGUMENT"], stderr);
    assert.equal(server.requests[0].headers["x-api-key"], "lma_set");
  });

  test("an error of one copy is known by the other: by isLaminaError and by instanceof", async () => {
    const { json: result, stderr } = await runChild(
      installed.folder,
      program(`const errors = [await new all.Lamina({ apiKey: 5 }).listApps().catch((e) => e), await new cjs.Lamina({ apiKey: 5 }).listApps().catch((e) => e)];
        const known = errors.flatMap((e) => [all.isLaminaError(e), cjs.isLaminaError(e), e instanceof all.LaminaError, e instanceof cjs.LaminaError, e instanceof Error, e.name === "LaminaError"]);
        const strangers = [new Error("x"), { code: "TIMEOUT", name: "LaminaError" }, null, undefined, "x", 5].flatMap((e) => [all.isLaminaError(e), e instanceof all.LaminaError]);
        console.log(JSON.stringify({ known: [...new Set(known)], strangers: [...new Set(strangers)], copies: all.LaminaError !== cjs.LaminaError }));`),
    );
    assert.deepEqual(result, { known: [true], strangers: [false], copies: true }, stderr);
  });

  test("an error that the core makes is of the class that is exported; one of a server's handler is known as one", async () => {
    const { json: result, stderr } = await runChild(
      installed.folder,
      program(`const server = await import("lamina-wasm/server");
        const made = [];
        try { server.createProxyHandler(5); } catch (error) { made.push(error instanceof all.LaminaError && all.isLaminaError(error)); }
        for (const { Lamina, LaminaError } of [all, cjs]) made.push((await new Lamina({ apiKey: 5 }).listApps().catch((e) => e)).constructor === LaminaError);
        console.log(JSON.stringify(made));`),
    );
    assert.deepEqual(result, [true, true, true], stderr);
  });

  test("clients and errors bear their class's name", async () => {
    const { json: names, stderr } = await runChild(
      installed.folder,
      program(`console.log(JSON.stringify([all, cjs].map(({ Lamina, LaminaError }) => [Lamina.name, LaminaError.name, Lamina.prototype.getApp.name])));`),
    );
    assert.deepEqual(names, [["Lamina", "LaminaError", "getApp"], ["Lamina", "LaminaError", "getApp"]], stderr);
  });

  test("LAMINA_ERROR_CODES are the codes of the contract and of the core, and cannot be changed", () => {
    const rust = readFileSync(new URL("../../src/core/error.rs", import.meta.url), "utf8");
    const codes = [...rust.matchAll(/^ {4}\w+ = "([A-Z_]+)", (?:true|false);$/gm)].map(([, code]) => code);
    assert.equal(codes.length, 28);
    assert.deepEqual([...esm.LAMINA_ERROR_CODES].sort(), codes.sort());
    assert.ok(Object.isFrozen(esm.LAMINA_ERROR_CODES));
  });
});
