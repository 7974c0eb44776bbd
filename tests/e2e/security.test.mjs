// The key: never shown, never sent elsewhere, never used where everybody could read it.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { format, inspect } from "node:util";
import { runChild } from "../support/child.mjs";
import { installPackage } from "../support/install.mjs";
import { APP_ID, EXECUTION_ID, execution, KEY } from "../support/payloads.mjs";
import { data, json, redirect, reset, stall, startServer, text } from "../support/scripted-server.mjs";
import { outcome, rejection } from "../support/settle.mjs";

const installed = await installPackage();
const { Lamina } = await installed.import();

/** Everything that a log, a debugger or an error tracker may show of a value. */
function shown(value) {
  const everything = { showHidden: true, depth: Infinity, getters: true };
  const members = [...Object.getOwnPropertyNames(value), ...Object.getOwnPropertySymbols(value)].map((name) => format("%o", value[name]));
  return [String(value), format("%o %O %s %j", value, value, value, value), inspect(value, everything), JSON.stringify(value), value.stack, ...members].join("\n");
}

const hides = (value, key = KEY) => assert.ok(!shown(value).includes(key), shown(value));

describe("security", { concurrency: 8 }, () => {
  test("a client shows its key nowhere", async (t) => {
    const server = await startServer(t);
    server.on("*", data([]));
    for (const options of [{ apiKey: KEY }, { apiKey: () => KEY }, { apiKey: KEY, auth: "bearer" }, { apiKey: `${KEY}\n` }]) {
      const lamina = new Lamina({ baseUrl: server.url, ...options });
      await outcome(lamina.listApps());
      hides(lamina);
      hides({ ...lamina });
      hides(Object.getPrototypeOf(lamina));
      assert.deepEqual(Reflect.ownKeys(lamina), []);
    }
  });

  const TROUBLE = {
    "a refused key": json({ error: "Invalid API key" }, 401),
    "a body that repeats the key": json({ error: `The key ${KEY} is not known`, code: "AUTH_INVALID_KEY" }, 401),
    "a text that repeats the key": text(`no such key: ${KEY}`, 401),
    "details that repeat the key": json({ error: "No", details: [`"key": ${KEY}`, { [KEY]: KEY }], requestId: KEY }, 403),
    "a reset": reset(),
    "a redirect": redirect("https://elsewhere.example/"),
    "a stall": stall(),
    "a broken body": text("{"),
  };
  for (const [what, answer] of Object.entries(TROUBLE)) {
    for (const auth of ["x-api-key", "bearer"]) {
      test(`${what} with ${auth} does not show the key in the error or in an event`, async (t) => {
        const server = await startServer(t);
        server.on("*", answer);
        const events = [];
        const lamina = new Lamina({ apiKey: KEY, auth, baseUrl: server.url, maxRetries: 1, attemptTimeoutMs: 100, onEvent: (event) => events.push(event) });
        hides(await rejection(lamina.listApps()));
        hides(await rejection(lamina.execute(APP_ID, {})));
        hides(await rejection(lamina.waitForExecution(EXECUTION_ID, { timeoutMs: 300, pollIntervalMs: 50 })));
        hides(events);
        assert.ok(events.length > 0);
      });
    }
  }

  test("a fetch that says the key in its rejection does not get it into message, stack or JSON", async () => {
    const lamina = new Lamina({ apiKey: KEY, maxRetries: 0, fetch: async (_, { headers }) => { throw new TypeError(`bad header ${headers["x-api-key"]}`); } });
    const error = await rejection(lamina.listApps(), "NETWORK_ERROR");
    for (const text of [error.message, error.stack, JSON.stringify(error), String(error)]) assert.ok(!text.includes(KEY), text);
  });

  test("what a test uses in place of a key is no secret: messages that hold the same word stay as they are", async (t) => {
    const server = await startServer(t);
    server.on("*", json({ error: "Invalid API key", details: ["key"] }, 401));
    const error = await rejection(new Lamina({ apiKey: "key", baseUrl: server.url }).listApps(), "AUTH_INVALID_KEY");
    assert.equal(error.message, "Invalid API key");
    assert.deepEqual(error.details, ["key"]);
    const late = await rejection(new Lamina({ apiKey: "k", fetch: () => new Promise(() => {}) }).listApps({ timeoutMs: 20 }), "TIMEOUT");
    assert.doesNotMatch(late.message, /\*/);
  });

  test("an execution that failed with the key in its message does not show it", async (t) => {
    const server = await startServer(t);
    server.on("*", data(execution("failed", { errorMessage: `for ${KEY}` })));
    const error = await rejection(new Lamina({ apiKey: KEY, baseUrl: server.url }).waitForExecution(EXECUTION_ID), "EXECUTION_FAILED");
    assert.ok(!error.message.includes(KEY));
    assert.ok(!error.stack.includes(KEY));
  });

  for (const [what, key] of [["a line break at its end", "lma_secret\n"], ["a line break and a header", "lma_secret\r\nx-evil: 1"], ["a space", "lma secret"], ["a space around it", " lma_secret "],
    ["a NUL", "lma_secret\0"], ["a letter that no header holds", "lma_secret€"], ["an umlaut", "lma_secretä"], ["a lone surrogate", "lma_secret\ud800"], ["a DEL", "lma_secret\x7f"]]) {
    test(`a key with ${what} is INVALID_ARGUMENT, is not sent and is not repeated`, async (t) => {
      const server = await startServer(t);
      server.on("*", data([]));
      for (const apiKey of [key, () => key]) {
        const error = await rejection(new Lamina({ apiKey, baseUrl: server.url }).listApps(), "INVALID_ARGUMENT");
        hides(error, "secret");
      }
      assert.equal(server.requests.length, 0);
    });
  }

  for (const key of ["k", "lma_mcp_at_x.y-z", "no-prefix", "a".repeat(4_000), "!#$%&'*+/=?^_`{|}~"]) {
    test(`a key of ${key.length} characters (${key.slice(0, 20)}) is sent as it is`, async (t) => {
      const server = await startServer(t);
      server.on("*", data([]));
      await new Lamina({ apiKey: key, baseUrl: server.url }).listApps();
      assert.equal(server.requests[0].headers["x-api-key"], key);
    });
  }

  test("no request follows a redirect, so that the key reaches no other host", async (t) => {
    const other = await startServer(t);
    other.on("*", data([]));
    for (const status of [301, 302, 303, 307, 308]) {
      const server = await startServer(t);
      server.on("*", redirect(other.url, status));
      const lamina = new Lamina({ apiKey: KEY, baseUrl: server.url });
      await rejection(lamina.listApps(), "INVALID_RESPONSE");
      await rejection(lamina.execute(APP_ID, {}), "INVALID_RESPONSE");
    }
    assert.equal(other.requests.length, 0);
  });

  const fetched = async (options) => {
    const urls = [];
    const lamina = new Lamina({ apiKey: KEY, fetch: async (url) => (urls.push(url), new Response('{"data":[]}')), ...options });
    const { error } = await outcome(lamina.listApps());
    return { urls, code: error?.code, error };
  };

  for (const baseUrl of ["http://api.example", "http://10.0.0.1", "http://localhost.example", "http://127.0.0.1.example", "http://0.0.0.0:80", "http://[::2]", "http://169.254.1.1"]) {
    test(`${baseUrl} would carry the key in clear text: INVALID_ARGUMENT, unless allowInsecureHttp`, async () => {
      const refused = await fetched({ baseUrl });
      assert.deepEqual([refused.code, refused.urls], ["INVALID_ARGUMENT", []]);
      const allowed = await fetched({ baseUrl, allowInsecureHttp: true });
      assert.equal(allowed.code, undefined);
      assert.equal(allowed.urls.length, 1);
    });
  }

  for (const baseUrl of ["http://localhost:8080", "http://127.0.0.1", "http://127.1.2.3:99", "http://[::1]:8080", "http://sim.localhost", "https://api.example"]) {
    test(`${baseUrl} is fine`, async () => {
      assert.equal((await fetched({ baseUrl })).code, undefined);
    });
  }

  for (const baseUrl of ["https://user:hunter2@api.example", "https://user@api.example", "https://api.example?key=hunter2", "https://api.example/#hunter2", "javascript:alert(1)", "file:///hunter2", "ftp://api.example", "//api.example", "api.example", ""]) {
    test(`baseUrl ${baseUrl} is INVALID_ARGUMENT, and is not repeated`, async () => {
      const { code, urls, error } = await fetched({ baseUrl });
      assert.deepEqual([code, urls], ["INVALID_ARGUMENT", []]);
      hides(error, "hunter2");
    });
  }

  test("in a page, an apiKey is INVALID_ARGUMENT without dangerouslyAllowBrowser, and the message points to proxyUrl", async () => {
    const { json: results, stderr } = await runChild(
      installed.folder,
      `import { Lamina } from "lamina-wasm";
       globalThis.window = globalThis;
       globalThis.document = {};
       const urls = [];
       const ask = async (options) => {
         const sent = [];
         const fetch = async (url, init) => (sent.push([url, init.headers["x-api-key"] ?? null]), new Response('{"data":[]}'));
         const error = await new Lamina({ fetch, ...options }).listApps().then(() => ({}), (error) => error);
         return { code: error.code, proxy: /proxyUrl/.test(error.message), sent };
       };
       console.log(JSON.stringify([
         await ask({ apiKey: "lma_x" }), await ask({ apiKey: () => "lma_x" }), await ask({}),
         await ask({ apiKey: "lma_x", dangerouslyAllowBrowser: true }), await ask({ proxyUrl: "/api/lamina" }),
       ]));`,
      { env: { LAMINA_API_KEY: "" } },
    );
    const [plain, asked, none, allowed, proxied] = results;
    assert.deepEqual(plain, { code: "INVALID_ARGUMENT", proxy: true, sent: [] }, stderr);
    assert.deepEqual(asked, { code: "INVALID_ARGUMENT", proxy: true, sent: [] });
    assert.equal(none.code, "AUTH_MISSING_KEY");
    assert.deepEqual(allowed.sent, [["https://app.uselamina.ai/api/apps", "lma_x"]]);
    assert.equal(proxied.code, undefined);
    assert.ok(proxied.sent[0][0].startsWith("/api/lamina/"));
    assert.equal(proxied.sent[0][1], null);
  });

  test("a worker has a window-less self, and takes a key", async () => {
    const { json: result, stderr } = await runChild(
      installed.folder,
      `import { Lamina } from "lamina-wasm";
       globalThis.self = globalThis;
       const lamina = new Lamina({ apiKey: "k", fetch: async () => new Response('{"data":[]}') });
       console.log(JSON.stringify(await lamina.listApps()));`,
    );
    assert.deepEqual(result, [], stderr);
  });

  test("a proxyUrl of another origin's shorthand is refused", async () => {
    for (const proxyUrl of ["//evil.example/api", "/\\evil.example", "javascript:alert(1)", ""]) {
      const { code, urls } = await fetched({ apiKey: undefined, proxyUrl });
      assert.deepEqual([code, urls], ["INVALID_ARGUMENT", []], proxyUrl);
    }
  });
});
