// The ways in which a wait learns of changes: plain reads, held replies, event streams, and the choice between them.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { runChild } from "../support/child.mjs";
import { installPackage } from "../support/install.mjs";
import { KEY } from "../support/payloads.mjs";
import { DONE, RUN_ID } from "../support/runs.mjs";
import { data, startServer } from "../support/scripted-server.mjs";
import { assertBetween, outcome, rejection } from "../support/settle.mjs";

const pkg = await installPackage();
const { Lamina } = await pkg.import();
const { createSimulator } = await pkg.import("/simulator");
const { serve } = await pkg.import("/simulator/node");

// Compiles the module, and has Node load what its fetch needs: else the first pauses are longer.
await new Lamina({ apiKey: KEY, baseUrl: "http://127.0.0.1:1", maxRetries: 0 }).listApps().catch(() => {});

const TRANSPORTS = ["poll", "long-poll", "stream", "auto"];
const QUICK = { pollIntervalMs: 20 };

/** At speed 10: queued for 0.2 s, the first output after half a second, the second after a second. */
const TWO = {
  name: "Two",
  queueMs: 2_000,
  outputs: [
    { label: "Ä first", type: "text", durationMs: 3_000, value: "größer 😀" },
    { label: "Second", type: "image", durationMs: 8_000, value: "https://media.example.com/out.png" },
  ],
};
const FAILS = { ...TWO, name: "Fails", outputs: [{ label: "A", type: "text", durationMs: 3_000, error: "It broke" }] };
const NEVER = { name: "Never", outputs: [{ label: "A", type: "text", durationMs: Infinity }] };

async function simulate(t, options = {}) {
  const sim = createSimulator({ speed: 10, rateLimit: false, apps: [TWO, FAILS, NEVER], ...options });
  const server = await serve(sim);
  t.after(async () => {
    await server.close();
    sim.close();
  });
  const lamina = new Lamina({ apiKey: sim.apiKey, baseUrl: server.url, apiVersion: "v1" });
  const operations = () => sim.ledger.requests.map(({ operation }) => operation);
  return { sim, lamina, operations, ids: sim.apps.map(({ appId }) => appId) };
}

/** What is the same in every execution of the same app. */
const timeless = ({ createdAt, startedAt, completedAt, ...rest }) => {
  for (const time of [createdAt, startedAt, completedAt]) assert.ok(Date.parse(time) > 0, `${time}`);
  return rest;
};

describe("the same scenario by every transport", { concurrency: 5 }, () => {
  test("equal results, each change told once and in order", async (t) => {
    const results = await Promise.all(
      TRANSPORTS.map(async (transport) => {
        const { lamina, ids, operations } = await simulate(t);
        const heard = [];
        const started = await lamina.execute(ids[0], {});
        const result = await lamina.waitForExecution(started, { ...QUICK, transport, onUpdate: (seen) => heard.push(seen) });
        assert.equal(heard.at(-1), result, transport);
        assert.deepEqual(await lamina.waitForExecution(result.executionId, { transport }), result, `${transport}, when it is over`);
        return { transport, started: started.status, result: timeless(result), heard, operations: [...new Set(operations())] };
      }),
    );
    const [polled] = results;
    assert.equal(polled.result.outputs[0].value, "größer 😀");
    for (const { transport, started, result, heard } of results) {
      assert.equal(started, "queued");
      assert.deepEqual(result, polled.result, transport);
      assert.deepEqual(heard.map((seen) => JSON.stringify(seen)).filter((seen, index, all) => all[index + 1] === seen), [], transport);
      const statuses = heard.map(({ status }) => status).filter((status, index, all) => status !== all[index - 1]);
      // A busy machine may miss the first; a held reply comes with the last.
      assert.deepEqual(statuses, ["queued", "running", "completed"].slice(-statuses.length), transport);
      assert.ok(transport === "long-poll" ? statuses.length === 1 : statuses.length >= 2, transport);
    }
    assert.deepEqual(Object.fromEntries(results.map(({ transport, operations }) => [transport, operations])), {
      poll: ["execute", "getExecution"],
      "long-poll": ["execute", "wait"],
      stream: ["execute", "stream"],
      auto: ["execute", "stream"],
    });
  });

  for (const transport of TRANSPORTS) {
    test(`${transport}: failed, cancelled, run, watchExecution, runAll, WAIT_TIMEOUT`, async (t) => {
      const { lamina, ids } = await simulate(t, { speed: 50 });
      const [two, fails, never] = ids;
      const options = { ...QUICK, transport };
      const failed = await rejection(lamina.run(fails, {}, options), "EXECUTION_FAILED");
      assert.match(failed.message, /It broke/);
      assert.equal(failed.execution.status, "failed");
      assert.equal((await lamina.run(fails, {}, { ...options, throwOnFailure: false })).status, "failed");

      const endless = await lamina.execute(never, {});
      const waiting = lamina.waitForExecution(endless, options);
      setTimeout(() => void lamina.cancelExecution(endless.executionId), 100);
      assert.equal((await rejection(waiting, "EXECUTION_CANCELLED")).execution.status, "cancelled");

      const watched = [];
      for await (const { status } of lamina.watchExecution(await lamina.execute(two, {}), options)) watched.push(status);
      assert.equal(watched.at(-1), "completed");
      for await (const { error, execution } of lamina.runAll([{ appId: two, inputs: {} }], options)) {
        assert.equal(execution?.status, "completed", error);
      }

      const late = await outcome(() => lamina.run(never, {}, { ...options, timeoutMs: 400 }));
      assert.equal(late.error.code, "WAIT_TIMEOUT");
      assert.equal(late.error.execution.status, "running");
      assertBetween(late.ms, 400, 1_500);
    });
  }

  for (const [what, fault] of [
    ["comes in pieces of 1 to 7 bytes", { kind: "stream-chunks" }],
    ["is cut within an event", { kind: "stream-cut", times: 2 }],
    ["breaks within an event", { kind: "stream-cut", reset: true, times: 2 }],
    ["has its events in another order", { kind: "stream-reorder" }],
    ["lives for a tenth of a second, by the server's own timeout"],
  ]) {
    test(`an event stream that ${what} gives the same`, async (t) => {
      const { lamina, ids } = await simulate(t, fault ? { speed: 50, faults: [fault] } : { speed: 10, streamTimeoutMs: 1_000 });
      for (const transport of ["stream", "auto"]) {
        const result = await lamina.run(ids[0], {}, { ...QUICK, transport });
        assert.deepEqual(result.outputs.map(({ value }) => value), ["größer 😀", "https://media.example.com/out.png"]);
      }
    });
  }

  test("an event stream that falls silent holds nobody longer than the wait's time", async (t) => {
    const { lamina, ids } = await simulate(t, { speed: 50, faults: [{ kind: "stream-stall" }] });
    const { error, ms } = await outcome(() => lamina.run(ids[0], {}, { ...QUICK, transport: "stream", timeoutMs: 400 }));
    assert.equal(error.code, "WAIT_TIMEOUT");
    assertBetween(ms, 400, 1_500);
  });
});

