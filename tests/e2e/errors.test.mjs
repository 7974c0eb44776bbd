// What each reply that is no success becomes.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { installPackage } from "../support/install.mjs";
import { APP_ID, EXECUTION_ID, KEY, paths } from "../support/payloads.mjs";
import { json, redirect, startServer, text } from "../support/scripted-server.mjs";
import { rejection } from "../support/settle.mjs";

const { Lamina, LaminaError, isLaminaError } = await (await installPackage()).import();

async function errorOf(t, answer, options = {}, call = (lamina) => lamina.listApps()) {
  const server = await startServer(t);
  server.on("*", answer);
  const lamina = new Lamina({ apiKey: KEY, baseUrl: server.url, maxRetries: 0, ...options });
  const error = await rejection(call(lamina));
  assert.ok(error instanceof LaminaError && error instanceof Error && isLaminaError(error));
  assert.equal(error.name, "LaminaError");
  assert.match(error.stack, /LaminaError/);
  assert.equal(server.requests.length, 1);
  assert.equal(error.attempts, 1);
  return error;
}

/** Status, body's text: the code, and whether the same call may be tried again. */
const BY_STATUS = [
  [400, "Invalid inputs", "VALIDATION_ERROR", false],
  [401, "Invalid API key", "AUTH_INVALID_KEY", false],
  [401, "Missing API key", "AUTH_MISSING_KEY", false],
  [403, "Workspace header does not match API key workspace scope", "FORBIDDEN", false],
  [404, "App not found", "NOT_FOUND", false],
  [422, "Unknown parameter", "VALIDATION_ERROR", false],
  [429, "Slow down", "RATE_LIMITED", true],
  [500, "Unexpected", "INTERNAL_ERROR", true],
  [501, "Not here", "INTERNAL_ERROR", true],
  [502, "Bad gateway", "INTERNAL_ERROR", true],
  [503, "Down", "RESOURCE_UNAVAILABLE", true],
  [504, "Gateway time-out", "INTERNAL_ERROR", true],
  [599, "?", "INTERNAL_ERROR", true],
  [402, "Pay", "API_ERROR", false],
  [405, "No", "API_ERROR", false],
  [408, "Late", "API_ERROR", true],
  [409, "Conflict", "API_ERROR", false],
  [410, "Gone", "API_ERROR", false],
  [413, "Large", "API_ERROR", false],
  [418, "Teapot", "API_ERROR", false],
  [451, "Law", "API_ERROR", false],
];

/** The codes of /v1 with their statuses. */
const BY_CODE = [
  ["AUTH_MISSING_KEY", 401, false],
  ["AUTH_INVALID_KEY", 401, false],
  ["AUTH_INVALID_CONTEXT", 401, false],
  ["AUTH_FAILED", 500, true],
  ["FORBIDDEN", 403, false],
  ["NOT_FOUND", 404, false],
  ["VALIDATION_ERROR", 400, false],
  ["RATE_LIMITED", 429, true],
  ["WEBHOOK_INVALID_URL", 400, false],
  ["WEBHOOK_INVALID_SECRET", 401, false],
  ["RESOURCE_UNAVAILABLE", 503, true],
  ["INTERNAL_ERROR", 500, true],
];

