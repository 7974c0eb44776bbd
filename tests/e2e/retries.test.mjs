// What is tried again, how often, and after which pause.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { installPackage } from "../support/install.mjs";
import { APP_ID, KEY, STARTED, SUMMARY } from "../support/payloads.mjs";
import { data, json, reset, stall, stallBody, startServer, text, truncate } from "../support/scripted-server.mjs";
import { assertBetween, outcome, rejection } from "../support/settle.mjs";

const { Lamina } = await (await installPackage()).import();

const list = (lamina, options) => lamina.listApps(options);
const start = (lamina, options) => lamina.execute(APP_ID, { Style: "x" }, options);
const OK = { get: data([SUMMARY]), post: data(STARTED, 202) };

async function setUp(t, answers, options = {}) {
  const server = await startServer(t);
  server.on("*", ...answers);
  return { server, lamina: new Lamina({ apiKey: KEY, baseUrl: server.url, ...options }) };
}

const v1 = (code, status, retryable = true) => json({ error: "x", code, retryable, requestId: "r" }, status);

/** What happens to an attempt; whether a read is tried again; whether a start is. */
const TABLE = [
  ["a reset connection", reset(), true, false],
  ["a body that breaks off", truncate(), true, false],
  ["an attempt that stalls", stall(), true, false],
  ["a body that stalls", stallBody(), true, false],
  ["408", json({ error: "x" }, 408), true, false],
  ["500", json({ error: "x" }, 500), true, false],
  ["500 INTERNAL_ERROR", v1("INTERNAL_ERROR", 500), true, false],
  ["500 AUTH_FAILED", v1("AUTH_FAILED", 500), true, true],
  ["502 with a page", text("<html>", 502), true, false],
  ["503 without a code", json({ error: "x" }, 503), true, false],
  ["503 with another code", v1("INTERNAL_ERROR", 503), true, false],
  ["503 as text", text("down", 503), true, false],
  ["503 RESOURCE_UNAVAILABLE", v1("RESOURCE_UNAVAILABLE", 503), true, true],
  ["504", json({ error: "x" }, 504), true, false],
  ["529", json({ error: "x" }, 529), true, false],
  ["429", text("Too many requests", 429, { "retry-after": "0" }), true, true],
  ["429 RATE_LIMITED", json({ error: "x", code: "RATE_LIMITED", retryable: true, retryAfter: 0 }, 429), true, true],
  ...[400, 401, 402, 403, 404, 405, 409, 410, 422].map((status) => [`${status}`, json({ error: "x" }, status), false, false]),
  ["400 that calls itself retryable", v1("VALIDATION_ERROR", 400, true), false, false],
  ["401 with Retry-After", json({ error: "x" }, 401, { "retry-after": "0" }), false, false],
];

