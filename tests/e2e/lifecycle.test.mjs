// The whole life cycle in Node, against the simulator: on a real port, and in process.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { runChild } from "../support/child.mjs";
import { installPackage } from "../support/install.mjs";
import { EXPECTED, lifeCycle, SPEED } from "../support/life-cycle.mjs";
import { outcome, rejection } from "../support/settle.mjs";

const installed = await installPackage();
const { Lamina } = await installed.import();
const { createSimulator } = await installed.import("/simulator");
const { serve } = await installed.import("/simulator/node");

let simulator;
let server;
before(async () => {
  simulator = createSimulator({ speed: SPEED });
  server = await serve(simulator);
});
after(async () => {
  await server.close();
  simulator.close();
});

const LOADS = {
  "an ES module": ["mjs", `import { Lamina } from "lamina-wasm";`],
  "a CommonJS module": ["cjs", `const { Lamina } = require("lamina-wasm");`],
  "an ES module with the free functions": ["mjs", `import * as all from "lamina-wasm";
     function Lamina(options) { if (options.apiKey === "lma_wrong") return new all.Lamina(options); all.configure(options); return all; }`],
};

describe("the life cycle", () => {
  for (const [what, [type, load]] of Object.entries(LOADS)) {
    test(`runs in ${what} against the simulator on a real port`, async () => {
      const options = { baseUrl: server.url, apiKey: simulator.apiKey };
      const { status, stderr, json } = await runChild(
        installed.folder,
        `${load}\n${lifeCycle}\nlifeCycle(Lamina, ${JSON.stringify(options)}).then((result) => console.log(JSON.stringify(result)));`,
        { type },
      );
      assert.equal(status, 0, stderr);
      assert.deepEqual(json, EXPECTED);
    });
  }

  test("runs in process, by the simulator's own fetch", async (t) => {
    const inProcess = createSimulator({ speed: SPEED });
    t.after(() => inProcess.close());
    assert.deepEqual(await lifeCycle(Lamina, { apiKey: inProcess.apiKey, fetch: inProcess.fetch }), EXPECTED);
  });

  test("an execution that fails says why", async () => {
    const lamina = new Lamina({ baseUrl: server.url, apiKey: simulator.apiKey });
    const fails = simulator.apps.find(({ name }) => name === "Always Fails");
    const error = await rejection(lamina.run(fails.appId, {}, { pollIntervalMs: 20 }), "EXECUTION_FAILED");
    assert.equal(error.message, "Image generation timed out");
    assert.equal(error.execution.status, "failed");
    const oneFails = simulator.apps.find(({ name }) => name === "One Output Fails");
    const other = await rejection(lamina.run(oneFails.appId, {}, { pollIntervalMs: 20 }), "EXECUTION_FAILED");
    assert.match(other.message, /Content policy/);
  });

  test("the server's ledger holds each start once", async (t) => {
    const own = createSimulator({ speed: SPEED });
    const port = await serve(own);
    t.after(async () => (await port.close(), own.close()));
    const lamina = new Lamina({ baseUrl: port.url, apiKey: own.apiKey, requestsPerMinute: Infinity });
    const app = own.apps[0];
    const done = [];
    const requests = Array.from({ length: 25 }, (_, n) => ({ appId: app.appId, inputs: { Style: n % 2 ? "Ghibli" : "Cyberpunk" } }));
    for await (const { index, execution, error } of lamina.runAll(requests, { pollIntervalMs: 20 })) done.push([index, execution?.executionId ?? error]);
    assert.equal(done.length, 25);
    assert.deepEqual(done.map(([, id]) => id).sort(), own.ledger.starts.map(({ executionId }) => executionId).sort());
    for (const [index, id] of done) assert.equal(own.executions.get(id).inputs.Style, requests[index].inputs.Style);
  });

  for (const fault of [{ kind: "network" }, { kind: "reset-after" }, { kind: "stall", processed: true }, { kind: "status", status: 500, processed: true }, { kind: "html", processed: true }, { kind: "truncate", reset: true }]) {
    test(`a start that meets ${fault.kind} is never repeated`, async (t) => {
      const own = createSimulator({ speed: SPEED, faults: [{ ...fault, operation: "execute" }] });
      const port = await serve(own);
      t.after(async () => (await port.close(), own.close()));
      const lamina = new Lamina({ baseUrl: port.url, apiKey: own.apiKey, attemptTimeoutMs: 200 });
      const { error } = await outcome(lamina.run(own.apps[0].appId, {}));
      assert.ok(error);
      assert.ok(own.ledger.starts.length <= 1);
      assert.equal(own.ledger.requests.filter(({ operation }) => operation === "execute").length, 1);
    });
  }

  test("with a third of the looks failing, each wait ends with the right execution", async (t) => {
    const kinds = [{ kind: "network" }, { kind: "status", status: 500 }, { kind: "html" }, { kind: "corrupt-json" }, { kind: "truncate", reset: true }, { kind: "stall" }, { kind: "empty" }];
    const faults = kinds.map((fault) => ({ ...fault, operation: "getExecution", probability: 0.05 }));
    const own = createSimulator({ speed: SPEED, faults });
    const port = await serve(own);
    t.after(async () => (await port.close(), own.close()));
    const lamina = new Lamina({ baseUrl: port.url, apiKey: own.apiKey, requestsPerMinute: Infinity });
    const startAndWait = async ({ appId }) => {
      const started = await lamina.execute(appId, { Front: "https://x.example/a.png" });
      return lamina.waitForExecution(started, { pollIntervalMs: 20, attemptTimeoutMs: 150 });
    };
    const results = await Promise.all(own.apps.slice(0, 3).flatMap((app) => Array.from({ length: 10 }, () => startAndWait(app))));
    assert.ok(results.every(({ status }) => status === "completed"));
    assert.equal(own.ledger.starts.length, 30);
    assert.deepEqual(results.map(({ executionId }) => executionId).sort(), own.ledger.starts.map(({ executionId }) => executionId).sort());
    assert.ok(own.ledger.requests.some(({ fault }) => fault));
  });

  test("against a server that enforces its limit, nobody meets a 429", async (t) => {
    const own = createSimulator({ speed: Infinity, rateLimit: { limit: 20, windowMs: 2_000 } });
    const port = await serve(own);
    t.after(async () => (await port.close(), own.close()));
    const lamina = new Lamina({ baseUrl: port.url, apiKey: own.apiKey });
    await lamina.listApps();
    await Promise.all(Array.from({ length: 30 }, () => lamina.listApps()));
    assert.deepEqual([...new Set(own.ledger.requests.map(({ status }) => status))], [200]);
  });
});
