// Server-sent events over real HTTP, byte for byte: every line end, every cut, every field, by the rules of the WHATWG.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { installPackage } from "../support/install.mjs";
import { both, cut, DONE, end, event, run, RUN_ID, scripted, stream, ways } from "../support/runs.mjs";
import { data, json } from "../support/scripted-server.mjs";
import { until, within } from "../support/settle.mjs";

const { Lamina } = await (await installPackage()).import();
const setUp = scripted(Lamina);

const WAIT = { transport: "stream", pollIntervalMs: 20 };
const FINISHED = both(DONE);
const HALF = run("running", { progress: { completedOutputs: 1 }, note: "größer 😀 \u2028 ﷽" });
/** Lines of a stream with one event that goes on and the one that ends it. */
const LINES = ["event: progress", `data: ${JSON.stringify(HALF)}`, "", "event: complete", `data: ${JSON.stringify(DONE)}`, "", ""];

/** What a wait hears of a stream of these pieces, and what it asks of the server. */
async function heard(t, pieces, answers = {}) {
  const { server, lamina } = await setUp(t, { stream: stream(...pieces), ...answers });
  const updates = [];
  const result = await within(5_000, lamina.waitForExecution(RUN_ID, { ...WAIT, onUpdate: (seen) => updates.push(seen) }), "the wait");
  return { result, updates, server, ways: ways(server) };
}
const pieces = (bytes, size) => Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => bytes.subarray(n * size, (n + 1) * size));