describe("a process", () => {
  test("ends by itself when its waits are over, by whichever transport: no timer, no connection holds it", async (t) => {
    const sim = createSimulator({ speed: 100, rateLimit: false, apps: [TWO, NEVER] });
    const server = await serve(sim);
    t.after(async () => {
      await server.close();
      sim.close();
    });
    const [two, never] = sim.apps.map(({ appId }) => appId);
    const program = `import { Lamina } from "lamina-wasm";
      const lamina = new Lamina(${JSON.stringify({ apiKey: sim.apiKey, baseUrl: server.url, apiVersion: "v1" })});
      const endless = await lamina.execute("${never}", {});
      const waits = ${JSON.stringify(TRANSPORTS)}.flatMap((transport) => {
        const controller = new AbortController();
        setTimeout(() => controller.abort("enough"), 150);
        return [
          lamina.run("${two}", {}, { transport, pollIntervalMs: 20 }).then(({ status }) => status),
          lamina.waitForExecution(endless, { transport, pollIntervalMs: 20, timeoutMs: 150 }).catch(({ code }) => code),
          lamina.waitForExecution(endless, { transport, pollIntervalMs: 20, signal: controller.signal }).catch((reason) => reason),
        ];
      });
      const results = await Promise.all(waits);
      const began = performance.now();
      process.on("exit", () => console.log(JSON.stringify({ results, ms: performance.now() - began })));`;
    const { status, json, stderr } = await runChild(pkg.folder, program);
    assert.equal(status, 0, stderr);
    assert.deepEqual(json.results, TRANSPORTS.flatMap(() => ["completed", "WAIT_TIMEOUT", "enough"]));
    // Idle connections are kept by Node's fetch for some seconds, and hold nothing.
    assert.ok(json.ms < 2_000, `${json.ms}`);
  });
});

describe("where a transport does not exist", () => {
  for (const apiVersion of ["api", "v1-executions"]) {
    for (const transport of ["long-poll", "stream"]) {
      test(`${apiVersion}: ${transport} is UNSUPPORTED, and nothing is sent`, async (t) => {
        const server = await startServer(t);
        const lamina = new Lamina({ apiKey: KEY, baseUrl: server.url, apiVersion });
        await rejection(lamina.waitForExecution(RUN_ID, { transport }), "UNSUPPORTED");
        await rejection(lamina.run("a", {}, { transport }), "UNSUPPORTED");
        await rejection(lamina.watchExecution(RUN_ID, { transport }).next(), "UNSUPPORTED");
        assert.equal(server.requests.length, 0);
      });
    }

    test(`${apiVersion}: auto and poll are plain reads`, async (t) => {
      const server = await startServer(t);
      server.on("*", data(DONE));
      const lamina = new Lamina({ apiKey: KEY, baseUrl: server.url, apiVersion });
      for (const transport of ["auto", "poll", undefined, null]) await lamina.waitForExecution(RUN_ID, { transport });
      const path = { api: "/api/executions", "v1-executions": "/v1/executions" }[apiVersion];
      assert.deepEqual(server.urls, Array(4).fill(`${path}/${RUN_ID}`));
    });
  }

  for (const transport of ["", "sse", "Stream", "longpoll", 1, true, {}, ["stream"]]) {
    test(`transport ${JSON.stringify(transport)} is INVALID_ARGUMENT on every version`, async (t) => {
      const server = await startServer(t);
      for (const apiVersion of ["api", "v1", "v1-executions"]) {
        const lamina = new Lamina({ apiKey: KEY, baseUrl: server.url, apiVersion });
        await rejection(lamina.waitForExecution(RUN_ID, { transport }), "INVALID_ARGUMENT");
      }
      assert.equal(server.requests.length, 0);
    });
  }
});
