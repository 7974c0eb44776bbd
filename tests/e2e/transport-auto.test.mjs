// `transport: "auto"`: stream where that works, else held replies, else plain reads; a client learns it once.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { installPackage } from "../support/install.mjs";
import { APP_ID, KEY } from "../support/payloads.mjs";
import { both, cut, DONE, event, QUEUED_RUN, run, RUN_ID, scripted, stream, ways } from "../support/runs.mjs";
import { data, json, text } from "../support/scripted-server.mjs";
import { rejection } from "../support/settle.mjs";

const { Lamina } = await (await installPackage()).import();
const setUp = scripted(Lamina);

const QUICK = { pollIntervalMs: 20 };
const RUNNING = data(run("running"));
const COMPLETED = data(DONE);
const FINISHED = both(DONE);
/** A `/wait` whose time runs out at once. */
const EXPIRED = json({ data: run("running"), timeout: true });

const REFUSALS = {
  404: json({ error: "Not found", code: "NOT_FOUND", retryable: false, requestId: "r" }, 404),
  405: text("", 405),
  501: text("Not implemented", 501),
  "an HTML page": text("<html>", 200, { "content-type": "text/html" }),
};

describe("auto", { concurrency: 5 }, () => {
  for (const [what, refusal] of Object.entries(REFUSALS)) {
    test(`leaves the stream for held replies where the server answers ${what}, and remembers it`, async (t) => {
      const held = [...Array(30).fill(EXPIRED), COMPLETED];
      const { server, lamina } = await setUp(t, { stream: refusal, look: RUNNING, wait: held });
      const options = { transport: "auto", pollIntervalMs: 10 };
      assert.deepEqual(await lamina.waitForExecution(RUN_ID, options), FINISHED);
      const first = ways(server);
      assert.equal(first[0], "stream");
      assert.ok(first.filter((way) => way === "stream").length <= 3, first.join(" "));
      assert.deepEqual(await lamina.waitForExecution(RUN_ID, options), FINISHED);
      assert.deepEqual(ways(server).slice(first.length), ["wait"]);
    });
  }

  test("leaves these for plain reads where the server does not hold either, and remembers that", async (t) => {
    const look = [...Array(30).fill(RUNNING), COMPLETED];
    const { server, lamina } = await setUp(t, { stream: REFUSALS[404], wait: REFUSALS[404], look });
    const options = { transport: "auto", pollIntervalMs: 10 };
    assert.deepEqual(await lamina.waitForExecution(RUN_ID, options), FINISHED);
    const first = ways(server);
    assert.ok(first.indexOf("stream") < first.indexOf("wait") && first.indexOf("wait") < first.lastIndexOf("look"));
    assert.ok(first.filter((way) => way !== "look").length <= 6, first.join(" "));
    assert.deepEqual(await lamina.waitForExecution(RUN_ID, options), FINISHED);
    assert.deepEqual(ways(server).slice(first.length), ["look"]);
  });

  test("what one client learned, another has to learn for itself", async (t) => {
    const { server, lamina } = await setUp(t, { stream: REFUSALS[404], wait: COMPLETED, look: RUNNING });
    const options = { transport: "auto", pollIntervalMs: 10 };
    await lamina.waitForExecution(RUN_ID, options);
    server.requests.length = 0;
    await new Lamina({ apiKey: KEY, baseUrl: server.url, apiVersion: "v1" }).waitForExecution(RUN_ID, options);
    assert.equal(ways(server)[0], "stream");
  });

  test("goes on streaming after one break", async (t) => {
    const open = stream(event("complete", DONE));
    const { server, lamina } = await setUp(t, { stream: [stream(event("progress", run("running")), 20, cut), open], look: RUNNING });
    await lamina.waitForExecution(RUN_ID, { ...QUICK, transport: "auto" });
    await lamina.waitForExecution(RUN_ID, { ...QUICK, transport: "auto" });
    assert.deepEqual(ways(server), ["stream", "look", "stream", "stream"]);
  });

  for (const [what, body] of [["no body to read from", null], ["a stream of Node's own", { on() {}, destroy() {} }], ["a body by iteration only", { async *[Symbol.asyncIterator]() {} }]]) {
    test(`a fetch whose responses have ${what} does not stream: what was asked for is aborted, and long-poll takes over`, async () => {
      const asked = [];
      const fetch = async (url, { signal }) => {
        const way = /(stream|wait|[^/]+)(\?.*)?$/.exec(url)[1];
        asked.push({ way, signal });
        const isStream = way === "stream";
        const headers = { get: (name) => (name === "content-type" ? (isStream ? "text/event-stream" : "application/json") : null) };
        const text = async () => (isStream ? new Promise(() => {}) : JSON.stringify({ data: way === "wait" ? DONE : run("running") }));
        return { status: 200, headers, body, text };
      };
      const lamina = new Lamina({ apiKey: KEY, apiVersion: "v1", fetch });
      assert.deepEqual(await lamina.waitForExecution(RUN_ID, { ...QUICK, transport: "auto" }), FINISHED);
      const streams = asked.filter(({ way }) => way === "stream");
      assert.deepEqual(streams.map(({ signal }) => signal.aborted), [true, true, true]);
      assert.equal(asked.at(-1).way, "wait");
    });
  }

  test("many short waits on a server that refuses to stream learn it too", async (t) => {
    const { server, lamina } = await setUp(t, { stream: REFUSALS[404], wait: COMPLETED, look: COMPLETED });
    for (let wait = 0; wait < 8; wait++) await lamina.waitForExecution(RUN_ID, { ...QUICK, transport: "auto" });
    const last = ways(server).at(-2);
    assert.notEqual(last, "stream", ways(server).join(" "));
  });

  test("executions that do not exist, and a limit that is reached, say nothing of streaming", async (t) => {
    const { server, lamina } = await setUp(t, { stream: REFUSALS[404], look: REFUSALS[404] });
    for (let wait = 0; wait < 5; wait++) await rejection(lamina.waitForExecution(RUN_ID, { transport: "auto" }), "NOT_FOUND");
    assert.deepEqual(ways(server), Array(5).fill(["stream", "look"]).flat());

    const limited = json({ error: "Too many requests", code: "RATE_LIMITED", retryAfter: 0 }, 429);
    const other = await setUp(t, { stream: [...Array(4).fill(limited), stream(event("complete", DONE))] });
    assert.deepEqual(await other.lamina.waitForExecution(RUN_ID, { ...QUICK, transport: "auto" }), FINISHED);
    assert.deepEqual(ways(other.server), Array(5).fill("stream"));
  });
});

describe("a run that is not visible yet", { concurrency: 4 }, () => {
  for (const transport of ["poll", "long-poll", "stream", "auto"]) {
    test(`${transport}: a 404 right after the start is no end`, async (t) => {
      const gone = [REFUSALS[404], REFUSALS[404]];
      const answers = { start: data(QUEUED_RUN, 202), look: [...gone, COMPLETED], wait: [...gone, COMPLETED], stream: [...gone, stream(event("complete", DONE))] };
      const { server, lamina } = await setUp(t, answers);
      assert.deepEqual(await lamina.run(APP_ID, {}, { ...QUICK, transport }), FINISHED);
      assert.ok(server.requests.length >= 4, ways(server).join(" "));
    });
  }
});