describe("an event stream over HTTP", { concurrency: 6 }, () => {
  for (const [name, lineEnd] of [["LF", "\n"], ["CR", "\r"], ["CRLF", "\r\n"]]) {
    for (const [how, size] of [["whole", Infinity], ["in pieces of 5 bytes, which cut characters and line ends", 5]]) {
      test(`lines that end in ${name}, ${how}`, async (t) => {
        const bytes = Buffer.from(LINES.join(lineEnd));
        const { result, updates, ways } = await heard(t, size === Infinity ? [bytes] : pieces(bytes, size));
        assert.deepEqual(result, FINISHED);
        assert.deepEqual(updates, [both(HALF), FINISHED]);
        assert.deepEqual(ways, ["stream"]);
      });
    }
  }

  test("byte by byte, with mixed line ends and a byte order mark", async (t) => {
    const short = { runId: RUN_ID, status: "running", x: "é€😀" };
    const text = `\ufeffevent: progress\r\ndata: ${JSON.stringify(short)}\r\revent: complete\ndata: {"runId":"${RUN_ID}","status":"completed"}\r\n\r\n`;
    const { result, updates } = await heard(t, pieces(Buffer.from(text), 1));
    assert.deepEqual(updates[0], both(short));
    assert.deepEqual(result, { runId: RUN_ID, executionId: RUN_ID, status: "completed", outputs: [] });
  });

  test("data over many lines is one JSON; comments, id, retry and unknown fields are passed over", async (t) => {
    const lines = JSON.stringify(DONE, null, 2).split("\n").map((line) => `data: ${line}\n`).join("");
    const text = `: hello\n:\nretry: 1\nid: 7\nfoo: bar\nbaz\n${event("progress", HALF)}:ping\n\nretry: 999999\n\nevent: complete\nid\n${lines}\n`;
    const { result, updates, ways } = await heard(t, [text]);
    assert.deepEqual([result, updates.length, ways], [FINISHED, 2, ["stream"]]);
  });

  test("one space after the colon may be missing; a second one is data", async (t) => {
    const { result } = await heard(t, [`event:progress\ndata:${JSON.stringify(HALF)}\n\nevent: complete\ndata:  ${JSON.stringify(DONE)}\n\n`]);
    assert.deepEqual(result, FINISHED);
  });

  test("many events in one piece come one after the other, each change told once", async (t) => {
    const states = [0, 0, 1, 1, 2, 3].map((completedOutputs) => run("running", { progress: { completedOutputs } }));
    const { updates } = await heard(t, [states.map((state) => event("progress", state)).join("") + event("complete", DONE)]);
    assert.deepEqual(updates.map(({ progress }) => progress?.completedOutputs), [0, 1, 2, 3, undefined]);
  });

  for (const [what, text] of [
    ["the documentation's own sample, whose last event lacks its empty line", `event: progress\ndata: ${JSON.stringify(HALF)}\n\nevent: ping\ndata: 1713456789000\n\nevent: complete\ndata: ${JSON.stringify(DONE)}\n`],
    ["a last event that is cut within its data", `event: complete\ndata: ${JSON.stringify(DONE).slice(0, 40)}`],
    ["a last event that is cut within its name", `event: comp`],
    ["no event at all", ""],
  ]) {
    test(`${what} is no event: a look tells the end`, async (t) => {
      const { result, ways } = await heard(t, [text, end], { look: data(DONE) });
      assert.deepEqual(result, FINISHED);
      assert.deepEqual(ways, ["stream", "look"]);
    });
  }

  test("a connection that breaks after the last event breaks nothing", async (t) => {
    const { result, ways } = await heard(t, [event("complete", DONE), cut]);
    assert.deepEqual([result, ways], [FINISHED, ["stream"]]);
  });

  test("whatever view a custom fetch gives its bytes in, one of a buffer that was given away among them", async () => {
    const copy = (bytes) => new Uint8Array(bytes).slice().buffer;
    const gone = new Uint8Array(8);
    structuredClone(gone, { transfer: [gone.buffer] });
    const goneView = new DataView(new ArrayBuffer(8)); // its byteLength throws then
    structuredClone(goneView, { transfer: [goneView.buffer] });
    const line = new Uint8Array(Buffer.from(`event: complete\ndata: ${JSON.stringify(DONE)}\n\n`));
    const half = new Float64Array(copy(line.subarray(0, 16)));
    const chunks = [gone, goneView, half, new DataView(copy(line.subarray(16))), new Uint8Array()];
    const reader = { read: async () => (chunks.length ? { done: false, value: chunks.shift() } : { done: true }), cancel: async () => {} };
    const headers = new Headers({ "content-type": "text/event-stream" });
    const fetch = async () => ({ status: 200, headers, body: { getReader: () => reader }, text: async () => "" });
    const lamina = new Lamina({ apiKey: "lma_test_key", apiVersion: "v1", baseUrl: "https://lamina.example", fetch });
    assert.deepEqual(await within(5_000, lamina.waitForExecution(RUN_ID, WAIT), "the wait"), FINISHED);
  });

  test("a gzip stream is unpacked by the host", async (t) => {
    const { server, lamina } = await setUp(t, {
      stream: (_, response) => {
        response.writeHead(200, { "content-type": "text/event-stream", "content-encoding": "gzip" });
        response.end(gzipSync(LINES.join("\n")));
      },
    });
    assert.deepEqual(await lamina.waitForExecution(RUN_ID, WAIT), FINISHED);
    assert.deepEqual(ways(server), ["stream"]);
  });
});

