// An execution from its start to its end, by each of its three names.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CARTOONIFY, FULL_SET, TEST_SYNC, bothWays, fixture, handClock, simulate } from "./helpers.mjs";

const FAILING = "e5a1c0de-0000-4000-8000-000000000001";
const ONE_FAILS = "e5a1c0de-0000-4000-8000-000000000002";

/** The shapes of the wire: the members' names in the order of the documentation. */
const keys = (value) => Object.keys(value);

bothWays("a start is answered as documented", {}, async ({ api }) => {
  const documented = fixture("f06-execute-response").data;
  const hook = encodeURIComponent("http://127.0.0.1:1/lamina");
  const { status, body } = await api(`POST /api/apps/${TEST_SYNC}/executions?webhook=${hook}`, { inputs: {} });
  assert.equal(status, 202);
  assert.deepEqual(keys(body.data), keys(documented));
  assert.deepEqual(body.data.outputs.slice(0, 2), documented.outputs);
  assert.deepEqual([body.data.workflowId, body.data.workflowName], [documented.workflowId, documented.workflowName]);
  assert.equal(body.data.status, "queued");
  assert.equal(body.data.webhookUrl, "http://127.0.0.1:1/lamina");

  const bare = (await api(`POST /api/apps/${TEST_SYNC}/executions`, { inputs: {} })).body.data;
  assert.ok(!("webhookUrl" in bare));
});

test("outputs fill in one by one, on the clock", async (t) => {
  const clock = handClock();
  const { api } = simulate(t, { now: clock.now });
  const { executionId } = (await api(`POST /api/apps/${FULL_SET}/executions`, { inputs: {} })).body.data;
  const read = async () => (await api(`GET /api/executions/${executionId}`)).body.data;

  const queued = await read();
  const documented = fixture("f07-execution-queued").data;
  assert.deepEqual(keys(queued), keys(documented));
  assert.deepEqual([queued.status, queued.startedAt, queued.completedAt], ["queued", null, null]);
  assert.equal(queued.createdAt, documented.createdAt);

  clock.move(2000);
  const running = await read();
  assert.deepEqual([running.status, running.startedAt], ["running", "2026-03-23T12:22:41.552Z"]);

  const seen = [];
  for (let i = 0; i < 50; i++) {
    clock.move(1000);
    const { status, outputs } = await read();
    const done = outputs.filter((output) => output.status === "completed").length;
    if (seen.at(-1) !== `${status} ${done}`) seen.push(`${status} ${done}`);
  }
  assert.deepEqual(seen, ["running 0", "running 1", "running 2", "running 3", "completed 4"]);

  const completed = await read();
  assert.deepEqual(
    completed.outputs.map(({ type, status, error }) => [type, status, error]),
    ["image", "image", "video", "text"].map((type) => [type, "completed", null]),
  );
  assert.ok(Date.parse(completed.completedAt) > Date.parse(completed.startedAt));
  assert.deepEqual(await read(), completed);
});

test("a picture takes about ten seconds of life, and speed divides them", async (t) => {
  for (const speed of [1, 10]) {
    const clock = handClock();
    const { api } = simulate(t, { now: clock.now, speed });
    const { executionId } = (await api(`POST /api/apps/${CARTOONIFY}/executions`, { inputs: {} })).body.data;
    const status = async () => (await api(`GET /api/executions/${executionId}`)).body.data.status;
    clock.move(8_000 / speed);
    assert.equal(await status(), "running");
    clock.move(4_000 / speed);
    assert.equal(await status(), "completed");
  }
});

