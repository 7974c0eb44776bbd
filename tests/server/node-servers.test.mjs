// Both handlers where Node's servers have them: node:http, Express, Fastify and HTTP/2, before and after parsers of bodies.

import assert from "node:assert/strict";
import { connect as connectHttp2, createServer as createHttp2 } from "node:http2";
import { describe, test } from "node:test";
import express from "express";
import fastify from "fastify";
import { installPackage } from "../support/install.mjs";
import { APP_ID, COMPLETED } from "../support/payloads.mjs";
import { listenOn, MOUNT, SECRET, send, serveLife, START } from "../support/proxied.mjs";
import { event, run, RUN_ID, stream, v1 } from "../support/runs.mjs";
import { data, startServer } from "../support/scripted-server.mjs";
import { rejection, within } from "../support/settle.mjs";
import { bodyOf, delivery, ID, KEY, seconds } from "./vectors/deliveries.mjs";

const installed = await installPackage();
const { Lamina } = await installed.import();
const { createProxyHandler, createWebhookHandler, toNodeHandler } = await installed.import("/server");

/** Both handlers, for a server that mounts them at `/api/lamina` and `/hooks/lamina`. */
async function setUp(t, proxyOptions) {
  const upstream = serveLife(await startServer(t));
  upstream.on(v1.stream, stream(event("progress", run("running")), event("complete", run("completed")), (response) => response.end()));
  const heard = { urls: [], executions: [], errors: [] };
  const proxy = createProxyHandler({
    apiKey: SECRET,
    baseUrl: upstream.url,
    authorize: ({ url, headers }) => (heard.urls.push(new URL(url).pathname), headers.get("cookie") !== "stranger"),
    onError: (error) => heard.errors.push(error),
    ...proxyOptions,
  });
  const webhook = createWebhookHandler({
    client: new Lamina({ apiKey: "k" }),
    keys: { keys: [KEY.jwk] },
    onExecution: ({ executionId }) => void heard.executions.push(executionId),
    onError: (error) => heard.errors.push(error),
  });
  return { upstream, heard, proxy: toNodeHandler(proxy), webhook: toNodeHandler(webhook) };
}

/** Express that does not write its refusals to the terminal. */
const app = () => express().set("env", "test");

/** How each mounts the two; the result is a port. */
const SERVERS = {
  "node:http": (t, { proxy, webhook }) => listenOn(t, (request, response) => (request.url.startsWith(MOUNT) ? proxy : webhook)(request, response)),
  Express: (t, { proxy, webhook }) => listenOn(t, app().use(MOUNT, proxy).post("/hooks/lamina", webhook)),
  "Express, a parser behind": (t, { proxy, webhook }) => listenOn(t, app().use(MOUNT, proxy).post("/hooks/lamina", webhook).use(express.json())),
  "Express, raw bytes": (t, { proxy, webhook }) => {
    const raw = express.raw({ type: "*/*", limit: "1mb" });
    return listenOn(t, app().use(MOUNT, raw, proxy).post("/hooks/lamina", raw, webhook));
  },
  "Express, text": (t, { proxy, webhook }) => {
    const text = express.text({ type: "*/*" });
    return listenOn(t, app().use(MOUNT, text, proxy).post("/hooks/lamina", text, webhook));
  },
  "Fastify, raw bytes": (t, { proxy, webhook }) => listenFastify(t, proxy, webhook, (server) => server.addContentTypeParser("application/json", { parseAs: "buffer" }, (_, body, done) => done(null, body))),
};

async function listenFastify(t, proxy, webhook, set = () => {}) {
  const server = fastify();
  set(server);
  server.all(`${MOUNT}/*`, proxy);
  server.post("/hooks/lamina", webhook);
  t.after(() => server.close());
  await server.listen({ port: 0, host: "127.0.0.1" });
  return server.server.address().port;
}

const deliver = (port, given = delivery(bodyOf(), { timestamp: seconds() })) => send(port, "POST", "/hooks/lamina", given);

