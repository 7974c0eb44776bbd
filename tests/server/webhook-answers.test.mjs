// What createWebhookHandler answers to what cannot be handled: the sender is told a status, the log the reason.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, test } from "node:test";
import { installPackage } from "../support/install.mjs";
import { json, stall, startServer } from "../support/scripted-server.mjs";
import { sleep, within } from "../support/settle.mjs";
import { bodyOf, delivery, ID, KEY, OTHER, seconds } from "./vectors/deliveries.mjs";
import { backEnd } from "./vectors/endpoint.mjs";

const installed = await installPackage();
const { Lamina } = await installed.import();
const { createWebhookHandler } = await installed.import("/server");

const good = (how) => delivery(bodyOf(), { timestamp: seconds(), requestId: ID, ...how });
const withHeader = (name, value) => {
  const given = good();
  return { ...given, headers: { ...given.headers, [name]: value } };
};

/** A handler on a port that knows the key, without a server that it would have to ask. */
async function setUp(t, options) {
  const { hook } = await backEnd(t);
  return hook({ keys: { keys: [KEY.jwk] }, ...options });
}

/** Whole silence: no body, and no header that speaks of anything. */
async function refused({ post, errors, handled }, given, status, code) {
  errors.length = 0;
  const response = await post(given);
  assert.deepEqual([response.status, await response.text(), response.headers.get("cache-control")], [status, "", "no-store"]);
  const names = [...response.headers.keys()].filter((name) => !["cache-control", "connection", "content-length", "date", "keep-alive", "transfer-encoding", "allow"].includes(name));
  assert.deepEqual([names, errors.map((error) => error.code), handled], [[], code ? [code] : [], []]);
}

describe("400, and onError hears which check it was", { concurrency: 4 }, () => {
  const cases = {
    "signed by another key": [good({ key: OTHER }), "WEBHOOK_INVALID_SIGNATURE"],
    "with another body": [{ ...good(), body: bodyOf(ID, { status: "failed" }) }, "WEBHOOK_INVALID_SIGNATURE"],
    "without a body": [{ ...good(), body: "" }, "WEBHOOK_INVALID_SIGNATURE"],
    "of six minutes ago": [good({ timestamp: seconds() - 360 }), "WEBHOOK_EXPIRED"],
    "of six minutes ahead": [good({ timestamp: seconds() + 360 }), "WEBHOOK_EXPIRED"],
    "with a signature that is none": [withHeader("x-lamina-webhook-signature", "abc"), "WEBHOOK_MALFORMED"],
    "with a time that is none": [withHeader("x-lamina-webhook-timestamp", "1e9"), "WEBHOOK_MALFORMED"],
    "of another execution than its head says": [good({ requestId: "another" }), "WEBHOOK_MALFORMED"],
    "without any header": [{ body: bodyOf() }, "WEBHOOK_MALFORMED"],
    "that is signed, and no execution": [delivery("{}", { timestamp: seconds() }), "WEBHOOK_MALFORMED"],
    "that is signed, and no JSON": [delivery("x", { timestamp: seconds() }), "WEBHOOK_MALFORMED"],
  };
  for (const [what, [given, code]] of Object.entries(cases)) {
    test(`what comes ${what}: ${code}`, async (t) => refused(await setUp(t), given, 400, code));
  }

  test("the tolerance is the handler's", async (t) => {
    await refused(await setUp(t, { toleranceMs: 10_000 }), good({ timestamp: seconds() - 60 }), 400, "WEBHOOK_EXPIRED");
    const wide = await setUp(t, { toleranceMs: 1_000_000 });
    assert.equal(await wide.status(good({ timestamp: seconds() - 360 })), 200);
  });

  test("a log that throws or rejects changes nothing", async (t) => {
    for (const onError of [() => { throw new Error("disk full"); }, async () => { throw new Error("disk full"); }]) {
      const { status } = await setUp(t, { onError });
      assert.equal(await status(good({ key: OTHER })), 400);
    }
    await sleep(20);
  });
});