// What the contract leaves open: names, wrapping, the ping's unit. Every plausible reading is taken.
describe("what an event may be", { concurrency: 6 }, () => {
  for (const [what, text] of [
    ["an event without a name", `data: ${JSON.stringify(DONE)}\n\n`],
    ["an event with another name", event("finished", DONE)],
    ["a state that is wrapped in data", event("complete", { data: DONE })],
    ["complete with a state that goes on, which is none", event("complete", HALF) + event("complete", DONE)],
    ["pings in seconds, milliseconds, as text, as an object, empty", `event: ping\ndata: 1713456789\n\n${event("ping", 1713456789000)}${event("ping", "now")}${event("ping", {})}event: ping\n\nevent: ping\ndata\n\n${event("complete", DONE)}`],
    ["data that is no JSON, or no execution", `event: progress\ndata: {"runId"\n\ndata: null\n\ndata: [1]\n\ndata: {"status":5,"runId":"x"}\n\n${event("error", { message: "soon" })}${event("complete", DONE)}`],
    ["executionId for runId", event("complete", FINISHED)],
  ]) {
    test(what, async (t) => {
      const { result, ways } = await heard(t, [text]);
      assert.equal(result.executionId, RUN_ID);
      assert.equal(result.status, "completed");
      assert.deepEqual(ways, ["stream"]);
    });
  }

  for (const [status, code] of [["failed", "EXECUTION_FAILED"], ["cancelled", "EXECUTION_CANCELLED"]]) {
    test(`error, with a run that ${status === "failed" ? "failed" : "was cancelled"}, is ${code}`, async (t) => {
      const { lamina } = await setUp(t, { stream: stream(event("error", run(status, { errorMessage: "It broke" }))) });
      await assert.rejects(lamina.waitForExecution(RUN_ID, WAIT), { code, message: "It broke" });
    });
  }

  test("an event of more than 8 MB is given up, and looks go on", async (t) => {
    const { result, ways } = await heard(t, [`data: ${"x".repeat(9 << 20)}`], { look: data(DONE) });
    assert.deepEqual([result, ways], [FINISHED, ["stream", "look"]]);
  });
});

describe("what a stream is asked by, and known by", { concurrency: 6 }, () => {
  test("the key in its header, accept: text/event-stream, and no more than for other reads", async (t) => {
    const { server } = await heard(t, [event("complete", DONE)]);
    const { headers, method } = server.requests[0];
    assert.equal(method, "GET");
    assert.equal(headers.accept, "text/event-stream");
    assert.ok(headers["x-api-key"]);
    assert.deepEqual(Object.keys(headers).filter((name) => name.startsWith("x-") || name === "last-event-id"), ["x-api-key"]);
  });

  for (const type of ["text/event-stream", "text/event-stream;charset=UTF-8", "Text/Event-Stream; charset=utf-8"]) {
    test(`${type} is a stream`, async (t) => {
      const { server, lamina } = await setUp(t, {
        stream: (_, response) => {
          response.writeHead(200, { "content-type": type });
          response.write(LINES.join("\n"));
        },
      });
      assert.deepEqual(await lamina.waitForExecution(RUN_ID, WAIT), FINISHED);
      assert.deepEqual(ways(server), ["stream"]);
    });
  }

  for (const type of ["application/json", "text/plain", "text/html", undefined]) {
    test(`an endless body of type ${type} is not waited for, and its connection is closed`, async (t) => {
      const { server, lamina } = await setUp(t, {
        stream: (_, response) => {
          response.writeHead(200, type === undefined ? {} : { "content-type": type });
          response.write(LINES.join("\n"));
        },
        look: data(DONE),
      });
      assert.deepEqual(await within(5_000, lamina.waitForExecution(RUN_ID, WAIT)), FINISHED);
      assert.deepEqual(ways(server), ["stream", "look"]);
      await until(() => server.requests[0].dropped);
      assert.ok(server.requests[0].dropped);
    });
  }

  for (const status of [401, 403]) {
    test(`a ${status} ends the wait, as it does for a look`, async (t) => {
      const { server, lamina } = await setUp(t, { stream: json({ error: "No" }, status) });
      await assert.rejects(lamina.waitForExecution(RUN_ID, WAIT), { status });
      assert.deepEqual(ways(server), ["stream"]);
    });
  }

  test("a run that does not exist is NOT_FOUND by the look that follows", async (t) => {
    const { server, lamina } = await setUp(t, { stream: json({ error: "Run not found" }, 404), look: json({ error: "Run not found" }, 404) });
    await assert.rejects(lamina.waitForExecution(RUN_ID, WAIT), { code: "NOT_FOUND" });
    assert.deepEqual(ways(server), ["stream", "look"]);
  });
});