describe("errors", { concurrency: 8 }, () => {
  for (const [status, message, code, retryable] of BY_STATUS) {
    test(`status ${status} (${message}) is ${code}`, async (t) => {
      const error = await errorOf(t, json({ error: message }, status));
      assert.deepEqual(
        { code: error.code, status: error.status, message: error.message, retryable: error.retryable },
        { code, status, message, retryable },
      );
    });
  }

  for (const [code, status, retryable] of BY_CODE) {
    test(`the server's ${code} is taken as it is`, async (t) => {
      const body = { error: `About ${code}`, code, retryable, requestId: "req-1" };
      for (const apiVersion of ["v1", "api"]) {
        const error = await errorOf(t, json(body, status), { apiVersion });
        assert.deepEqual(
          [error.code, error.status, error.message, error.retryable, error.requestId],
          [code, status, body.error, retryable, "req-1"],
        );
      }
    });
  }

  for (const code of ["SOMETHING_NEW", "INTERNAL_PANIC", "TIMEOUT", "", 42, null, "__proto__"]) {
    test(`a server's code ${JSON.stringify(code)} does not become ours: the status decides`, async (t) => {
      const error = await errorOf(t, json({ error: "x", code }, 404));
      assert.equal(error.code, "NOT_FOUND");
    });
  }

  test("details are given as the server sent them, whatever their shape", async (t) => {
    for (const details of [['"Location": invalid option "Mars". Must be one of: Studio, Urban'], { errors: [{ field: "a", got: 1 }] }, "text", 0]) {
      const error = await errorOf(t, json({ error: "Invalid inputs", details }, 400));
      assert.deepEqual(error.details, details);
    }
    assert.equal((await errorOf(t, json({ error: "x" }, 400))).details, undefined);
  });

  test("the request id comes from the body, else from X-Request-Id", async (t) => {
    const header = { "x-request-id": "of-header" };
    assert.equal((await errorOf(t, json({ error: "x", requestId: "of-body" }, 500, header))).requestId, "of-body");
    assert.equal((await errorOf(t, json({ error: "x" }, 500, header))).requestId, "of-header");
    assert.equal((await errorOf(t, text("<html>", 502, header))).requestId, "of-header");
    assert.equal((await errorOf(t, json({ error: "x" }, 500))).requestId, undefined);
  });

  test("retryAfterMs says what the server asked for: by the header, else by the body", async (t) => {
    assert.equal((await errorOf(t, json({ error: "x" }, 429, { "retry-after": "7" }))).retryAfterMs, 7_000);
    assert.equal((await errorOf(t, json({ error: "x", retryAfter: 9 }, 429))).retryAfterMs, 9_000);
    assert.equal((await errorOf(t, json({ error: "x" }, 503, { "retry-after": "2" }))).retryAfterMs, 2_000);
    assert.equal((await errorOf(t, json({ error: "x" }, 429))).retryAfterMs, undefined);
    const inHalfAMinute = new Date(Date.now() + 30_000).toUTCString();
    const { retryAfterMs } = await errorOf(t, json({ error: "x" }, 429, { "retry-after": inHalfAMinute }));
    assert.ok(retryAfterMs > 28_000 && retryAfterMs <= 31_000, `${retryAfterMs}`);
  });

  test("a text body is the message", async (t) => {
    const words = "Too many requests from this IP, please try again in a minute";
    const error = await errorOf(t, text(words, 429));
    assert.deepEqual([error.code, error.message], ["RATE_LIMITED", words]);
  });

  test("a proxy's HTML page is not dumped into the message", async (t) => {
    const page = `<!DOCTYPE html><html><head><title>502</title></head><body>${"<p>bad gateway</p>".repeat(2000)}</body></html>`;
    for (const contentType of ["text/html", "application/json", "text/plain"]) {
      const error = await errorOf(t, text(page, 502, { "content-type": contentType }));
      assert.equal(error.code, "INTERNAL_ERROR");
      assert.ok(error.message.length > 0 && error.message.length < 300, error.message);
      assert.doesNotMatch(error.message, /<p>/);
    }
  });

  for (const [name, answer] of [
    ["an empty body", text("", 500)],
    ["null", json(null, 500)],
    ["a number", json(7, 500)],
    ["an array", json([{ error: "x" }], 500)],
    ["an error that is an object", json({ error: { message: "inner" } }, 500)],
    ["an error that is a number", json({ error: 5, code: ["x"], requestId: {}, details: null, retryable: "yes" }, 500)],
    ["half an object", text('{"error": "brok', 500)],
  ]) {
    test(`an error status with ${name} is still its code, with a message`, async (t) => {
      const error = await errorOf(t, answer);
      assert.equal(error.code, "INTERNAL_ERROR");
      assert.equal(error.status, 500);
      assert.equal(typeof error.message, "string");
      assert.notEqual(error.message, "");
      assert.equal(typeof error.retryable, "boolean");
    });
  }

  test("the whole of an error survives JSON, without its cause", async (t) => {
    const error = await errorOf(t, json({ error: "No", code: "FORBIDDEN", retryable: false, requestId: "r", details: ["d"] }, 403));
    const plain = JSON.parse(JSON.stringify(error));
    assert.deepEqual(
      { code: plain.code, status: plain.status, requestId: plain.requestId, retryable: plain.retryable, details: plain.details, attempts: plain.attempts },
      { code: "FORBIDDEN", status: 403, requestId: "r", retryable: false, details: ["d"], attempts: 1 },
    );
  });

  for (const status of [300, 301, 302, 303, 304, 305, 307, 308, 399]) {
    test(`a ${status} is INVALID_RESPONSE, and nobody follows it`, async (t) => {
      const target = await startServer(t);
      target.on("*", json({ data: [] }));
      const server = await startServer(t);
      server.on("*", redirect(`${target.url}/api/apps`, status));
      const lamina = new Lamina({ apiKey: KEY, baseUrl: server.url });
      for (const call of [() => lamina.listApps(), () => lamina.execute(APP_ID, {}), () => lamina.waitForExecution(EXECUTION_ID)]) {
        const error = await rejection(call(), "INVALID_RESPONSE");
        assert.equal(error.retryable, false);
      }
      assert.equal(server.requests.length, 3);
      assert.equal(target.requests.length, 0);
    });
  }

  test("the error of a start is as typed as that of a look", async (t) => {
    const start = (lamina) => lamina.execute(APP_ID, { Location: "Mars" });
    const details = ['"Location": invalid option "Mars". Must be one of: Studio, Urban, Park'];
    const error = await errorOf(t, json({ error: "Invalid inputs", details }, 400), {}, start);
    assert.deepEqual([error.code, error.status, error.details], ["VALIDATION_ERROR", 400, details]);
    assert.equal(paths.start.startsWith("POST"), true);
  });
});
