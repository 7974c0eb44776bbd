// Apps, in the shapes that each generation documents.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CARTOONIFY, FULL_SET, TEST_SYNC, bothWays, fixture, simulate } from "./helpers.mjs";

bothWays("a list of apps is wrapped in data", {}, async ({ api }) => {
  const { status, body, headers } = await api("GET /api/apps");
  assert.equal(status, 200);
  assert.match(headers.get("content-type"), /^application\/json/);
  for (const app of body.data) assert.deepEqual(Object.keys(app), ["appId", "name", "description", "isPublic"]);
  assert.ok(body.data.some(({ isPublic }) => isPublic) && body.data.some(({ isPublic }) => !isPublic));
});

test("search looks in names and descriptions, limit cuts", async (t) => {
  const { api } = simulate(t);
  const names = async (query) => (await api(`GET /api/apps?${query}`)).body.data.map(({ name }) => name);
  assert.deepEqual(await names("search=CARTOON"), ["Cartoonify!"]);
  assert.deepEqual(await names("search=back%20image"), ["Full Set Catalog Generation"]);
  assert.deepEqual(await names("search=nothing-like-it"), []);
  assert.equal((await names("limit=2")).length, 2);
  assert.equal((await names("search=fails&limit=1")).length, 1);
});

test("/api shows apps exactly as the documentation does", async (t) => {
  const { api } = simulate(t);
  assert.deepEqual((await api(`GET /api/apps/${CARTOONIFY}`)).body, fixture("f01-app-cartoonify"));
  assert.deepEqual((await api(`GET /api/apps/${FULL_SET}`)).body, fixture("f02-app-catalog-no-parameter-ids"));
  assert.deepEqual((await api(`GET /api/apps/${TEST_SYNC}/workflow`)).body, fixture("f14-workflow"));
  assert.deepEqual((await api(`GET /v1/apps/${TEST_SYNC}/workflow`)).body, fixture("f14-workflow"));
});

test("/v1 adds keys, outputs and what the list tells", async (t) => {
  const { api } = simulate(t);
  const { data } = (await api(`GET /v1/apps/${FULL_SET}`)).body;
  for (const parameter of data.parameters) {
    assert.equal(parameter.required, true);
    assert.match(parameter.id, /^[0-9a-f-]{36}$/);
  }
  assert.deepEqual(
    data.parameters.map(({ key, name }) => [key, name]).slice(2, 4),
    [
      ["model_gender", "Model Gender"],
      ["model_ethnicity", "Model  Ethnicity"],
    ],
  );
  assert.deepEqual(data.outputs[2], { index: 2, label: "Generated Video", type: "video" });

  const list = (await api("GET /v1/apps")).body.data;
  const story = list.find(({ name }) => name === "Product Story");
  assert.deepEqual(story.outputFormats, ["text", "audio", "image"]);
  assert.deepEqual(story.inputSummary.required, [{ name: "Brief", type: "text" }]);
  assert.equal(story.inputSummary.total, 3);
  const photos = (await api(`GET /v1/apps/${story.appId}`)).body.data.parameters[1];
  assert.equal(photos.multiple, true);
});

test("an app of one's own needs a name only", async (t) => {
  const { sim, api } = simulate(t, { apps: [{ name: "Mine" }] });
  const [{ appId }] = sim.apps;
  assert.deepEqual((await api("GET /api/apps")).body.data, [{ appId, name: "Mine", description: null, isPublic: true }]);
  const { body } = await api(`GET /v1/apps/${appId}`);
  assert.deepEqual(body.data.outputs, [{ index: 0, label: "Image", type: "image" }]);
  assert.equal((await api(`POST /api/apps/${appId}/executions`, { inputs: {} })).status, 202);
});

test("an estimate and the account's usage", async (t) => {
  const { api } = simulate(t, { credits: 20 });
  const { data } = (await api(`POST /v1/apps/${CARTOONIFY}/estimate`)).body;
  assert.deepEqual(data.estimatedCredits, { expected: 5, min: 5, max: 5 });
  assert.equal(data.affordable, true);
  assert.equal(data.currentBalance, 20);
  assert.equal((await api(`POST /v1/apps/${TEST_SYNC}/estimate`)).body.data.affordable, false);

  await api(`POST /api/apps/${CARTOONIFY}/executions`, { inputs: {} });
  const { body } = await api("GET /v1/account/usage");
  assert.deepEqual(Object.keys(body.data.credits), Object.keys(fixture("f17-v1-usage").data.credits));
  assert.deepEqual(body.data.credits, { balance: 15, totalEarned: 20, totalSpent: 5 });
  assert.deepEqual(body.data.rateLimit, { limit: 100, windowMs: 60_000 });
});

test("a start that costs more than there is fails later", async (t) => {
  const { api } = simulate(t, { credits: 4, speed: Infinity });
  const { executionId } = (await api(`POST /api/apps/${CARTOONIFY}/executions`, { inputs: {} })).body.data;
  const { status, errorMessage } = (await api(`GET /api/executions/${executionId}`)).body.data;
  assert.deepEqual([status, errorMessage], ["failed", "Insufficient credits"]);
});

test("the signing key is not wrapped", async (t) => {
  const { api } = simulate(t);
  for (const path of ["/api/webhooks/signing-key", "/v1/webhooks/signing-key"]) {
    const { body } = await api(`GET ${path}`);
    assert.deepEqual(Object.keys(body.keys[0]), Object.keys(fixture("f15-signing-key").keys[0]));
    assert.equal(body.keys[0].d, undefined);
  }
});
