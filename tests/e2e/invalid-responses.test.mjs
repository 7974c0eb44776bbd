// A reply that breaks the promise of its type is INVALID_RESPONSE at once; it never becomes `undefined` later.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { installPackage } from "../support/install.mjs";
import { APP, APP_ID, EXECUTION_ID, KEY, STARTED, SUMMARY, WORKFLOW } from "../support/payloads.mjs";
import { data, json, startServer, text } from "../support/scripted-server.mjs";
import { rejection } from "../support/settle.mjs";

const { Lamina } = await (await installPackage()).import();

const without = (object, name) => ({ ...object, [name]: undefined });

const CALLS = {
  listApps: (lamina) => lamina.listApps(),
  getApp: (lamina) => lamina.getApp(APP_ID),
  getWorkflow: (lamina) => lamina.getWorkflow(APP_ID),
  execute: (lamina) => lamina.execute(APP_ID, {}),
  getExecution: (lamina) => lamina.getExecution(EXECUTION_ID),
};

/** Bodies that are no reply of any operation. */
const NEVER = {
  "an empty body": text(""),
  "no content": (_, response) => response.writeHead(204).end(),
  text: text("OK"),
  "an HTML page": text("<html>log in</html>", 200, { "content-type": "text/html" }),
  "half a JSON": text('{"data": [', 200, { "content-type": "application/json" }),
  null: json(null),
  true: json(true),
  "a number": json(7),
  "a string": json("x"),
  "an empty object": json({}),
  "an error with status 200": json({ error: "App not found" }),
  "data: null": data(null),
  "data: text": data("x"),
  "data: a number": data(1),
};

/** Bodies that break one operation's promise. */
const OWN = {
  listApps: { "data: {}": data({}), "a list of numbers": data([1]), "a list with null": data([SUMMARY, null]), "an app without id": data([without(SUMMARY, "appId")]) },
  getApp: {
    "data: []": data([]),
    "data: {}": data({}),
    "no id": data(without(APP, "appId")),
    "an id that is a number": data({ ...APP, appId: 5 }),
    "an empty id": data({ ...APP, appId: "" }),
    "no parameters": data(without(APP, "parameters")),
    "parameters that are an object": data({ ...APP, parameters: {} }),
    "a parameter that is null": data({ ...APP, parameters: [null] }),
  },
  getWorkflow: { "data: []": data([]), "no nodes": data(without(WORKFLOW, "nodes")), "no edges": data(without(WORKFLOW, "edges")) },
  execute: {
    "data: []": data([], 202),
    "no id": data(without(STARTED, "executionId"), 202),
    "an id that is a number": data({ ...STARTED, executionId: 5 }, 202),
    "no status": data(without(STARTED, "status"), 202),
    "a status that is null": data({ ...STARTED, status: null }, 202),
  },
  getExecution: {
    "data: []": data([]),
    "no id": data(without(STARTED, "executionId")),
    "no status": data(without(STARTED, "status")),
    "a status that is a number": data({ ...STARTED, status: 1 }),
    "outputs that are an object": data({ ...STARTED, outputs: {} }),
    "outputs with null in them": data({ ...STARTED, outputs: [null] }),
  },
};

describe("invalid responses", { concurrency: 8 }, () => {
  for (const [name, call] of Object.entries(CALLS)) {
    for (const [what, answer] of Object.entries({ ...NEVER, ...OWN[name] })) {
      test(`${name}: ${what} is INVALID_RESPONSE, and is not asked for again`, async (t) => {
        const server = await startServer(t);
        server.on("*", answer);
        const lamina = new Lamina({ apiKey: KEY, baseUrl: server.url });
        const error = await rejection(call(lamina), "INVALID_RESPONSE");
        assert.equal(server.requests.length, 1);
        assert.equal(error.attempts, 1);
        assert.equal(error.retryable, false);
        assert.ok(error.message.length > 10);
      });
    }
  }

  test("null where something may be missing breaks nothing", async (t) => {
    const server = await startServer(t);
    server.on("*", data({ ...STARTED, outputs: null, errorMessage: null, workflowId: null }));
    const lamina = new Lamina({ apiKey: KEY, baseUrl: server.url });
    assert.equal((await lamina.getExecution(EXECUTION_ID)).status, "queued");
  });

  test("a content type that lies breaks nothing: the body decides", async (t) => {
    const server = await startServer(t);
    server.on("*", text(`\ufeff${JSON.stringify({ data: [SUMMARY] })}`, 200, { "content-type": "text/html" }));
    assert.deepEqual(await new Lamina({ apiKey: KEY, baseUrl: server.url }).listApps(), [SUMMARY]);
  });

  test("a reply nested 10,000 deep, and numbers beyond 2^53, are what JSON.parse makes of them", async (t) => {
    const deep = `${"[".repeat(10_000)}${"]".repeat(10_000)}`;
    const body = JSON.stringify({ data: { ...STARTED, deep: "DEEP", big: "BIG" } }).replace('"DEEP"', deep).replace('"BIG"', "9007199254740993123");
    const server = await startServer(t);
    server.on("*", text(body));
    const lamina = new Lamina({ apiKey: KEY, baseUrl: server.url });
    const execution = await lamina.getExecution(EXECUTION_ID);
    assert.equal(execution.big, 9007199254740993123);
    let depth = 0;
    for (let inner = execution.deep; inner !== undefined; inner = inner[0]) depth++;
    assert.equal(depth, 10_000);
  });
});
