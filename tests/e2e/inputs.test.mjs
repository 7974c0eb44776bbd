// What a user gets wrong is found before anything is sent, with a message that says what to do.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { installPackage } from "../support/install.mjs";
import { APP, APP_ID, EXECUTION_ID, KEY, paths, STARTED } from "../support/payloads.mjs";
import { data, startServer } from "../support/scripted-server.mjs";
import { rejection } from "../support/settle.mjs";

const { Lamina } = await (await installPackage()).import();

async function setUp(t, options = {}) {
  const server = await startServer(t);
  server.on(paths.app, data(APP)).on(paths.start, data(STARTED, 202)).on("*", data([]));
  return { server, lamina: new Lamina({ apiKey: KEY, baseUrl: server.url, ...options }) };
}

/** Nothing is sent, and the message names what is wrong. */
async function refused(t, call, named) {
  const { server, lamina } = await setUp(t);
  const error = await rejection(call(lamina), "INVALID_ARGUMENT");
  assert.equal(server.requests.length, 0);
  assert.equal(error.attempts, 0);
  assert.equal(error.retryable, false);
  assert.ok(error.message.length > 15, error.message);
  if (named) assert.ok(error.message.includes(named), error.message);
  return error;
}

const cyclic = { name: "x" };
cyclic.self = cyclic;
const throwing = Object.defineProperty({}, "Style", { enumerable: true, get() { throw new RangeError("getter"); } });

const UNSENDABLE = {
  "a cycle": cyclic,
  "a BigInt": { Style: 10n },
  NaN: { Style: NaN },
  Infinity: { Style: -Infinity },
  "a function": { Style: () => {} },
  "a symbol": { Style: Symbol("x") },
  "a getter that throws": throwing,
  "a toJSON that throws": { Style: { toJSON() { throw new RangeError("toJSON"); } } },
  "a proxy that throws": { Style: new Proxy({}, { ownKeys() { throw new RangeError("proxy"); } }) },
  "a promise": { Style: Promise.resolve("x") },
  "a Blob": { Front: new Blob(["x"]) },
  "a File": { Front: new File(["x"], "x.png") },
  "a Uint8Array": { Front: new Uint8Array(3) },
  "a Buffer": { Front: Buffer.from("x") },
  "an ArrayBuffer": { Front: new ArrayBuffer(3) },
  "a Map": { Style: new Map([["a", 1]]) },
  "a FormData": { Style: new FormData() },
  "a BigInt deep within": { Style: [{ a: [1n] }] },
  "a list instead of an object": ["x"],
  "a string instead of an object": "x",
  "a number instead of an object": 7,
};