test("an execution that fails: the text above, `error` in its outputs, whose type stays pending", async (t) => {
  const { api } = simulate(t, { speed: Infinity });
  const end = async (appId) => {
    const { executionId } = (await api(`POST /api/apps/${appId}/executions`, { inputs: {} })).body.data;
    return (await api(`GET /api/executions/${executionId}`)).body.data;
  };
  const failed = await end(FAILING);
  assert.deepEqual([failed.status, failed.errorMessage], ["failed", "Image generation timed out"]);
  assert.deepEqual(
    failed.outputs.map(({ type, status, error, value }) => [type, status, error, value]),
    [["pending", "error", "Image generation timed out", null]],
  );
  const half = await end(ONE_FAILS);
  assert.deepEqual([half.status, half.errorMessage], ["failed", null]);
  assert.deepEqual(half.outputs.map(({ type, status }) => [type, status]), [
    ["image", "completed"],
    ["pending", "error"],
  ]);
  assert.match(half.outputs[1].error, /refused/);
});

test("onOutputError decides what one failed output means", async (t) => {
  const outputs = [{ label: "A", type: "text", error: "no" }, { label: "B", type: "text" }];
  const { sim, api } = simulate(t, { speed: Infinity, apps: [{ name: "Lenient", outputs, onOutputError: "complete" }] });
  const start = await api(`POST /api/apps/${sim.apps[0].appId}/executions`, { inputs: {} });
  const { status } = (await api(`GET /api/executions/${start.body.data.executionId}`)).body.data;
  assert.equal(status, "completed");
});

test("one execution has two names: executionId, and runId on v1's runs", async (t) => {
  const { api } = simulate(t, { speed: Infinity });
  const inputs = { Style: "Ghibli" };
  const b = (await api(`POST /v1/apps/${CARTOONIFY}/executions`, { inputs })).body.data;
  const c = (await api(`POST /v1/apps/${CARTOONIFY}/runs`, { inputs })).body.data;
  assert.ok(b.executionId && !("runId" in b));
  assert.ok(c.runId && !("executionId" in c));
  assert.equal((await api(`GET /v1/executions/${c.runId}`)).body.data.executionId, c.runId);
  assert.equal((await api(`GET /api/executions/${c.runId}`)).body.data.executionId, c.runId);
  const run = (await api(`GET /v1/runs/${b.executionId}`)).body.data;
  assert.equal(run.runId, b.executionId);
  assert.deepEqual(run.progress, { totalOutputs: 1, completedOutputs: 1, failedOutputs: 0, percentComplete: 100 });
  assert.equal(run.outputs[0].mimeType, "image/svg+xml");
});

test("values: pictures that show the inputs, a video and a sound that are files, text; or what one gives", async (t) => {
  const outputs = [
    { label: "Image", type: "image" },
    { label: "Video", type: "video" },
    { label: "Audio", type: "audio" },
    { label: "Text", type: "text" },
    { label: "Fixed", type: "image", value: "https://cdn.example/a.png" },
    { label: "Made", type: "text", value: ({ executionId, inputs }) => `${executionId} ${inputs.Prompt}` },
  ];
  const apps = [{ name: "All <kinds>", outputs, parameters: [{ name: "Prompt", type: "text" }] }];
  const { sim, api } = simulate(t, { speed: Infinity, apps });
  const Prompt = `a "cat" & <b>😀</b> \ud800 \u0000`;
  const start = await api(`POST /api/apps/${sim.apps[0].appId}/executions`, { inputs: { Prompt } });
  const { executionId } = start.body.data;
  const values = (await api(`GET /api/executions/${executionId}`)).body.data.outputs.map(({ value }) => value);
  const file = async (url) => Buffer.from(await (await fetch(url)).arrayBuffer());

  const svg = (await file(values[0])).toString();
  assert.match(svg, /^<svg .*All &#60;kinds&#62;.*Prompt: a &#34;cat&#34; &#38; &#60;b&#62;😀.*<\/svg>$/s);
  assert.match(values[1], /^data:video\/mp4;base64,/);
  assert.equal((await file(values[1])).subarray(4, 8).toString(), "ftyp");
  assert.ok(values[1].length < 3000);
  assert.equal((await file(values[2])).subarray(0, 4).toString(), "RIFF");
  assert.match(values[3], /Prompt: a "cat"/);
  assert.equal(values[4], "https://cdn.example/a.png");
  assert.equal(values[5], `${executionId} ${Prompt}`);
});
