// The server's own check of inputs, with the documented words and codes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CARTOONIFY, FULL_SET, fixture, simulate } from "./helpers.mjs";

const CATALOG = "483754bf-24c9-48c1-a70e-71d2ff9682fa";
const STORY = "6b0f7a52-3f0c-4d0e-9c1a-0d7b1f6f2c11";
const URL_INPUT = "https://example.com/a.png";

test("/api: what is refused, in the documented words", async (t) => {
  const { api, sim } = simulate(t);
  const table = [
    [{ Front: URL_INPUT, Location: "Mars" }, `"Location": invalid option "Mars". Must be one of: Studio, Urban, Park`],
    [{ Front: URL_INPUT, Location: "studio" }, `"Location": invalid option "studio". Must be one of: Studio, Urban, Park`],
    [{ Front: "a.png" }, `"Front": must be an http(s) URL`],
    [{ Front: "data:image/png;base64,AAAA" }, `"Front": must be an http(s) URL`],
    [{ Front: URL_INPUT, Prompt: 5 }, `"Prompt": expected a text value`],
    [{ Front: URL_INPUT, Prompt: null }, `"Prompt": expected a text value`],
    [{}, `"Front": required`],
  ];
  for (const [inputs, detail] of table) {
    const { status, body } = await api(`POST /api/apps/${CATALOG}/executions`, { inputs });
    assert.equal(status, 400);
    assert.deepEqual(body, { error: "Invalid inputs", details: [detail] });
  }
  assert.equal(sim.ledger.starts.length, 0);
});

test("/api: what is let pass", async (t) => {
  const { api, sim } = simulate(t);
  const start = async (appId, inputs) => (await api(`POST /api/apps/${appId}/executions`, { inputs })).status;
  assert.equal(await start(CARTOONIFY, {}), 202);
  assert.equal(await start(CARTOONIFY, { unknown: 1 }), 202);
  assert.equal(await start(CARTOONIFY, fixture("f05-execute-request").inputs), 202);
  // Nothing is trimmed: the label ends in a space and the name holds two.
  assert.equal(await start(FULL_SET, { "Model Body type": "Standard ", "Model  Ethnicity": "Asian" }), 202);
  assert.equal(await start(FULL_SET, { "Model Body type": "Standard" }), 400);
  const [, , third] = sim.ledger.starts;
  assert.deepEqual(third.inputs, fixture("f05-execute-request").inputs);
  assert.equal(sim.executions.get(sim.ledger.starts[0].executionId).values["Aspect Ratio"], "1:1");
});

test("v1's runs: codes, unknown names, and every value that has no default", async (t) => {
  const { api } = simulate(t);
  const refused = async (appId, inputs) => {
    const { status, body } = await api(`POST /v1/apps/${appId}/runs`, { inputs });
    assert.deepEqual([status, body.code, body.retryable, body.error], [400, "VALIDATION_ERROR", false, "Invalid inputs"]);
    return body.details.map(({ field, code }) => [field, code]);
  };
  assert.deepEqual(await refused(CARTOONIFY, {}), [["Style", "missing_no_default"]]);
  assert.deepEqual(await refused(CARTOONIFY, { Style: "Ghibli", Colour: "red" }), [["Colour", "unknown_parameter"]]);
  assert.deepEqual(await refused(CARTOONIFY, { Style: 3 }), [["Style", "invalid_type"]]);
  assert.deepEqual(await refused(CARTOONIFY, { style: "Nope", upload: "nope" }), [
    ["style", "invalid_option"],
    ["upload", "invalid_media"],
  ]);
});

test("v1: a parameter is known by key, id or name, and a list may be given where it says so", async (t) => {
  const { api, sim } = simulate(t);
  const start = async (appId, inputs) => (await api(`POST /v1/apps/${appId}/runs`, { inputs })).status;
  assert.equal(await start(CARTOONIFY, { style: "Ghibli" }), 202);
  assert.equal(await start(CARTOONIFY, { "1977e11b-d91b-4f65-802c-b37b597fa8d9": "Ghibli" }), 202);
  assert.equal(sim.executions.get(sim.ledger.starts[1].executionId).values.Style, "Ghibli");
  assert.equal(await start(STORY, { brief: "A lamp", photos: [URL_INPUT, URL_INPUT] }), 202);
  assert.equal(await start(STORY, { brief: "A lamp", photos: URL_INPUT }), 202);
  assert.equal(await start(STORY, { brief: "A lamp", photos: [URL_INPUT, "x"] }), 400);
  assert.equal(await start(STORY, { brief: ["A lamp"] }), 400);
});

test("a body that is none", async (t) => {
  const { api } = simulate(t);
  const path = `POST /api/apps/${CARTOONIFY}/executions`;
  const details = [`"inputs": required, an object`];
  assert.deepEqual((await api(path, "{")).body, { error: "Invalid JSON body" });
  for (const body of ["[]", "null", "{}", `{"inputs":[]}`, `{"inputs":null}`]) {
    assert.deepEqual((await api(path, body)).body, { error: "Invalid inputs", details });
  }
  // What does not say that it is JSON is not read.
  assert.equal((await api(path, `{"inputs":{}}`, { headers: { "content-type": "text/plain" } })).status, 400);
});

test("a webhook must be an http or https URL", async (t) => {
  const { api, sim } = simulate(t);
  for (const url of ["ftp://example.com/", "example.com/hook", ""]) {
    const query = `?webhook=${encodeURIComponent(url)}`;
    const a = await api(`POST /api/apps/${CARTOONIFY}/executions${query}`, { inputs: {} });
    assert.equal(a.status, 400);
    const c = await api(`POST /v1/apps/${CARTOONIFY}/runs${query}`, { inputs: { Style: "Ghibli" } });
    assert.deepEqual([c.status, c.body.code], [400, "WEBHOOK_INVALID_URL"]);
  }
  assert.equal(sim.ledger.starts.length, 0);
});

test("v1: outputs are chosen by label, in any case", async (t) => {
  const { api } = simulate(t);
  const start = (outputs) => api(`POST /v1/apps/${CATALOG}/runs`, { inputs: { front: URL_INPUT }, outputs });
  assert.deepEqual((await start(["HERO"])).body.data.outputs.map(({ label }) => label), ["hero"]);
  assert.equal((await start(undefined)).body.data.outputs.length, 2);
  const { status, body } = await start(["poster"]);
  assert.equal(status, 400);
  assert.match(body.error, /hero, lifestyle/);
});