describe("inputs", { concurrency: 8 }, () => {
  for (const [what, inputs] of Object.entries(UNSENDABLE)) {
    test(`${what} as inputs is INVALID_ARGUMENT, and nothing is started`, async (t) => {
      await refused(t, (lamina) => lamina.execute(APP_ID, inputs));
      await refused(t, (lamina) => lamina.run(APP_ID, inputs));
    });
  }

  const deep = (levels) => { let value = "x"; for (let n = 0; n < levels; n++) value = [value]; return { Style: value }; };
  test("inputs nested 10,000 deep are sent whole, or refused", async (t) => {
    const { server, lamina } = await setUp(t);
    try {
      await lamina.execute(APP_ID, deep(10_000));
      assert.equal(server.requests[0].body, `{"inputs":{"Style":${"[".repeat(10_000)}"x"${"]".repeat(10_000)}}}`);
    } catch (error) {
      assert.equal(error.code, "INVALID_ARGUMENT");
      assert.equal(server.requests.length, 0);
    }
    await lamina.execute(APP_ID, {});
  });

  const BAD_IDS = ["", ".", "..", undefined, null, 42, {}, [], true, Symbol("x"), () => "x", "\ud800"];
  for (const id of BAD_IDS) {
    test(`the id ${String(typeof id === "string" ? JSON.stringify(id) : Array.isArray(id) ? "[]" : typeof id === "object" && id ? "{}" : String(id))} is INVALID_ARGUMENT for every method`, async (t) => {
      for (const call of [
        (lamina) => lamina.getApp(id),
        (lamina) => lamina.getWorkflow(id),
        (lamina) => lamina.execute(id, {}),
        (lamina) => lamina.run(id, {}),
        (lamina) => lamina.getExecution(id),
        (lamina) => lamina.waitForExecution(id),
      ]) await refused(t, call);
    });
  }

  test("an id that is refused is not repeated", async (t) => {
    const error = await refused(t, (lamina) => lamina.getApp("\ud800secret"));
    assert.doesNotMatch(error.message, /secret/);
  });

  for (const webhook of ["javascript:alert(1)", "ftp://me.example/", "me.example/hook", "/hook", "", "https://", 42, {}, [], "file:///x", "data:text/plain,x"]) {
    test(`the webhook ${JSON.stringify(webhook)} is INVALID_ARGUMENT`, async (t) => {
      await refused(t, (lamina) => lamina.execute(APP_ID, {}, { webhook }), "webhook");
    });
  }

  const BAD_OPTIONS = {
    limit: [-1, 1.5, NaN, Infinity, "10", {}],
    search: [5, {}, true],
    timeoutMs: [0, -1, NaN, "1000", {}],
    attemptTimeoutMs: [0, -1, NaN, "1000"],
    maxRetries: [-1, 1.5, NaN, "3"],
    headers: ["x", 5, { "bad name": "x" }, { "x-a": "line\nbreak" }, { "x-a": 5 }, { "x-a": "€" }],
    signal: ["x", {}, true, new AbortController()],
  };
  for (const [name, values] of Object.entries(BAD_OPTIONS)) {
    for (const value of values) {
      test(`${name}: ${typeof value === "object" ? JSON.stringify(value) : String(value)} is INVALID_ARGUMENT`, async (t) => {
        await refused(t, (lamina) => lamina.listApps({ [name]: value }), name);
      });
    }
  }

  const BAD_WAITS = {
    pollIntervalMs: [-1, NaN, "x", { min: -1 }, { min: 20, max: 10 }, { max: "x" }],
    onUpdate: ["x", {}, 5],
    throwOnFailure: ["yes", 1],
    timeoutMs: [-1, "x"],
  };
  for (const [name, values] of Object.entries(BAD_WAITS)) {
    for (const value of values) {
      test(`a wait with ${name}: ${JSON.stringify(value) ?? value} is INVALID_ARGUMENT`, async (t) => {
        const named = Object.keys(value ?? {}).find((key) => key === "min" || key === "max") ?? name;
        await refused(t, (lamina) => lamina.waitForExecution(EXECUTION_ID, { [name]: value }), named);
        await refused(t, (lamina) => lamina.run(APP_ID, {}, { [name]: value }), named);
      });
    }
  }

  test("options that are no object, or that throw, are INVALID_ARGUMENT", async (t) => {
    for (const options of [5, "x", true]) await refused(t, (lamina) => lamina.listApps(options));
    for (const name of ["timeoutMs", "signal", "limit", "headers"]) {
      await refused(t, (lamina) => lamina.listApps({ get [name]() { throw new RangeError("getter"); } }));
    }
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    await refused(t, (lamina) => lamina.listApps(revoked.proxy));
  });
});

