// Who is let in, what is not there, and what a page may do.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CARTOONIFY, bothWays, simulate } from "./helpers.mjs";

bothWays("the key is taken from either header", {}, async ({ sim, fetch, baseUrl }) => {
  const status = async (path, headers) => {
    const response = await fetch(baseUrl + path, { headers });
    return [response.status, (await response.json()).error];
  };
  assert.deepEqual(await status("/api/apps", {}), [401, "Missing API key"]);
  assert.deepEqual(await status("/api/apps", { "x-api-key": "lma_wrong" }), [401, "Invalid API key"]);
  assert.deepEqual(await status("/api/apps", { authorization: "Bearer lma_wrong" }), [401, "Invalid API key"]);
  assert.deepEqual(await status("/api/apps", { authorization: sim.apiKey }), [401, "Invalid API key"]);
  assert.deepEqual(await status("/api/apps", { "x-api-key": sim.apiKey }), [200, undefined]);
  assert.deepEqual(await status("/api/apps", { authorization: `Bearer ${sim.apiKey}` }), [200, undefined]);
  const own = { "x-api-key": sim.apiKey, "x-workspace-id": sim.workspaceId };
  assert.deepEqual(await status("/api/apps", own), [200, undefined]);
  assert.deepEqual(await status("/api/apps", { ...own, "x-workspace-id": "other" }), [
    403,
    "Workspace header does not match API key workspace scope",
  ]);
});

test("v1's errors have a code, retryable and a request id", async (t) => {
  const { api } = simulate(t);
  const table = [
    ["GET /v1/apps", { "x-api-key": "" }, 401, "AUTH_MISSING_KEY"],
    ["GET /v1/apps", { "x-api-key": "lma_wrong" }, 401, "AUTH_INVALID_KEY"],
    ["GET /v1/apps", { "x-workspace-id": "other" }, 403, "FORBIDDEN"],
    ["GET /v1/apps/nope", {}, 404, "NOT_FOUND"],
    ["GET /v1/runs/nope", {}, 404, "NOT_FOUND"],
    ["GET /v1/nothing", {}, 404, "NOT_FOUND"],
  ];
  for (const [line, headers, status, code] of table) {
    const reply = await api(line, undefined, { headers });
    assert.equal(reply.status, status, line);
    assert.deepEqual(Object.keys(reply.body), ["error", "code", "retryable", "requestId"]);
    assert.deepEqual([reply.body.code, reply.body.retryable], [code, false]);
    assert.equal(reply.headers.get("x-request-id"), reply.body.requestId);
  }
});

test("what is not there, under /api and on v1's executions", async (t) => {
  const { api } = simulate(t);
  for (const [line, error] of [
    ["GET /api/apps/nope", "App not found"],
    ["GET /api/apps/nope/workflow", "App not found"],
    ["GET /api/executions/nope", "Execution not found"],
    ["GET /api/executions/%zz", "Execution not found"],
    ["GET /v1/executions/nope", "Execution not found"],
    ["GET /api/runs/nope", "Not found"],
  ]) {
    const { status, body, headers } = await api(line);
    assert.deepEqual([status, body], [404, { error }], line);
    if (line.includes("/api")) assert.equal(headers.get("x-request-id"), null);
  }
  const start = await api("POST /api/apps/nope/executions", { inputs: {} });
  assert.deepEqual([start.status, start.body], [404, { error: "App not found" }]);
});

test("an app that is denied", async (t) => {
  const { sim, api } = simulate(t, { apps: [{ name: "Private", denied: true }] });
  const { status, body } = await api(`GET /api/apps/${sim.apps[0].appId}`);
  assert.deepEqual([status, body], [403, { error: "Access denied for this workspace or app" }]);
});

bothWays("another method than the path has", {}, async ({ api }) => {
  for (const [line, allow] of [
    ["POST /api/apps", "GET"],
    ["DELETE /v1/runs/x", "GET"],
    ["GET /v1/runs/x/cancel", "POST"],
    [`GET /api/apps/${CARTOONIFY}/executions`, "POST"],
  ]) {
    const { status, headers } = await api(line);
    assert.deepEqual([status, headers.get("allow")], [405, allow], line);
  }
  assert.equal((await api("HEAD /api/apps")).status, 405);
});

bothWays("a page of another origin may call it, with the documented headers only", {}, async ({ api, fetch, baseUrl }) => {
  const response = await fetch(`${baseUrl}/api/apps`, {
    method: "OPTIONS",
    headers: { origin: "https://app.example", "access-control-request-method": "GET", "access-control-request-headers": "x-api-key" },
  });
  assert.equal(response.status, 204);
  assert.equal(await response.text(), "");
  assert.equal(response.headers.get("access-control-allow-origin"), "*");
  const allowed = response.headers.get("access-control-allow-headers").split(", ");
  assert.deepEqual(allowed, ["x-api-key", "authorization", "content-type", "x-workspace-id", "accept"]);

  const { headers } = await api("GET /api/apps", undefined, { headers: { "x-api-key": "lma_wrong" } });
  assert.equal(headers.get("access-control-allow-origin"), "*");
  assert.match(headers.get("access-control-expose-headers"), /Retry-After/);
});

test("a path before it", async (t) => {
  const { sim, api } = simulate(t, { basePath: "/lamina" });
  assert.match(sim.baseUrl, /\/lamina$/);
  assert.equal((await api("GET /api/apps")).status, 200);
  assert.equal(sim.ledger.requests[0].path, "/api/apps");
  assert.equal((await sim.fetch("http://x.example/api/apps")).status, 404);
});
