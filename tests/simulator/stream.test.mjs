// Server-sent events of a run.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CARTOONIFY, TEST_SYNC, bothWays, simulate, sleep } from "./helpers.mjs";

const NEVER = [{ name: "Never", outputs: [{ label: "A", type: "text", durationMs: Infinity }] }];

/** Starts a run and opens its stream. */
async function open({ sim, api, fetch, baseUrl }, appId, init) {
  const inputs = appId === CARTOONIFY ? { Style: "Ghibli" } : {};
  const { runId } = (await api(`POST /v1/apps/${appId}/runs`, { inputs })).body.data;
  const response = await fetch(`${baseUrl}/v1/runs/${runId}/stream`, { headers: { "x-api-key": sim.apiKey }, ...init });
  return { runId, response };
}

/** Events of a whole stream: names and parsed data. */
function parse(text) {
  const events = text.split("\n\n").slice(0, -1);
  return events.map((event) => {
    const [, name, data] = /^event: (\w+)\ndata: (.*)$/s.exec(event);
    return { name, data: JSON.parse(data) };
  });
}

bothWays("the state at each change, unwrapped, then complete", { speed: 200 }, async (world) => {
  const { runId, response } = await open(world, TEST_SYNC);
  assert.match(response.headers.get("content-type"), /^text\/event-stream/);
  const events = parse(await response.text()).filter(({ name }) => name !== "ping");
  assert.deepEqual([...new Set(events.map(({ name }) => name))], ["progress", "complete"]);
  assert.ok(events.every(({ data }) => data.runId === runId));
  assert.equal(events[0].name, "progress");
  const counts = events.map(({ data }) => data.progress.completedOutputs);
  // How many changes one look sees depends on how busy the machine is.
  assert.deepEqual(counts, counts.toSorted());
  assert.equal(counts.at(-1), 3);
  assert.equal(events.filter(({ name }) => name === "complete").length, 1);

  const again = await world.fetch(`${world.baseUrl}/v1/runs/${runId}/stream`, { headers: { "x-api-key": world.sim.apiKey } });
  assert.deepEqual(parse(await again.text()).map(({ name }) => name), ["complete"]);
});

bothWays("a run that fails or is cancelled ends with error", { speed: 200, apps: [...NEVER, { name: "F", errorMessage: "No" }] }, async (world) => {
  const failed = await open(world, world.sim.apps[1].appId);
  const { name, data } = parse(await failed.response.text()).at(-1);
  assert.deepEqual([name, data.status, data.errorMessage], ["error", "failed", "No"]);

  const { runId, response } = await open(world, world.sim.apps[0].appId);
  const text = response.text();
  await sleep(10);
  await world.api(`POST /v1/runs/${runId}/cancel`);
  const last = parse(await text).at(-1);
  assert.deepEqual([last.name, last.data.status], ["error", "cancelled"]);
});

bothWays("pings, and the end after ten minutes of life", { speed: 2000, apps: NEVER }, async (world) => {
  const { response } = await open(world, world.sim.apps[0].appId);
  const events = parse(await response.text());
  assert.deepEqual(events.at(-1), { name: "timeout", data: { message: "Stream timeout after 10 minutes" } });
  const pings = events.filter(({ name }) => name === "ping");
  assert.ok(pings.length > 0);
  assert.ok(Math.abs(pings[0].data - Date.now()) < 5000);
});

bothWays("a reader who leaves ends it", { apps: NEVER }, async (world) => {
  const leaving = new AbortController();
  const { response } = await open(world, world.sim.apps[0].appId, { signal: leaving.signal });
  const reader = response.body.getReader();
  assert.ok((await reader.read()).value.length > 0);
  const reading = reader.read();
  leaving.abort(new Error("enough"));
  await assert.rejects(reading, { message: "enough" });

  const other = await open(world, world.sim.apps[0].appId);
  await other.response.body.cancel();
});

bothWays("stream-cut, stream-stall, stream-chunks", { speed: 100 }, async (world) => {
  const { sim } = world;
  sim.fault({ kind: "stream-cut", events: 1, times: 1 });
  const cut = await (await open(world, TEST_SYNC)).response.text();
  assert.equal(parse(cut).length, 1);
  assert.doesNotMatch(cut, /\n\n$/);

  sim.fault({ kind: "stream-cut", reset: true, times: 1 });
  await assert.rejects((await open(world, TEST_SYNC)).response.text(), { name: "TypeError", message: "terminated" });

  sim.fault({ kind: "stream-stall", times: 1 });
  const stalled = open(world, TEST_SYNC, { signal: AbortSignal.timeout(400) });
  await assert.rejects(stalled.then(({ response }) => response.text()), { name: "TimeoutError" });

  sim.fault({ kind: "stream-chunks", times: 1 });
  assert.equal(parse(await (await open(world, TEST_SYNC)).response.text()).at(-1).name, "complete");
});

bothWays("stream-reorder: each second event comes before the first", { speed: 40 }, async (world) => {
  world.sim.fault({ kind: "stream-reorder", times: 1 });
  const events = parse(await (await open(world, TEST_SYNC)).response.text()).filter(({ name }) => name !== "ping");
  const ranks = events.map(({ data }) => (data.status === "queued" ? -1 : data.status === "running" ? data.progress.completedOutputs : 9));
  assert.notDeepEqual(ranks, ranks.toSorted((a, b) => a - b));
  assert.equal(events.filter(({ name }) => name === "complete").length, 1);
});

test("stream-chunks: pieces of 1 to 7 bytes; other requests are left alone", async (t) => {
  const { sim, api } = simulate(t, { speed: Infinity, faults: [{ kind: "stream-chunks" }] });
  const { response } = await open({ sim, api, fetch: sim.fetch, baseUrl: sim.baseUrl }, CARTOONIFY);
  const sizes = new Set();
  for await (const piece of response.body) sizes.add(piece.length);
  assert.ok([...sizes].every((size) => size >= 1 && size <= 7));
  assert.ok(sizes.size > 3);
  assert.equal(sim.ledger.requests[0].fault, undefined);
});
