// What v1 documents beyond what the client calls: apps found by what is wanted, runs that are refined, the account.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CARTOONIFY, FULL_SET, bothWays, fixture, simulate } from "./helpers.mjs";

const found = async (api, body) => (await api("POST /v1/apps/discover", body)).body.data;

bothWays("discover finds apps by what is wanted, the best first", {}, async ({ api }) => {
  const { matches, intent } = await found(api, { intent: "Turn my photo into a cartoon" });
  const [best] = matches;
  assert.equal(best.appId, CARTOONIFY);
  assert.deepEqual(
    Object.keys(best).sort(),
    ["appId", "capabilities", "description", "estimatedCredits", "name", "relevanceScore", "thumbnail", "whyMatch"],
  );
  assert.ok(best.relevanceScore > 0 && best.relevanceScore <= 1);
  const scores = matches.map(({ relevanceScore }) => relevanceScore);
  assert.deepEqual(scores, [...scores].sort((a, b) => b - a));
  assert.deepEqual(intent, { medium: "image", summary: "Turn my photo into a cartoon" });
});

test("discover keeps to the constraints and to the limit, and finds nothing where nothing fits", async (t) => {
  const { api } = simulate(t);
  const intent = "images and videos of a garment, a product, a catalog";
  const all = (await found(api, { intent })).matches;
  assert.ok(all.length > 2 && all.some(({ appId }) => appId === FULL_SET));
  const cheap = (await found(api, { intent, constraints: { maxCredits: 10 } })).matches;
  assert.deepEqual(cheap, all.filter(({ estimatedCredits }) => estimatedCredits <= 10));
  assert.ok(cheap.length > 0 && cheap.length < all.length);
  const videos = await found(api, { intent, constraints: { outputFormat: "video" } });
  assert.ok(videos.matches.length > 0 && videos.matches.every(({ capabilities }) => capabilities.produces.includes("video")));
  assert.equal(videos.intent.medium, "video");
  assert.deepEqual((await found(api, { intent, limit: 2 })).matches, all.slice(0, 2));
  assert.deepEqual(await found(api, { intent: "xyzzy" }), { matches: [], intent: { medium: "image", summary: "xyzzy" } });
});

bothWays("feedback refines a completed run in place", { speed: Infinity }, async ({ api }) => {
  const { runId } = (await api(`POST /v1/apps/${CARTOONIFY}/runs`, { inputs: { Style: "Ghibli" } })).body.data;
  const before = (await api(`GET /v1/runs/${runId}`)).body.data;
  const { status, body } = await api(`POST /v1/runs/${runId}/feedback`, { feedback: "A brighter background" });
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(body.data), Object.keys(fixture("f16-v1-refine").data));
  assert.deepEqual([body.data.runId, body.data.status, body.data.errorMessage], [runId, "completed", null]);
  assert.match(body.data.summary, /A brighter background/);
  assert.deepEqual(body.data.refinedNodes.map(({ nodeId }) => nodeId), before.outputs.map(({ id }) => id));
  const after = (await api(`GET /v1/runs/${runId}`)).body.data;
  assert.deepEqual(after.outputs, body.data.outputs);
  assert.notEqual(after.outputs[0].value, before.outputs[0].value);
  assert.deepEqual({ ...after, outputs: [] }, { ...before, outputs: [] });
});

test("feedback is for completed runs, and must say something", async (t) => {
  const { sim, api } = simulate(t, { speed: Infinity });
  const failing = sim.apps.find(({ name }) => name === "Always Fails").appId;
  const start = async (appId, inputs = {}) => (await api(`POST /v1/apps/${appId}/runs`, { inputs })).body.data.runId;
  const failed = await api(`POST /v1/runs/${await start(failing)}/feedback`, { feedback: "again" });
  assert.deepEqual([failed.status, failed.body.code], [400, "VALIDATION_ERROR"]);
  const runId = await start(CARTOONIFY, { Style: "Ghibli" });
  for (const body of [{}, { feedback: " " }, { feedback: 5 }, []]) {
    const { status, body: refusal } = await api(`POST /v1/runs/${runId}/feedback`, body);
    assert.deepEqual([status, refusal.code, refusal.details[0].field], [400, "VALIDATION_ERROR", "feedback"]);
  }
  assert.equal((await api("POST /v1/runs/nope/feedback", { feedback: "x" })).status, 404);
  assert.deepEqual((await api("POST /v1/apps/discover", {})).body.details[0].field, "intent");
});

test("the account is the key's, of the workspace that x-workspace-id must name", async (t) => {
  const { sim, api } = simulate(t);
  const { user, workspace, memberships } = (await api("GET /v1/account")).body.data;
  assert.equal(workspace.id, sim.workspaceId);
  assert.deepEqual(Object.keys(workspace), ["id", "name", "slug", "role"]);
  assert.deepEqual(memberships, [{ workspaceId: workspace.id, name: workspace.name, slug: workspace.slug, role: workspace.role }]);
  assert.equal(user.email, null);
  assert.equal(user.id, (await sim.signWebhook({ body: "{}" }))["x-lamina-webhook-user-id"]);
});
