// Webhooks: really signed, really delivered, again when they are not taken.

import assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";
import { createServer } from "node:http";
import { test } from "node:test";
import { createSimulator, signWebhook } from "../../pkg-template/simulator/index.js";
import { CARTOONIFY, caller, fixture, simulate, until } from "./helpers.mjs";

const HOOK = "https://hooks.example/lamina?token=a%20b";
const query = `?webhook=${encodeURIComponent(HOOK)}`;

/** Whether a delivery is signed by one of these keys: by Node's own crypto, not the simulator's. */
function isSigned({ headers, body }, keys) {
  const message = Buffer.from(`${headers["x-lamina-webhook-timestamp"]}.${body}`);
  const signature = Buffer.from(headers["x-lamina-webhook-signature"], "hex");
  return keys.some((key) => verify(null, message, createPublicKey({ key, format: "jwk" }), signature));
}

test("a signature is the vector's", async () => {
  const { body, timestamp, signatureHex, jwk, privateSeedHex } = fixture("webhook-vector");
  const key = { ...jwk, d: Buffer.from(privateSeedHex, "hex").toString("base64url") };
  for (const content of [{ body, timestamp, key }, { body: Buffer.from(body), timestamp: Number(timestamp) }]) {
    const headers = await signWebhook(content);
    assert.equal(headers["x-lamina-webhook-signature"], signatureHex);
    assert.equal(headers["x-lamina-webhook-timestamp"], timestamp);
  }
  const sim = createSimulator();
  const own = await sim.signWebhook({ body, timestamp, requestId: "x" });
  assert.equal(own["x-lamina-webhook-signature"], signatureHex);
  assert.equal(own["x-lamina-webhook-request-id"], "x");
  assert.ok(own["x-lamina-webhook-user-id"]);
  for (const given of [body, {}, { body: JSON.parse(body) }]) await assert.rejects(sim.signWebhook(given), /raw body/);
});

test("the same JSON as a look, once the execution has ended, with the documented headers", async (t) => {
  const { sim, api } = simulate(t, { speed: 200, webhookFetch: async () => new Response("ok") });
  const { keys } = (await api("GET /api/webhooks/signing-key")).body;
  for (const [path, look] of [
    [`/api/apps/${CARTOONIFY}/executions`, "/api/executions"],
    [`/v1/apps/${CARTOONIFY}/runs`, "/v1/runs"],
  ]) {
    sim.ledger.clear();
    const started = (await api(`POST ${path}${query}`, { inputs: { Style: "Ghibli" } })).body.data;
    const id = started.executionId ?? started.runId;
    assert.equal(started.webhookUrl, HOOK);
    const [delivery] = await until(() => sim.ledger.webhooks[0]?.status && sim.ledger.webhooks);
    assert.deepEqual([delivery.url, delivery.attempt, delivery.status, delivery.executionId], [HOOK, 1, 200, id]);
    assert.equal(delivery.body, (await api(`GET ${look}/${id}`)).text);
    assert.equal(delivery.headers["content-type"], "application/json");
    assert.equal(delivery.headers["x-lamina-webhook-request-id"], id);
    assert.match(delivery.headers["x-lamina-webhook-signature"], /^[0-9a-f]{128}$/);
    assert.ok(Math.abs(Number(delivery.headers["x-lamina-webhook-timestamp"]) - Date.now() / 1000) < 5);
    assert.ok(isSigned(delivery, keys));
    assert.ok(!isSigned({ ...delivery, body: `${delivery.body} ` }, keys));
  }
});

test("what is not taken comes three times more, signed afresh", async (t) => {
  const answers = [500, new Error("refused"), 302, 404];
  const at = [];
  const { sim, api } = simulate(t, {
    speed: 1000,
    now: () => 1_700_000_000_000 + performance.now() * 1000,
    webhookFetch: async () => {
      at.push(performance.now());
      const answer = answers[at.length - 1];
      if (answer instanceof Error) throw answer;
      return new Response(null, { status: answer });
    },
  });
  await api(`POST /api/apps/${CARTOONIFY}/executions${query}`, { inputs: {} });
  const deliveries = await until(() => sim.ledger.webhooks[3]?.status && sim.ledger.webhooks);
  assert.deepEqual(deliveries.map(({ attempt, status, error }) => [attempt, status ?? error]), [
    [1, 500],
    [2, "refused"],
    [3, 302],
    [4, 404],
  ]);
  // 5 s, 30 s and 2 min, a thousand times faster.
  const gaps = at.slice(1).map((time, i) => time - at[i]);
  for (const [i, gap] of [5, 30, 120].entries()) assert.ok(gaps[i] >= gap - 1 && gaps[i] < gap + 1000, gaps.join());
  assert.equal(new Set(deliveries.map(({ body }) => body)).size, 1);
  const signatures = deliveries.map(({ headers }) => headers["x-lamina-webhook-signature"]);
  assert.equal(new Set(signatures).size, 4);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(sim.ledger.webhooks.length, 4);
});

test("failed and cancelled executions are told too", async (t) => {
  const { sim, api } = simulate(t, { webhookFetch: async () => new Response("ok") });
  const { runId } = (await api(`POST /v1/apps/${CARTOONIFY}/runs${query}`, { inputs: { Style: "Ghibli" } })).body.data;
  await api(`POST /v1/runs/${runId}/cancel`);
  const [delivery] = await until(() => sim.ledger.webhooks.length > 0 && sim.ledger.webhooks);
  assert.equal(JSON.parse(delivery.body).data.status, "cancelled");
});

test("an endpoint on a real port, which at first does not answer in time", async (t) => {
  const bodies = [];
  const server = createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    bodies.push({ headers: request.headers, body: Buffer.concat(pieces).toString() });
    if (bodies.length > 1) response.end("ok");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { sim, api } = simulate(t, { speed: 1000 });
  const hook = encodeURIComponent(`http://127.0.0.1:${server.address().port}/hook`);
  await api(`POST /api/apps/${CARTOONIFY}/executions?webhook=${hook}`, { inputs: {} });
  await until(() => sim.ledger.webhooks[1]?.status === 200);
  // At the highest speeds a second of real time is left.
  assert.match(sim.ledger.webhooks[0].error, /abort/i);
  const { keys } = (await api("GET /v1/webhooks/signing-key")).body;
  assert.ok(isSigned(bodies[1], keys));
});

test("a key of one's own is the one that is published", async (t) => {
  // The second test key of RFC 8032.
  const signingKey = {
    kty: "OKP",
    crv: "Ed25519",
    d: Buffer.from("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "hex").toString("base64url"),
    x: Buffer.from("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "hex").toString("base64url"),
    kid: "mine",
  };
  const { sim } = simulate(t, { signingKey });
  const { keys } = (await caller(sim)("GET /api/webhooks/signing-key")).body;
  assert.equal(keys[0].kid, "mine");
  const headers = await sim.signWebhook({ body: "{}" });
  assert.ok(isSigned({ headers, body: "{}" }, keys));
});