describe("validateInputs", { concurrency: 8 }, () => {
  const check = async (inputs, options, app = APP) => new Lamina({ apiKey: KEY, baseUrl: "http://127.0.0.1:1", ...options }).validateInputs(app, inputs);

  test("good inputs are valid, exactly as the app names them", async () => {
    const inputs = { Front: "https://x.example/a.png", "Model  Ethnicity": "Asian", "Model Body type": "Standard ", Style: "" };
    assert.deepEqual(await check(inputs), { valid: true, errors: [], warnings: [] });
  });

  for (const [what, inputs, parameter, code, suggestion] of [
    ["a label that does not exist", { "Model  Ethnicity": "Asien" }, "Model  Ethnicity", "invalid_option", "Asian"],
    ["a label without its trailing space", { "Model Body type": "Standard" }, "Model Body type", "invalid_option", "Standard "],
    ["a label in another case", { "Model  Ethnicity": "asian" }, "Model  Ethnicity", "invalid_option", "Asian"],
    ["a number for text", { Style: 5 }, "Style", "invalid_type"],
    ["a list for one option", { "Model  Ethnicity": ["Asian"] }, "Model  Ethnicity", "invalid_type"],
    ["a URL that is none", { Front: "front.jpg" }, "Front", "invalid_url"],
    ["a javascript: URL", { Front: "javascript:alert(1)" }, "Front", "invalid_url"],
  ]) {
    test(`${what} is ${code}`, async () => {
      const { valid, errors } = await check(inputs);
      assert.equal(valid, false);
      assert.equal(errors.length, 1);
      assert.deepEqual({ ...errors[0], message: "" }, { parameter, code, message: "", ...(suggestion && { suggestion }) });
      assert.ok(errors[0].message.includes(parameter));
    });
  }

  for (const [what, inputs, code, parameter, suggestion] of [
    ["an unknown parameter", { "Model Ethnicity": "Asian" }, "unknown_parameter", "Model Ethnicity", "Model  Ethnicity"],
    ["a parameter without a value or a default", {}, "missing_no_default", "Style", undefined],
  ]) {
    test(`${what} is a warning on "api" and an error on "v1"`, async () => {
      const api = await check(inputs);
      const v1 = await check(inputs, { apiVersion: "v1" });
      const found = (list) => list.find((one) => one.code === code && one.parameter === parameter);
      assert.equal(api.valid, true);
      assert.deepEqual(api.errors, []);
      assert.ok(found(api.warnings));
      assert.equal(found(api.warnings).suggestion, suggestion);
      assert.equal(v1.valid, false);
      assert.ok(found(v1.errors));
    });
  }

  test("an app given by its id is fetched first", async (t) => {
    const { server, lamina } = await setUp(t);
    assert.equal((await lamina.validateInputs(APP_ID, { Style: 5 })).valid, false);
    assert.deepEqual(server.urls, [`/api/apps/${APP_ID}`]);
  });

  test("what is no app, or no inputs, is INVALID_ARGUMENT", async () => {
    for (const app of [{}, { parameters: "x" }, [], 5, ""]) await rejection(check({}, {}, app), "INVALID_ARGUMENT");
    for (const inputs of [[], "x", 5]) await rejection(check(inputs), "INVALID_ARGUMENT");
  });

  test("names from a prototype are not parameters", async () => {
    const { warnings } = await check(JSON.parse('{"__proto__":"x","toString":"y"}'));
    const unknown = warnings.filter(({ code }) => code === "unknown_parameter").map(({ parameter }) => parameter);
    assert.deepEqual(unknown, ["__proto__", "toString"]);
  });

  test("execute with validate: true checks first, and keeps the app for the next time", async (t) => {
    const { server, lamina } = await setUp(t);
    const error = await rejection(lamina.execute(APP_ID, { "Model Body type": "Standard" }, { validate: true }), "INVALID_INPUTS");
    assert.equal(error.details[0].suggestion, "Standard ");
    assert.equal(error.details[0].code, "invalid_option");
    await lamina.execute(APP_ID, { "Model Body type": "Standard " }, { validate: true });
    assert.deepEqual(server.requests.map(({ method }) => method), ["GET", "POST"]);
  });

  test("execute with validate: app uses it, and run does the same", async (t) => {
    const { server, lamina } = await setUp(t);
    await rejection(lamina.execute(APP_ID, { Style: 5 }, { validate: APP }), "INVALID_INPUTS");
    await rejection(lamina.run(APP_ID, { Style: 5 }, { validate: APP }), "INVALID_INPUTS");
    assert.equal(server.requests.length, 0);
    await lamina.execute(APP_ID, { Style: "x" }, { validate: APP });
    assert.deepEqual(server.requests.map(({ method }) => method), ["POST"]);
  });

  test("without validate, the server decides", async (t) => {
    const { server, lamina } = await setUp(t);
    await lamina.execute(APP_ID, { "Model Body type": "Standard", Style: 5, unknown: true });
    assert.deepEqual(server.requests.map(({ method }) => method), ["POST"]);
  });
});