describe("retries", { concurrency: 8 }, () => {
  for (const [what, answer, read, started] of TABLE) {
    for (const [kind, call, ok, again] of [["a read", list, OK.get, read], ["execute", start, OK.post, started]]) {
      test(`${kind} after ${what} is ${again ? "" : "not "}tried again`, async (t) => {
        const { server, lamina } = await setUp(t, [answer, ok], { attemptTimeoutMs: 300 });
        const { error } = await outcome(call(lamina));
        assert.equal(server.requests.length, again ? 2 : 1);
        if (again) assert.equal(error, undefined);
        else assert.equal(error.attempts, 1);
      });
    }
  }

  for (const method of ["getApp", "getWorkflow", "getExecution"]) {
    test(`${method} is a read`, async (t) => {
      const { server, lamina } = await setUp(t, [reset(), json({ error: "no" }, 404)]);
      const error = await rejection(lamina[method]("x"), "NOT_FOUND");
      assert.equal(server.requests.length, 2);
      assert.equal(error.attempts, 2);
    });
  }

  test("an attempt that is repeated is the same, byte for byte", async (t) => {
    const { server, lamina } = await setUp(t, [v1("AUTH_FAILED", 500), OK.post], { headers: { "x-extra": "1" } });
    await lamina.execute(APP_ID, { a: "ä" }, { webhook: "https://me.example/h?x=1" });
    const [first, second] = server.requests.map(({ method, url, headers, body }) => ({ method, url, headers, body }));
    assert.deepEqual(second, first);
  });

  for (const [maxRetries, attempts] of [[undefined, 4], [0, 1], [1, 2]]) {
    test(`maxRetries ${maxRetries ?? "by default"} makes ${attempts} attempts, and the error counts them`, async (t) => {
      const { server, lamina } = await setUp(t, [json({ error: "x" }, 500)], maxRetries === undefined ? {} : { maxRetries });
      const error = await rejection(list(lamina), "INTERNAL_ERROR");
      assert.equal(server.requests.length, attempts);
      assert.equal(error.attempts, attempts);
    });

    test(`maxRetries ${maxRetries ?? "left out"} of a call goes before the client's`, async (t) => {
      const { server, lamina } = await setUp(t, [json({ error: "x" }, 500)], { maxRetries: 0 });
      await rejection(list(lamina, { maxRetries }), "INTERNAL_ERROR");
      assert.equal(server.requests.length, (maxRetries ?? 0) + 1);
    });
  }

  test("the pause doubles from 500 ms, by a factor between a half and one", async (t) => {
    const { server, lamina } = await setUp(t, [json({ error: "x" }, 502)]);
    const { ms } = await outcome(() => list(lamina));
    [[250, 500], [500, 1000], [1000, 2000]].forEach(([least, most], index) => {
      assertBetween(server.gaps[index], least, most + 300, `pause ${index + 1}`);
    });
    assertBetween(ms, 1750, 4400);
  });

  test("the pauses of clients that failed together are spread", async (t) => {
    const server = await startServer(t);
    server.on("*", json({ error: "x" }, 500));
    const times = await Promise.all(
      Array.from({ length: 12 }, () => outcome(list(new Lamina({ apiKey: KEY, baseUrl: server.url, maxRetries: 1 })))),
    );
    const all = times.map(({ ms }) => ms);
    assert.ok(Math.max(...all) - Math.min(...all) > 50, all.map(Math.round).join(" "));
  });

  describe("what the server asks for", () => {
    for (const [kind, call, ok] of [["a read", list, OK.get], ["execute", start, OK.post]]) {
      test(`${kind} waits for Retry-After in seconds, in full`, async (t) => {
        const { server, lamina } = await setUp(t, [text("slow", 429, { "retry-after": "1" }), ok]);
        await call(lamina);
        assertBetween(server.gaps[0], 1000, 1300);
      });

      test(`${kind} waits for the body's retryAfter, in full`, async (t) => {
        const { server, lamina } = await setUp(t, [json({ error: "x", code: "RATE_LIMITED", retryable: true, retryAfter: 1 }, 429), ok]);
        await call(lamina);
        assertBetween(server.gaps[0], 1000, 1300);
      });

      test(`${kind} waits until the date of Retry-After`, async (t) => {
        const until = Math.floor(Date.now() / 1000) * 1000 + 2000;
        const { server, lamina } = await setUp(t, [text("slow", 429, { "retry-after": new Date(until).toUTCString() }), ok]);
        await call(lamina);
        // A date is exact to the second, and the server's clock is the one that counts.
        assertBetween(performance.timeOrigin + server.requests[1].at, until - 5, until + 1150);
      });
    }

    test("the server's clock counts for a date: one that is an hour off breaks nothing", async (t) => {
      const its = Date.now() - 3_600_000;
      const headers = { date: new Date(its).toUTCString(), "retry-after": new Date(its + 1000).toUTCString() };
      const { server, lamina } = await setUp(t, [text("slow", 429, headers), OK.get]);
      await list(lamina);
      assertBetween(server.gaps[0], 1000, 1300);
    });

    test("a fraction of a second is waited for as it is", async (t) => {
      const { server, lamina } = await setUp(t, [text("slow", 429, { "retry-after": "0.4" }), OK.get]);
      await list(lamina);
      assertBetween(server.gaps[0], 400, 700);
    });

    test("Retry-After counts with 503 as well", async (t) => {
      const { server, lamina } = await setUp(t, [json({ error: "x" }, 503, { "retry-after": "1" }), OK.get]);
      await list(lamina);
      assertBetween(server.gaps[0], 1000, 1300);
    });

    for (const nonsense of ["soon", "-1", "NaN", ""]) {
      test(`Retry-After ${JSON.stringify(nonsense)} says nothing: the usual pause`, async (t) => {
        const { server, lamina } = await setUp(t, [json({ error: "x" }, 503, { "retry-after": nonsense }), OK.get]);
        await list(lamina);
        assertBetween(server.gaps[0], 250, 800);
      });
    }

    for (const [kind, call, ok] of [["a read", list, OK.get], ["execute", start, OK.post]]) {
      test(`${kind} after a 429 that does not say for how long: the usual pause`, async (t) => {
        const { server, lamina } = await setUp(t, [text("Too many requests", 429), ok]);
        await call(lamina);
        assertBetween(server.gaps[0], 250, 800);
      });
    }

    for (const [what, options, header] of [
      ["more than maxRetryAfterMs by default", {}, "61"],
      ["a date in a year", {}, new Date(Date.now() + 365 * 86_400_000).toUTCString()],
      ["more than maxRetryAfterMs", { maxRetryAfterMs: 500 }, "1"],
      ["more than the time left", { timeoutMs: 900 }, "1"],
    ]) {
      test(`${what} gets no retry: the call rejects at once with what the server said`, async (t) => {
        const { server, lamina } = await setUp(t, [text("slow", 429, { "retry-after": header })], options);
        const { error, ms } = await outcome(() => list(lamina));
        assert.equal(error.code, "RATE_LIMITED");
        assert.equal(server.requests.length, 1);
        assert.ok(ms < 300, `${ms}`);
        assert.equal(typeof error.retryAfterMs, "number");
        if (/^\d+$/.test(header)) assert.equal(error.retryAfterMs, Number(header) * 1000);
      });
    }

    test("a server that always asks is left alone after maxRetries", async (t) => {
      const { server, lamina } = await setUp(t, [text("slow", 429, { "retry-after": "0.1" })], { maxRetries: 2 });
      const error = await rejection(start(lamina), "RATE_LIMITED");
      assert.equal(server.requests.length, 3);
      assert.deepEqual([error.attempts, error.retryAfterMs], [3, 100]);
    });

    test("after a 429, no other call of the client is sent before its time", async (t) => {
      const { server, lamina } = await setUp(t, [text("slow", 429, { "retry-after": "1" }), OK.get]);
      const first = list(lamina);
      await new Promise((resolve) => setTimeout(resolve, 200));
      await Promise.all([first, lamina.listApps({ limit: 1 }), lamina.listApps({ limit: 2 })]);
      for (const { at } of server.requests.slice(1)) assertBetween(at - server.requests[0].at, 1000, 1400);
    });
  });
});