for (const [name, mount] of Object.entries(SERVERS)) {
  describe(name, { concurrency: 4 }, () => {
    test("the proxy: a page lists, starts and waits; a stranger is refused", async (t) => {
      const parts = await setUp(t);
      const port = await mount(t, parts);
      const page = new Lamina({ proxyUrl: `http://127.0.0.1:${port}${MOUNT}` });
      const [app] = await page.listApps();
      assert.deepEqual(await page.run(app.appId, { "A  b ": "ä" }, { webhook: undefined }), COMPLETED);
      assert.equal(parts.upstream.requests[1].body, '{"inputs":{"A  b ":"ä"}}');
      assert.equal(parts.heard.urls[0], `${MOUNT}/api/apps`);
      const stranger = new Lamina({ proxyUrl: `http://127.0.0.1:${port}${MOUNT}`, headers: { cookie: "stranger" } });
      await rejection(stranger.listApps(), "FORBIDDEN");
      assert.equal((await send(port, "GET", `${MOUNT}/api/keys`)).status, 404);
      assert.deepEqual(parts.heard.errors, []);
    });

    test("the proxy: events of a stream come as they are sent", async (t) => {
      const parts = await setUp(t);
      const page = new Lamina({ proxyUrl: `http://127.0.0.1:${await mount(t, parts)}${MOUNT}`, apiVersion: "v1" });
      const heard = [];
      await page.waitForExecution(RUN_ID, { transport: "stream", onUpdate: ({ status }) => heard.push(status) });
      assert.deepEqual(heard, ["running", "completed"]);
    });

    test("the webhook: a delivery is 200 once, a forged one 400", async (t) => {
      const parts = await setUp(t);
      const port = await mount(t, parts);
      const given = delivery(bodyOf(ID, { outputs: [], note: "ä😀" }), { timestamp: seconds(), requestId: ID });
      assert.deepEqual([(await deliver(port, given)).status, (await deliver(port, given)).status], [200, 200]);
      assert.deepEqual(parts.heard.executions, [ID]);
      const forged = { ...given, body: Buffer.concat([given.body, Buffer.from(" ")]) };
      const { status, text } = await deliver(port, forged);
      assert.deepEqual([status, text, parts.heard.errors.map(({ code }) => code)], [400, "", ["WEBHOOK_INVALID_SIGNATURE"]]);
    });

    test("a body that is too large is refused, and the connection serves on", async (t) => {
      const parts = await setUp(t);
      const port = await mount(t, parts);
      const { status } = await within(10_000, send(port, "POST", `${MOUNT}/api/apps/${APP_ID}/executions`, { ...START, body: Buffer.alloc(1_500_000, " ") }));
      assert.equal(status, 413);
      assert.equal((await send(port, "GET", `${MOUNT}/api/apps`)).status, 200);
    });
  });
}

/** Where a parser has read the body before, and has made an object of it. */
const PARSED = {
  "Express, express.json() before": (t, { proxy, webhook }) => listenOn(t, app().use(express.json()).use(MOUNT, proxy).post("/hooks/lamina", webhook)),
  "Fastify as it is": (t, { proxy, webhook }) => listenFastify(t, proxy, webhook),
};

for (const [name, mount] of Object.entries(PARSED)) {
  describe(name, () => {
    test("the proxy works: a page's body is written anew in any case", async (t) => {
      const parts = await setUp(t);
      const page = new Lamina({ proxyUrl: `http://127.0.0.1:${await mount(t, parts)}${MOUNT}` });
      assert.deepEqual(await page.run(APP_ID, { "A  b ": "ä" }), COMPLETED);
      assert.equal(parts.upstream.requests[0].body, '{"inputs":{"A  b ":"ä"}}');
    });

    test("the webhook is 500, and the log says where to mount the handler", async (t) => {
      const parts = await setUp(t);
      const { status, text } = await within(5_000, deliver(await mount(t, parts)));
      assert.deepEqual([status, text, parts.heard.executions], [500, "", []]);
      const [error] = parts.heard.errors;
      assert.equal(error.code, "INVALID_ARGUMENT");
      assert.match(error.message, /raw bytes: mount the handler before express\.json\(\)/);
    });
  });
}

test("a body that something has read, and not kept, is refused and not waited for", async (t) => {
  const parts = await setUp(t);
  const port = await listenOn(t, async (request, response) => {
    for await (const _ of request) continue;
    await (request.url.startsWith(MOUNT) ? parts.proxy : parts.webhook)(request, response);
  });
  assert.equal((await within(5_000, deliver(port))).status, 500);
  assert.match(parts.heard.errors[0].message, /raw bytes/);
  const start = await within(5_000, send(port, "POST", `${MOUNT}/api/apps/${APP_ID}/executions`, START));
  assert.deepEqual([start.status, start.json.code], [400, "VALIDATION_ERROR"]);
});

