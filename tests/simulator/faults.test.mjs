// Every fault, as a client meets it in the process and on a real port.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createSimulator } from "../../pkg-template/simulator/index.js";
import { CARTOONIFY, bothWays, caller, onceSeen, simulate } from "./helpers.mjs";

const LIST = "GET /api/apps";
const START = `POST /api/apps/${CARTOONIFY}/executions`;
const broken = (message) => (error) => error instanceof TypeError && error.message === message;
const timedOut = { name: "TimeoutError" };

bothWays("status: a bare one is an error of the API, or anything", {}, async ({ sim, api }) => {
  sim.fault({ kind: "status", status: 500, times: 1 });
  const { status, body } = await api(LIST);
  assert.deepEqual([status, body], [500, { error: "A fault of the simulator" }]);
  sim.fault({ kind: "status", status: 503, times: 1 });
  const c = await api("GET /v1/apps");
  assert.deepEqual([c.status, c.body.code, c.body.retryable], [503, "RESOURCE_UNAVAILABLE", true]);
  sim.fault({ kind: "status", status: 418, body: { x: 1 }, headers: { "X-Teapot": "yes" }, times: 1 });
  const own = await api(LIST);
  assert.deepEqual([own.status, own.body, own.headers.get("x-teapot")], [418, { x: 1 }, "yes"]);
  sim.fault({ kind: "status", status: 200, body: "plain", times: 1 });
  const plain = await api(LIST);
  assert.deepEqual([plain.status, plain.text, plain.body], [200, "plain", undefined]);
  assert.equal((await api(LIST)).status, 200);
});

bothWays("network: nothing is done, nothing is answered", {}, async ({ sim, api }) => {
  sim.fault({ kind: "network", times: 1 });
  await assert.rejects(api(START, { inputs: {} }), broken("fetch failed"));
  assert.equal(sim.ledger.starts.length, 0);
  assert.deepEqual([sim.ledger.requests[0].fault, sim.ledger.requests[0].status], ["network", undefined]);
});

bothWays("reset-after: the execution starts, its reply is lost", {}, async ({ sim, api }) => {
  sim.fault({ kind: "reset-after", operation: "execute", times: 1 });
  await assert.rejects(api(START, { inputs: {} }), broken("fetch failed"));
  assert.equal(sim.ledger.starts.length, 1);
  assert.equal(sim.executions.size, 1);
});

bothWays("processed: the same with any other fault", {}, async ({ sim, api }) => {
  sim.fault({ kind: "status", status: 502, processed: true, times: 1 });
  assert.equal((await api(START, { inputs: {} })).status, 502);
  sim.fault({ kind: "stall", processed: true, times: 1 });
  await assert.rejects(api(START, { inputs: {} }, { signal: onceSeen(sim) }), timedOut);
  assert.equal(sim.ledger.starts.length, 2);
});

bothWays("stall: no answer until the caller gives up", {}, async ({ sim, api }) => {
  sim.fault({ kind: "stall", times: 1 });
  await assert.rejects(api(LIST, undefined, { signal: onceSeen(sim) }), timedOut);
  assert.equal((await api(LIST)).status, 200);
});

bothWays("stall-body: the head comes, the body never ends", {}, async ({ sim, fetch, baseUrl }) => {
  sim.fault({ kind: "stall-body", times: 1 });
  const controller = new AbortController();
  const { signal } = controller;
  const response = await fetch(`${baseUrl}/api/apps`, { headers: { "x-api-key": sim.apiKey }, signal });
  assert.equal(response.status, 200);
  setTimeout(() => controller.abort(new DOMException("given up", "TimeoutError")), 50);
  await assert.rejects(response.text(), timedOut);
});

bothWays("truncate: JSON that is cut off, with or without a broken connection", {}, async ({ sim, fetch, baseUrl }) => {
  const get = () => fetch(`${baseUrl}/api/apps`, { headers: { "x-api-key": sim.apiKey } });
  const whole = await (await get()).text();
  sim.fault({ kind: "truncate", times: 1 });
  assert.equal(await (await get()).text(), whole.slice(0, whole.length / 2));
  sim.fault({ kind: "truncate", at: 10, times: 1 });
  assert.equal(await (await get()).text(), whole.slice(0, 10));
  sim.fault({ kind: "truncate", reset: true, times: 1 });
  const response = await get();
  assert.equal(response.status, 200);
  await assert.rejects(response.text(), broken("terminated"));
});

bothWays("html, empty, corrupt-json: bodies that are no JSON", {}, async ({ sim, fetch, baseUrl }) => {
  const get = async () => {
    const response = await fetch(`${baseUrl}/api/apps`, { headers: { "x-api-key": sim.apiKey } });
    return [response.status, response.headers.get("content-type"), await response.text()];
  };
  const [, json, whole] = await get();
  sim.fault({ kind: "html", times: 1 });
  const [status, type, text] = await get();
  assert.deepEqual([status, type], [502, "text/html; charset=utf-8"]);
  assert.match(text, /<h1>502 Bad Gateway/);
  sim.fault({ kind: "html", status: 200, times: 1 });
  assert.equal((await get())[0], 200);
  sim.fault({ kind: "empty", times: 1 });
  assert.deepEqual((await get()).filter((part) => part !== null), [200, ""]);
  sim.fault({ kind: "corrupt-json", times: 1 });
  const [, sameType, corrupt] = await get();
  assert.equal(sameType, json);
  assert.equal(Buffer.byteLength(corrupt), Buffer.byteLength(whole));
  assert.throws(() => JSON.parse(corrupt), SyntaxError);
});

