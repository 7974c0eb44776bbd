// What v1's runs have beside start and look: wait, list, cancel.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CARTOONIFY, TEST_SYNC, bothWays, fixture, handClock, simulate, sleep } from "./helpers.mjs";

const inputs = { Style: "Ghibli" };
const start = async (api, appId = CARTOONIFY) => {
  const given = appId === CARTOONIFY ? inputs : {};
  return (await api(`POST /v1/apps/${appId}/runs`, { inputs: given })).body.data.runId;
};
const NEVER = [{ name: "Never", outputs: [{ label: "A", type: "text", durationMs: Infinity }] }];

bothWays("wait answers as soon as the run has ended", { speed: 100 }, async ({ api }) => {
  const runId = await start(api);
  const began = performance.now();
  const { status, body } = await api(`GET /v1/runs/${runId}/wait?timeout=120`);
  assert.ok(performance.now() - began < 1000);
  assert.deepEqual([status, body.data.status, body.timeout], [200, "completed", false]);
  for (const member of Object.keys(fixture("f09-v1-wait-completed").data)) assert.ok(member in body.data, member);
  assert.equal((await api(`GET /v1/runs/${runId}`)).body.data.status, "completed");
  assert.equal((await api(`GET /v1/runs/${runId}/wait`)).body.data.status, "completed");
});

bothWays("wait that runs out is no error", { speed: 100, apps: NEVER }, async ({ sim, api }) => {
  const runId = await start(api, sim.apps[0].appId);
  const began = performance.now();
  const { status, body } = await api(`GET /v1/runs/${runId}/wait?timeout=3`);
  assert.ok(performance.now() - began >= 29);
  assert.deepEqual([status, body.data.status, body.timeout], [200, "running", true]);
  assert.equal((await api(`GET /v1/runs/${runId}/wait?timeout=soon`)).body.code, "VALIDATION_ERROR");
  assert.equal((await api("GET /v1/runs/nope/wait")).status, 404);
});

bothWays("cancel: ends the run, wakes who waits, and once more changes nothing", { apps: NEVER }, async ({ sim, api }) => {
  const runId = await start(api, sim.apps[0].appId);
  const waiting = api(`GET /v1/runs/${runId}/wait`);
  await sleep(20);
  const first = await api(`POST /v1/runs/${runId}/cancel`);
  assert.deepEqual([first.status, first.body], [200, { data: { runId, status: "cancelled" } }]);
  const { body } = await waiting;
  assert.deepEqual([body.data.status, body.timeout], ["cancelled", false]);
  assert.deepEqual(body.data.outputs.map(({ status, type }) => [status, type]), [["cancelled", "pending"]]);
  assert.ok(body.data.completedAt);

  assert.deepEqual((await api(`POST /v1/runs/${runId}/cancel`)).body, first.body);
  assert.deepEqual((await api(`GET /v1/runs/${runId}`)).body.data, body.data);
  assert.equal((await api("POST /v1/runs/nope/cancel")).status, 404);
});

test("cancel: what has ended stays as it is, what was made is kept", async (t) => {
  const clock = handClock();
  const { api } = simulate(t, { now: clock.now });
  const done = await start(api);
  const half = await start(api, TEST_SYNC);
  clock.move(20_000);
  assert.equal((await api(`POST /v1/runs/${done}/cancel`)).body.data.status, "completed");
  assert.equal((await api(`POST /v1/runs/${half}/cancel`)).body.data.status, "cancelled");
  clock.move(60_000);
  const { outputs, completedAt } = (await api(`GET /v1/runs/${half}`)).body.data;
  assert.deepEqual(outputs.map(({ status }) => status), ["completed", "completed", "cancelled"]);
  assert.equal(completedAt, "2026-03-23T12:23:00.552Z");
});

test("list: newest first, filtered, in pages", async (t) => {
  const clock = handClock();
  const { api } = simulate(t, { now: clock.now, rateLimit: false });
  const ids = [];
  for (let i = 0; i < 30; i++) {
    ids.unshift(await start(api, i % 3 === 0 ? TEST_SYNC : CARTOONIFY));
    clock.move(1000);
  }
  const list = async (query) => (await api(`GET /v1/runs?${query}`)).body;
  const first = await list("");
  assert.deepEqual(first.pagination, { total: 30, limit: 25, offset: 0 });
  assert.deepEqual(Object.keys(first.data[0]), Object.keys(fixture("f13-v1-run-list").data[0]));
  assert.deepEqual(first.data.map(({ runId }) => runId), ids.slice(0, 25));
  assert.deepEqual((await list("offset=25")).data.map(({ runId }) => runId), ids.slice(25));
  assert.equal((await list("limit=500")).pagination.limit, 100);

  assert.equal((await list(`appId=${TEST_SYNC}`)).pagination.total, 10);
  assert.equal((await list(`since=${encodeURIComponent("2026-03-23T12:22:40.552Z")}`)).pagination.total, 29);
  const completed = await list(`status=completed&appId=${CARTOONIFY}`);
  assert.ok(completed.data.length > 0);
  assert.ok(completed.data.every(({ status, workflowId }) => status === "completed" && workflowId === CARTOONIFY));
  const total = (await Promise.all(["queued", "running", "completed"].map((status) => list(`status=${status}`))))
    .map(({ pagination }) => pagination.total)
    .reduce((a, b) => a + b);
  assert.equal(total, 30);

  for (const query of ["status=done", "limit=x", "offset=-1", "since=yesterday"]) {
    assert.equal((await list(query)).code, "VALIDATION_ERROR", query);
  }
});
