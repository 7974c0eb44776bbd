// The documented limit: 100 requests in a minute under /v1, and whatever one asks for.

import assert from "node:assert/strict";
import { test } from "node:test";
import { bothWays, handClock, simulate } from "./helpers.mjs";

const limits = ({ headers }) => ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"].map((name) => headers.get(name));

test("as documented: none under /api, 100 a minute under /v1, in a window that slides", async (t) => {
  const clock = handClock();
  const { api } = simulate(t, { now: clock.now });
  for (let i = 0; i < 150; i++) assert.deepEqual(limits(await api("GET /api/apps")), [null, null, null]);
  for (let i = 0; i < 50; i++) assert.deepEqual(limits(await api("GET /v1/apps")), ["100", String(99 - i), "60"]);
  clock.move(30_000);
  for (let i = 0; i < 50; i++) assert.equal((await api("GET /v1/apps")).status, 200);

  const c = await api("GET /v1/apps");
  assert.equal(c.status, 429);
  assert.deepEqual([c.body.code, c.body.retryable, c.body.retryAfter], ["RATE_LIMITED", true, 30]);
  assert.equal(c.headers.get("retry-after"), "30");
  assert.deepEqual(limits(c), ["100", "0", "30"]);
  const b = await api("GET /v1/executions/x");
  assert.equal(b.status, 429);
  assert.equal(b.text, "Too many requests from this IP, please try again in a minute");
  assert.match(b.headers.get("content-type"), /^text\/plain/);

  clock.move(29_999);
  assert.equal((await api("GET /v1/apps")).status, 429);
  clock.move(1);
  // The first fifty have left the window.
  assert.deepEqual(limits(await api("GET /v1/apps")), ["100", "49", "30"]);
});

bothWays("a limit of one's own holds everywhere, before the key is looked at", { rateLimit: 2 }, async ({ api }) => {
  assert.deepEqual(limits(await api("GET /api/apps")), ["2", "1", "60"]);
  assert.equal((await api("GET /api/apps", undefined, { headers: { "x-api-key": "lma_wrong" } })).status, 401);
  const { status, text } = await api("GET /api/apps");
  assert.deepEqual([status, text], [429, "Too many requests from this IP, please try again in a minute"]);
  assert.equal((await api("OPTIONS /api/apps")).status, 204);
});

test("a window of one's own, and none", async (t) => {
  const { api } = simulate(t, { rateLimit: { limit: 1, windowMs: 40 } });
  assert.equal((await api("GET /api/apps")).status, 200);
  assert.equal((await api("GET /api/apps")).headers.get("retry-after"), "1");
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal((await api("GET /api/apps")).status, 200);

  for (const rateLimit of [false, Infinity, { limit: Infinity }]) {
    const { api: free } = simulate(t, { rateLimit });
    for (let i = 0; i < 120; i++) assert.deepEqual(limits(await free("GET /v1/apps")), [null, null, null]);
    assert.deepEqual((await free("GET /v1/account/usage")).body.data.rateLimit, { limit: 100, windowMs: 60_000 });
  }
});
