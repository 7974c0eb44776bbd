// The paths and shapes of each version of the API.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { installPackage } from "../support/install.mjs";
import { EXPECTED, lifeCycle, SPEED } from "../support/life-cycle.mjs";
import { APP, COMPLETED, KEY, STARTED, SUMMARY, WORKFLOW } from "../support/payloads.mjs";
import { asRun } from "../support/runs.mjs";
import { data, json, startServer } from "../support/scripted-server.mjs";
import { rejection } from "../support/settle.mjs";

const pkg = await installPackage();
const { Lamina } = await pkg.import();
const { createSimulator } = await pkg.import("/simulator");
const { serve } = await pkg.import("/simulator/node");

const fixture = (name) => JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), "utf8"));

/** Of each version: the prefix of its paths, and what it calls an execution. */
const VERSIONS = { api: ["/api", "executions"], v1: ["/v1", "runs"], "v1-executions": ["/v1", "executions"] };

const ESTIMATE = {
  appId: "a",
  name: "x",
  estimatedCredits: { expected: 5, min: 4, max: 6 },
  breakdown: [{ nodeId: "n1", nodeType: "aiDesignerNode", credits: 5 }],
  currentBalance: 100,
  affordable: true,
};

/** What the newest has alone, and how it is asked for. */
const NEWEST = {
  cancelExecution: [(lamina) => lamina.cancelExecution("e"), "POST /v1/runs/e/cancel"],
  listExecutions: [(lamina) => lamina.listExecutions(), "GET /v1/runs"],
  iterateExecutions: [(lamina) => lamina.iterateExecutions().next(), "GET /v1/runs?offset=0"],
  estimateCost: [(lamina) => lamina.estimateCost("a"), "POST /v1/apps/a/estimate"],
  getUsage: [(lamina) => lamina.getUsage(), "GET /v1/account/usage"],
  "waitForExecution({ transport: \"long-poll\" })": [(lamina) => lamina.waitForExecution("e", { transport: "long-poll" }), "GET /v1/runs/e/wait?timeout=28"],
  "waitForExecution({ transport: \"stream\" })": [(lamina) => lamina.waitForExecution("e", { transport: "stream" }), "GET /v1/runs/e/stream"],
  "execute({ outputs })": [(lamina) => lamina.execute("a", {}, { outputs: ["AI Designer"] }), "POST /v1/apps/a/runs"],
  "run({ cancelOnAbort })": [(lamina) => lamina.run("a", {}, { cancelOnAbort: true }), "POST /v1/apps/a/runs"],
};

async function setUp(t, apiVersion, options = {}) {
  const server = await startServer(t);
  return { server, lamina: new Lamina({ apiKey: KEY, baseUrl: server.url, apiVersion, ...options }) };
}
const asked = ({ requests }) => requests.map(({ method, url }) => `${method} ${url}`);