for (const [name, address] of [["node:http", ({ socket }) => socket.remoteAddress], ["Express", ({ ip }) => ip], ["Fastify, raw bytes", ({ ip }) => ip]]) {
  test(`${name}: visitors may be told apart by what the server knows of them, and authorize sees it, too`, async (t) => {
    const seen = [];
    const tell = (request, host) => (seen.push(address(host)), address(host));
    const parts = await setUp(t, { authorize: (request, asked, host) => tell(request, host) !== undefined, rateLimit: { requestsPerMinute: 1, visitor: tell } });
    const port = await SERVERS[name](t, parts);
    const ask = async () => (await send(port, "GET", `${MOUNT}/api/apps`)).status;
    assert.deepEqual([await ask(), await ask()], [200, 429]);
    assert.deepEqual(seen, Array(4).fill("127.0.0.1"));
  });
}

test("HTTP/2 has both handlers, too", async (t) => {
  const parts = await setUp(t);
  parts.upstream.on("*", data([]));
  const server = createHttp2((request, response) => (request.url.startsWith(MOUNT) ? parts.proxy : parts.webhook)(request, response));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const client = connectHttp2(`http://127.0.0.1:${server.address().port}`);
  t.after(() => (client.close(), server.close()));
  const ask = (headers, body) =>
    new Promise((resolve, reject) => {
      const asked = client.request(headers);
      let status;
      asked.on("response", (head) => (status = head[":status"])).on("error", reject).on("end", () => resolve(status)).resume();
      asked.end(body);
    });
  const given = delivery(bodyOf(), { timestamp: seconds() });
  assert.equal(await ask({ ":path": `${MOUNT}/api/apps` }), 200);
  assert.equal(await ask({ ":path": `${MOUNT}/api/apps/${APP_ID}/executions`, ":method": "POST", ...START.headers }, START.body), 202);
  assert.equal(await ask({ ":path": "/hooks/lamina", ":method": "POST", ...given.headers }, given.body), 200);
  assert.deepEqual(parts.heard.executions, [ID]);
});

describe("toNodeHandler", () => {
  const listen = async (t, handler) => listenOn(t, toNodeHandler(handler));

  test("gives a handler what was sent, and sends what it answers", async (t) => {
    let seen;
    const port = await listen(t, async (request) => {
      seen = { method: request.method, url: request.url, header: request.headers.get("x-a"), body: await request.text() };
      const headers = new Headers({ "x-b": "b", "content-type": "text/plain" });
      headers.append("set-cookie", "a=1");
      headers.append("set-cookie", "b=2; HttpOnly");
      return new Response("größer 😀", { status: 299, headers });
    });
    const reply = await send(port, "PUT", "/a//b?c=%20d", { headers: { "x-a": ["1", "2"], host: "shop.example" }, body: "größer 😀" });
    assert.deepEqual(seen, { method: "PUT", url: "http://shop.example/a//b?c=%20d", header: "1, 2", body: "größer 😀" });
    assert.deepEqual([reply.status, reply.text, reply.headers["set-cookie"], reply.headers["x-b"]], [299, "größer 😀", ["a=1", "b=2; HttpOnly"], "b"]);
  });

  for (const [what, handler] of [["throws", () => { throw new Error("mine"); }], ["rejects", async () => { throw new Error("mine"); }], ["answers with nothing", async () => undefined]]) {
    test(`a handler that ${what} is an empty 500`, async (t) => {
      const { status, text } = await within(5_000, send(await listen(t, handler), "GET", "/"));
      assert.deepEqual([status, text], [500, ""]);
    });
  }

  test("a body that breaks off on its way breaks the connection: it is not taken for whole", async (t) => {
    const port = await listen(t, async () => new Response(new ReadableStream({ start: (controller) => (controller.enqueue(Buffer.from("half")), setTimeout(() => controller.error(new Error("mine")), 50)) })));
    await assert.rejects(within(5_000, send(port, "GET", "/")), /aborted|ECONNRESET|hang up/);
  });

  test("a body is made no faster than it is read", async (t) => {
    let made = 0;
    const body = () => new ReadableStream({ pull: (controller) => (made++, controller.enqueue(new Uint8Array(65_536))) }, { highWaterMark: 0 });
    const port = await listen(t, async () => new Response(body()));
    const controller = new AbortController();
    const response = await fetch(`http://127.0.0.1:${port}/`, { signal: controller.signal });
    await response.body.getReader().read();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const before = made;
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.ok(before > 0 && made === before, `${before}, ${made}`);
    controller.abort();
  });
});