describe("other refusals", { concurrency: 4 }, () => {
  test("405 for other methods, and POST is named", async (t) => {
    const hook = await setUp(t);
    for (const method of ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
      const { body, headers } = good();
      const response = await hook.post({ method, headers, ...(/GET|HEAD/.test(method) ? {} : { body }) });
      assert.deepEqual([response.status, response.headers.get("allow"), await response.text()], [405, "POST", ""]);
    }
    assert.deepEqual([hook.errors, hook.handled], [[], []]);
  });

  test("413 for what is far larger than an execution, read no further", async (t) => {
    const hook = await setUp(t);
    assert.equal(await hook.status(delivery(bodyOf(ID, { note: "x".repeat(8_388_608 - 200) }), { timestamp: seconds() })), 200);
    hook.handled.length = 0;
    await refused(hook, { ...good(), body: Buffer.alloc(8_388_609, " ") }, 413);
    let pieces = 0;
    const body = new ReadableStream({ pull: (controller) => (pieces++, controller.enqueue(new Uint8Array(1_048_576))) }, { highWaterMark: 0 });
    const request = new Request("https://hooks.example/", { method: "POST", body, duplex: "half", headers: good().headers });
    assert.equal((await within(10_000, hook.handler(request))).status, 413);
    assert.ok(pieces <= 10, `${pieces}`);
  });

  const asked = async (t, answer, options) => {
    const server = await startServer(t);
    server.on("GET /api/webhooks/signing-key", answer);
    const client = new Lamina({ apiKey: "k", baseUrl: server.url, maxRetries: 0, ...options });
    return { ...(await setUp(t, { client, keys: undefined })), client };
  };
  for (const [what, answer, code] of [["down", json({ error: "down" }, 503), "RESOURCE_UNAVAILABLE"], ["too busy", json({ error: "busy" }, 429), "RATE_LIMITED"], ["of another mind about the API key", json({ error: "Invalid API key" }, 401), "AUTH_INVALID_KEY"]]) {
    test(`503 while the service that has the keys is ${what}: the delivery is to come again`, async (t) => refused(await asked(t, answer), good(), 503, code));
  }
  test("503 before Lamina gives up, though the keys do not come", async (t) => {
    const hook = await asked(t, stall(), { timeoutMs: 200, attemptTimeoutMs: 200 });
    await refused(hook, good(), 503, "TIMEOUT");
  });

  test("503 by answerWithinMs, whatever the client's own time, and whatever does not come: keys or the body", async (t) => {
    const hook = await asked(t, stall());
    const handler = createWebhookHandler({ client: hook.client, answerWithinMs: 100 });
    const request = (body) => new Request("https://hooks.example/", { method: "POST", headers: good().headers, body, duplex: "half" });
    for (const body of [good().body, new ReadableStream()]) assert.equal((await within(5_000, handler(request(body)))).status, 503);
  });

  test("400 for a body that breaks off, and nothing is handled", async (t) => {
    const { url, handled } = await setUp(t);
    const { port, pathname } = new URL(url);
    const { body, headers } = good();
    const head = Object.entries({ ...headers, host: "x", "content-length": String(body.length + 1) }).map(([name, value]) => `${name}: ${value}\r\n`);
    const socket = connect(Number(port), "127.0.0.1");
    socket.on("error", () => {}).write(`POST ${pathname} HTTP/1.1\r\n${head.join("")}\r\n${body}`);
    await sleep(50);
    socket.end();
    await new Promise((resolve) => socket.on("close", resolve).resume());
    await sleep(50);
    assert.deepEqual(handled, []);
  });
});

test("a client that only verifies is enough, and gets the raw bytes and the headers", async () => {
  const seen = [];
  const client = {
    async verifyWebhook(given, options) {
      seen.push([new TextDecoder().decode(given.body), given.headers.get("x-a"), options]);
      return { requestId: "e", execution: { executionId: "e", status: "completed" } };
    },
  };
  const handler = createWebhookHandler({ client, keys: "key", toleranceMs: 5 });
  const response = await handler(new Request("https://hooks.example/", { method: "POST", body: " {ä} ", headers: { "x-a": "b" } }));
  assert.equal(response.status, 200);
  assert.deepEqual(seen, [[" {ä} ", "b", { keys: "key", toleranceMs: 5 }]]);
});