describe("versions", { concurrency: 4 }, () => {
  for (const [apiVersion, [prefix, noun]] of Object.entries(VERSIONS)) {
    test(`apiVersion ${apiVersion} has its paths, and every execution an executionId`, async (t) => {
      const shape = apiVersion === "v1" ? asRun : (same) => same;
      const { server, lamina } = await setUp(t, apiVersion);
      const [start, look] = [`${prefix}/apps/a/${noun}`, `${prefix}/${noun}/e`];
      server.on(`GET ${prefix}/apps`, data([SUMMARY])).on(`GET ${prefix}/apps/a`, data(APP)).on(`GET ${prefix}/apps/a/workflow`, data(WORKFLOW));
      server.on(`POST ${start}`, data(shape(STARTED), 202)).on(`GET ${look}`, data(shape(COMPLETED)));
      server.on(`GET ${prefix}/${noun}/${STARTED.executionId}`, data(shape(COMPLETED))).on(`GET ${prefix}/webhooks/signing-key`, json(fixture("f15-signing-key")));
      assert.deepEqual(await lamina.listApps({ search: "a b", limit: 2 }), [SUMMARY]);
      assert.deepEqual(await lamina.getApp("a"), APP);
      assert.deepEqual(await lamina.getWorkflow("a"), WORKFLOW);
      const started = await lamina.execute("a", { Style: "x" }, { webhook: "https://me.example/hook?x=1" });
      const seen = await lamina.getExecution("e");
      const waited = await lamina.waitForExecution("e");
      const ran = await lamina.run("a", {});
      assert.deepEqual(await lamina.getSigningKeys(), fixture("f15-signing-key"));
      assert.deepEqual(asked(server), [
        `GET ${prefix}/apps?search=a%20b&limit=2`,
        `GET ${prefix}/apps/a`,
        `GET ${prefix}/apps/a/workflow`,
        `POST ${start}?webhook=https%3A%2F%2Fme.example%2Fhook%3Fx%3D1`,
        `GET ${look}`,
        `GET ${look}`,
        `POST ${start}`,
        `GET ${prefix}/${noun}/${STARTED.executionId}`,
        `GET ${prefix}/webhooks/signing-key`,
      ]);
      assert.equal(server.requests[3].body, '{"inputs":{"Style":"x"}}');
      assert.deepEqual(started, { ...shape(STARTED), executionId: STARTED.executionId });
      for (const done of [seen, waited, ran]) assert.deepEqual(done, { ...shape(COMPLETED), executionId: COMPLETED.executionId });
    });

    test(`apiVersion ${apiVersion} ${apiVersion === "v1" ? "has" : "lacks, before anything is sent,"} what is new`, async (t) => {
      for (const [name, [call, line]] of Object.entries(NEWEST)) {
        const { server, lamina } = await setUp(t, apiVersion, { maxRetries: 0 });
        if (apiVersion === "v1") {
          server.on("*", json({ error: "No", code: "FORBIDDEN", retryable: false, requestId: "r" }, 403));
          const error = await rejection(call(lamina), "FORBIDDEN");
          assert.deepEqual([error.requestId, asked(server)], ["r", [line]], name);
        } else {
          const error = await rejection(call(lamina), "UNSUPPORTED");
          assert.match(error.message, /v1/, name);
          assert.deepEqual([error.attempts, error.retryable, asked(server)], [0, false, []], name);
        }
      }
    });
  }

  test("v1: what the documentation shows comes through as it is", async (t) => {
    const { server, lamina } = await setUp(t, "v1");
    const [list, usage] = [fixture("f13-v1-run-list"), fixture("f17-v1-usage")];
    server.on("GET /v1/runs", json(list)).on("GET /v1/account/usage", json(usage)).on("POST /v1/apps/a/estimate", data(ESTIMATE));
    server.on("POST /v1/runs/r/cancel", data({ runId: "r", status: "cancelled" }));
    server.on("GET /v1/runs/r/wait", json(fixture("f08-v1-wait-completed-sparse"))).on("GET /v1/runs/s/wait", json(fixture("f09-v1-wait-completed")));
    const withId = (run) => ({ ...run, executionId: run.runId });
    assert.deepEqual(await lamina.listExecutions(), { executions: list.data.map(withId), ...list.pagination });
    assert.deepEqual(await lamina.getUsage(), usage.data);
    assert.deepEqual(await lamina.estimateCost("a"), ESTIMATE);
    assert.equal(server.requests[2].body, "", "the documentation shows no body");
    assert.deepEqual(await lamina.cancelExecution("r"), { runId: "r", executionId: "r", status: "cancelled" });
    // One without `timeout` and with few members, one with `timeout: false`.
    for (const [id, name] of [["r", "f08-v1-wait-completed-sparse"], ["s", "f09-v1-wait-completed"]]) {
      assert.deepEqual(await lamina.waitForExecution(id, { transport: "long-poll" }), withId(fixture(name).data));
    }
  });

  test("v1: a reply that lacks what it promises is INVALID_RESPONSE", async (t) => {
    const table = {
      listExecutions: [{ data: {} }, { data: [{ status: "queued" }] }, { data: [{ runId: "r" }] }, {}, []],
      estimateCost: [{ data: {} }, { data: { estimatedCredits: 5 } }, {}],
      getUsage: [{ data: {} }, { data: { credits: 7 } }, {}],
      cancelExecution: [{ data: {} }, { data: { runId: "r" } }, { data: { status: "cancelled" } }, {}],
    };
    for (const [name, bodies] of Object.entries(table)) {
      for (const body of bodies) {
        const { server, lamina } = await setUp(t, "v1");
        server.on("*", json(body));
        const error = await rejection(NEWEST[name][0](lamina), "INVALID_RESPONSE");
        assert.deepEqual([error.status, server.requests.length], [200, 1], `${name} ${JSON.stringify(body)}`);
      }
    }
  });

  test("v1: a list without its pagination speaks for itself", async (t) => {
    const { server, lamina } = await setUp(t, "v1");
    const { data: runs } = fixture("f13-v1-run-list");
    server.on("GET /v1/runs", data(runs), json({ data: runs, pagination: { total: "many", limit: null } }), data([]));
    for (const count of [2, 2, 0]) {
      const { executions, ...page } = await lamina.listExecutions();
      assert.deepEqual([executions.length, page], [count, { total: count, limit: count, offset: 0 }]);
    }
  });

  test("a program moves to another version by one word: it sees the same", async (t) => {
    const sim = createSimulator({ speed: SPEED, rateLimit: false });
    const server = await serve(sim);
    t.after(async () => {
      await server.close();
      sim.close();
    });
    const codeOf = (promise) => promise.then(() => "resolved", ({ code, status }) => `${code} ${status}`);
    async function program(apiVersion) {
      const lamina = new Lamina({ apiKey: sim.apiKey, baseUrl: server.url, apiVersion });
      const [{ appId }] = await lamina.listApps({ search: "cartoonify" });
      const app = await lamina.getApp(appId);
      const inputs = { Style: "Ghibli", Upload: "https://media.example.com/me.png", "Aspect Ratio": "16:9" };
      const { nodes, edges } = await lamina.getWorkflow(appId);
      const started = await lamina.execute(appId, inputs, { validate: app });
      const done = await lamina.waitForExecution(started, { pollIntervalMs: 20 });
      const watched = [];
      for await (const { executionId, status } of lamina.watchExecution(done)) watched.push([executionId === started.executionId, status]);
      const batch = [];
      for await (const { index, execution } of lamina.runAll([{ appId, inputs }], { pollIntervalMs: 20 })) batch.push([index, execution.status]);
      return {
        names: app.parameters.map(({ name, type, options }) => [name, type, options]),
        report: await lamina.validateInputs(app, { ...inputs, Style: "Gibli" }),
        graph: [nodes.length, edges.length],
        started: started.status,
        done: done.outputs.map(({ label, type, status, error }) => [label, type, status, error]),
        ...{ watched, batch },
        refused: await codeOf(lamina.execute(appId, { ...inputs, Style: "Gibli" })),
        missing: await codeOf(lamina.getExecution("no-such")),
        denied: await codeOf(new Lamina({ apiKey: "lma_x", baseUrl: server.url, apiVersion }).listApps()),
        keys: await lamina.getSigningKeys(),
      };
    }
    const [api, ...others] = await Promise.all(Object.keys(VERSIONS).map(program));
    assert.deepEqual([api.started, api.refused, api.missing, api.denied], ["queued", "VALIDATION_ERROR 400", "NOT_FOUND 404", "AUTH_INVALID_KEY 401"]);
    for (const other of others) assert.deepEqual(other, api);
  });

  test("v1-executions is the same life as api, under /v1", async (t) => {
    const sim = createSimulator({ speed: SPEED });
    const server = await serve(sim);
    t.after(async () => {
      await server.close();
      sim.close();
    });
    assert.deepEqual(await lifeCycle(Lamina, { apiKey: sim.apiKey, baseUrl: server.url, apiVersion: "v1-executions" }), EXPECTED);
    assert.ok(sim.ledger.requests.every(({ path }) => path.startsWith("/v1/apps") || path.startsWith("/v1/executions/")));
  });

  test("a reply with runId is understood on every version", async (t) => {
    for (const [apiVersion, [prefix, noun]] of Object.entries(VERSIONS)) {
      const { server, lamina } = await setUp(t, apiVersion);
      server.on(`GET ${prefix}/${noun}/e`, data(asRun(COMPLETED)), data(COMPLETED));
      assert.deepEqual(await lamina.getExecution("e"), { ...asRun(COMPLETED), executionId: COMPLETED.executionId });
      assert.deepEqual(await lamina.getExecution("e"), COMPLETED);
    }
  });

  test("an execution given by its runId is waited for, and cancelled", async (t) => {
    const { server, lamina } = await setUp(t, "v1");
    const { executionId } = COMPLETED;
    server.on(`GET /v1/runs/${executionId}`, data(asRun(COMPLETED))).on(`POST /v1/runs/${executionId}/cancel`, data({ runId: executionId, status: "completed" }));
    assert.equal((await lamina.waitForExecution(asRun(STARTED))).status, "completed");
    assert.equal((await lamina.cancelExecution(asRun(STARTED))).status, "completed");
  });
});