bothWays("latency: a pause in real time, with any other fault after it", { speed: 1000 }, async ({ sim, api }) => {
  sim.fault({ kind: "latency", ms: 30, times: 2 });
  sim.fault({ kind: "status", status: 500, after: 1, times: 1 });
  const timed = async () => {
    const start = performance.now();
    return [(await api(LIST)).status, performance.now() - start >= 29];
  };
  assert.deepEqual([await timed(), await timed()], [
    [200, true],
    [500, true],
  ]);
  assert.deepEqual(sim.ledger.requests.map(({ fault }) => fault), ["latency", "status"]);
  sim.fault({ kind: "latency", ms: 5000 });
  const started = performance.now();
  await assert.rejects(api(LIST, undefined, { signal: onceSeen(sim) }), timedOut);
  assert.ok(performance.now() - started < 3000);
});

bothWays("rate-limit: with Retry-After as seconds or as text", {}, async ({ sim, api }) => {
  sim.fault({ kind: "rate-limit", retryAfter: 3, times: 2 });
  const a = await api(LIST);
  assert.deepEqual([a.status, a.headers.get("retry-after"), a.body], [429, "3", undefined]);
  const c = await api("GET /v1/apps");
  assert.deepEqual([c.status, c.headers.get("retry-after"), c.body.retryAfter], [429, "3", 3]);
  const date = "Mon, 23 Mar 2026 12:22:40 GMT";
  sim.fault({ kind: "rate-limit", retryAfter: date, body: { error: "slow" }, times: 1 });
  const dated = await api(LIST);
  assert.deepEqual([dated.headers.get("retry-after"), dated.body], [date, { error: "slow" }]);
});

bothWays("redirect: not followed on demand", {}, async ({ sim, api }) => {
  sim.fault({ kind: "redirect", location: "/v1/apps", times: 2 });
  const manual = await api(LIST, undefined, { redirect: "manual" });
  assert.deepEqual([manual.status, manual.headers.get("location")], [302, "/v1/apps"]);
  await assert.rejects(api(LIST, undefined, { redirect: "error" }), broken("fetch failed"));
  assert.equal(sim.ledger.requests.length, 2);
});

bothWays("redirect: followed as the standard says", {}, async ({ sim, fetch, baseUrl }) => {
  const headers = { "x-api-key": sim.apiKey, "content-type": "application/json" };
  sim.fault({ kind: "redirect", location: `${baseUrl}/v1/apps`, status: 302, method: "POST" });
  const response = await fetch(`${baseUrl}/api/apps`, { method: "POST", headers, body: "{}" });
  assert.deepEqual([response.status, response.redirected, response.url], [200, true, `${baseUrl}/v1/apps`]);
  assert.deepEqual(sim.ledger.requests.map(({ method, path, body }) => [method, path, body]), [
    ["POST", "/api/apps", "{}"],
    ["GET", "/v1/apps", ""],
  ]);
});

test("redirect: the ledger shows what another host would have been sent", async (t) => {
  const { sim } = simulate(t);
  sim.fault({ kind: "redirect", location: "https://evil.example/api/apps", times: 1 });
  const headers = { "x-api-key": sim.apiKey, authorization: "Bearer x" };
  await sim.fetch("https://app.uselamina.ai/api/apps", { headers });
  const [, second] = sim.ledger.requests;
  assert.equal(second.url, "https://evil.example/api/apps");
  assert.deepEqual([second.headers["x-api-key"], second.headers.authorization], [sim.apiKey, undefined]);
});

test("a rule names its requests, and counts", async (t) => {
  const { sim, api } = simulate(t);
  const statuses = async (...lines) => {
    const seen = [];
    for (const line of lines) seen.push((await api(line)).status);
    return seen;
  };
  const remove = sim.fault({ kind: "status", status: 500, path: "/v1/", method: "get" });
  assert.deepEqual(await statuses(LIST, "GET /v1/apps", "POST /v1/nope", "OPTIONS /v1/apps"), [200, 500, 404, 204]);
  remove();
  sim.fault({ kind: "status", status: 500, path: /apps$/g });
  assert.deepEqual(await statuses(LIST, LIST, `${LIST}/x`), [500, 500, 404]);
  sim.clearFaults();
  sim.fault({ kind: "status", status: 500, operation: "listApps", after: 1, times: 2 });
  assert.deepEqual(await statuses(LIST, LIST, "GET /api/apps/x", LIST, LIST), [200, 500, 404, 500, 200]);
  sim.fault({ kind: "status", status: 500, times: 1 });
  sim.fault({ kind: "status", status: 501, times: 1 });
  assert.deepEqual(await statuses(LIST, LIST, LIST), [500, 501, 200]);
});

test("probability goes by the seed", async () => {
  const statuses = async (seed) => {
    const sim = createSimulator({ seed, faults: [{ kind: "status", status: 500, probability: 0.5 }] });
    const api = caller(sim);
    const seen = [];
    for (let i = 0; i < 40; i++) seen.push((await api(LIST)).status);
    return seen.join();
  };
  const first = await statuses(7);
  assert.equal(await statuses(7), first);
  assert.notEqual(await statuses(8), first);
  const struck = first.split("500").length - 1;
  assert.ok(struck > 8 && struck < 32, first);
});

test("a rule that cannot be is refused at once", () => {
  const refused = (fault, message) => assert.throws(() => createSimulator({ faults: [fault] }), { message });
  refused({ kind: "nope" }, /kind is one of status, network/);
  refused({ kind: "latency" }, /needs "ms"/);
  refused({ kind: "status", status: 99 }, /from 200 to 599/);
  assert.throws(() => createSimulator({ speed: 0 }), RangeError);
  assert.throws(() => createSimulator({ rateLimit: { limit: -1 } }), RangeError);
  assert.throws(() => createSimulator({ apps: [{}] }), TypeError);
});
