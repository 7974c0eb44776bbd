// createProxyHandler on a real port, before a service that fails, stalls, redirects, or repeats the key.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { APP_ID, COMPLETED, paths, STARTED } from "../support/payloads.mjs";
import { MOUNT, SECRET, send, START, startProxy } from "../support/proxied.mjs";
import { DONE, end, event, run, RUN_ID, stream, v1 } from "../support/runs.mjs";
import { after, data, json, redirect, reset, stall, stallBody, text, truncate } from "../support/scripted-server.mjs";
import { outcome, rejection, sleep, until, within } from "../support/settle.mjs";

const GONE = { error: "The service could not be reached.", code: "INTERNAL_ERROR", retryable: true };
const LATE = { error: "The service did not answer in time.", code: "INTERNAL_ERROR", retryable: true };

async function behind(t, route, answer, options) {
  const proxy = await startProxy(t, options);
  proxy.upstream.on(route, ...[answer].flat());
  return proxy;
}

describe("a service that", { concurrency: 4 }, () => {
  for (const [what, answer] of [["breaks the connection", reset()], ["cuts its reply", truncate()]]) {
    test(`${what} is 502; the page is told no more, the log why`, async (t) => {
      const proxy = await behind(t, paths.apps, answer);
      const { status, json: body } = await proxy.send("GET", "/api/apps");
      assert.deepEqual([status, body], [502, GONE]);
      assert.equal(proxy.errors.length, 1);
      assert.ok(proxy.errors[0] instanceof Error && !String(proxy.errors[0].stack).includes(SECRET));
    });
  }

  test("is not there is 502, and names no address", async (t) => {
    const proxy = await startProxy(t, { baseUrl: "http://127.0.0.1:1" });
    const { status, text: body } = await proxy.send("GET", "/api/apps");
    assert.deepEqual([status, JSON.parse(body)], [502, GONE]);
    assert.doesNotMatch(body, /127|ECONN/);
  });

  for (const [what, answer] of [["never answers", stall()], ["stops in the middle of a body", stallBody()]]) {
    test(`${what} is 504 after timeoutMs, and its connection is given up`, async (t) => {
      const proxy = await behind(t, paths.apps, answer, { timeoutMs: 100 });
      const { status, json: body } = await within(5_000, proxy.send("GET", "/api/apps"));
      assert.deepEqual([status, body], [504, LATE]);
      await until(() => proxy.upstream.requests[0].dropped);
      assert.equal(proxy.upstream.requests[0].dropped, true);
    });
  }

  test("holds a reply back for as long as it was asked to is not late", async (t) => {
    const proxy = await behind(t, v1.wait, after(400, data(DONE)), { timeoutMs: 100 });
    assert.equal((await proxy.send("GET", `/v1/runs/${RUN_ID}/wait?timeout=2`)).status, 200);
    assert.equal((await proxy.send("GET", `/v1/runs/${RUN_ID}/wait`)).status, 200);
    for (const seconds of ["-5", "x", "0"]) assert.equal((await proxy.send("GET", `/v1/runs/${RUN_ID}/wait?timeout=${seconds}`)).status, 504, seconds);
    proxy.upstream.on(v1.look, after(400, data(DONE)));
    assert.equal((await proxy.send("GET", `/v1/runs/${RUN_ID}?timeout=60`)).status, 504);
  });

  for (const status of [301, 302, 303, 307, 308]) {
    test(`redirects by ${status} is 502: no other host is given the key`, async (t) => {
      const elsewhere = await startProxy(t);
      elsewhere.upstream.on("*", data([]));
      const proxy = await behind(t, paths.apps, redirect(`${elsewhere.upstream.url}/api/apps`, status));
      const { status: seen, json: body, headers } = await proxy.send("GET", "/api/apps");
      assert.deepEqual([seen, body.code, headers.location], [502, "INTERNAL_ERROR", undefined]);
      assert.equal(elsewhere.upstream.requests.length, 0);
    });
  }

  test("fails a read is asked again by the page's client; of a start, never", async (t) => {
    const proxy = await behind(t, paths.apps, [reset(), text("", 503), data([])]);
    proxy.upstream.on(paths.start, reset());
    assert.deepEqual(await proxy.page().listApps(), []);
    const error = await rejection(proxy.page().execute(APP_ID, {}), "INTERNAL_ERROR");
    assert.deepEqual([error.status, error.attempts, error.retryable], [502, 1, false]);
    assert.equal(proxy.upstream.requests.filter(({ method }) => method === "POST").length, 1);
  });

  test("refused a start before any work is asked again", async (t) => {
    const proxy = await behind(t, v1.start, [json({ error: "down", code: "RESOURCE_UNAVAILABLE", retryable: true }, 503), json({ data: { runId: RUN_ID, status: "queued" } }, 202)]);
    assert.equal((await proxy.page({ apiVersion: "v1" }).execute(APP_ID, {})).status, "queued");
  });
});

describe("a visitor who goes", { concurrency: 4 }, () => {
  const gone = async (proxy, method, path, given) => {
    const controller = new AbortController();
    const asked = fetch(proxy.origin + MOUNT + path, { method, ...given, signal: controller.signal }).catch(() => {});
    await until(() => proxy.upstream.requests.length > 0);
    controller.abort();
    await asked;
  };

  test("takes the request to the service along", async (t) => {
    const proxy = await behind(t, v1.wait, stall());
    await gone(proxy, "GET", `/v1/runs/${RUN_ID}/wait?timeout=60`);
    await until(() => proxy.upstream.requests[0].dropped);
    assert.equal(proxy.upstream.requests[0].dropped, true);
  });

  test("takes a stream along", async (t) => {
    const proxy = await behind(t, v1.stream, stream(event("progress", run("running"))));
    await gone(proxy, "GET", `/v1/runs/${RUN_ID}/stream`);
    await until(() => proxy.upstream.requests[0].dropped);
    assert.equal(proxy.upstream.requests[0].dropped, true);
  });

  test("does not take a start along: it may have been carried out, and its answer says which it was", async (t) => {
    const proxy = await behind(t, paths.start, after(200, data(STARTED, 202)));
    await gone(proxy, "POST", `/api/apps/${APP_ID}/executions`, START);
    await sleep(300);
    assert.equal(proxy.upstream.requests[0].dropped, false);
  });

  test("has done no harm to the next", async (t) => {
    const proxy = await behind(t, paths.look, stall());
    proxy.upstream.on(paths.apps, data([]));
    for (let n = 0; n < 5; n++) await gone(proxy, "GET", paths.look.slice(4));
    assert.equal((await proxy.send("GET", "/api/apps")).status, 200);
  });
});

describe("a service that repeats the key", { concurrency: 4 }, () => {
  test("does not tell it to the page, in body or head, in success or failure", async (t) => {
    const echo = (status) => json({ data: [{ appId: "a", name: `by ${SECRET}` }], error: `${SECRET} is wrong: "${SECRET}"`, headers: { "x-api-key": SECRET } }, status, { "x-request-id": `r-${SECRET}`, "retry-after": "1" });
    for (const status of [200, 401, 500]) {
      const proxy = await behind(t, paths.apps, echo(status));
      const reply = await proxy.send("GET", "/api/apps");
      assert.equal(reply.status, status);
      assert.ok(!(reply.text + JSON.stringify(reply.headers)).includes(SECRET), reply.text);
      assert.equal(reply.json.error, '[redacted] is wrong: "[redacted]"');
      assert.equal(reply.headers["retry-after"], "1");
    }
  });

  test("does not tell it in a list of apps that is looked through", async (t) => {
    const proxy = await behind(t, paths.apps, data([{ appId: APP_ID, name: SECRET }, { appId: "b", name: "b" }]), { allow: { apps: [APP_ID] } });
    const reply = await proxy.send("GET", "/api/apps");
    assert.deepEqual(reply.json, { data: [{ appId: APP_ID, name: "[redacted]" }] });
  });

  test("does not tell it in the type of a body, nor by bytes that are no text", async (t) => {
    const proxy = await behind(t, paths.apps, (_, response) => {
      response.writeHead(200, { "content-type": `application/json+${SECRET}` });
      response.end(Buffer.concat([Buffer.from([0xff, 0xfe, 0x80]), Buffer.from(SECRET), Buffer.from([0xff])]));
    });
    const reply = await proxy.send("GET", "/api/apps");
    assert.ok(!(reply.text + JSON.stringify(reply.headers)).includes(SECRET), reply.text);
  });

  test("does not tell it in a stream, wherever it is cut", async (t) => {
    const bytes = `event: progress\ndata: {"runId":"${RUN_ID}","status":"running","ä😀":"${SECRET}${SECRET}","lma_":"${SECRET.slice(0, -1)}"}\n\n`;
    const whole = Buffer.from(bytes);
    const cuts = [1, 3, 7, 60, 67, 70, 80, 95, whole.length - 3];
    for (const size of [1, ...cuts.map((cut) => [cut])]) {
      const pieces = Array.isArray(size)
        ? [whole.subarray(0, size[0]), whole.subarray(size[0])]
        : Array.from({ length: whole.length }, (_, n) => whole.subarray(n, n + 1));
      const proxy = await behind(t, v1.stream, (_, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        const next = () => (pieces.length ? response.write(pieces.shift(), () => setImmediate(next)) : response.end());
        next();
      });
      const reply = await proxy.send("GET", `/v1/runs/${RUN_ID}/stream`);
      assert.equal(reply.text, bytes.replaceAll(SECRET, "[redacted]"));
    }
  });

  test("an event is not held back, though the next has not come", async (t) => {
    const progress = event("progress", run("running"));
    const proxy = await behind(t, v1.stream, stream(progress));
    const response = await fetch(`${proxy.origin}${MOUNT}/v1/runs/${RUN_ID}/stream`);
    const { value } = await within(5_000, response.body.getReader().read());
    assert.equal(new TextDecoder().decode(value), progress);
  });

  test("a key of a few letters is no secret, and no part of a word is taken for it", async (t) => {
    const proxy = await behind(t, paths.apps, data([{ appId: "key" }]), { apiKey: "key" });
    proxy.upstream.on(v1.stream, stream("event: key\n\n", end));
    assert.deepEqual((await proxy.send("GET", "/api/apps")).json, { data: [{ appId: "key" }] });
    assert.equal((await proxy.send("GET", `/v1/runs/${RUN_ID}/stream`)).text, "event: key\n\n");
  });
});

test("replies that are large go back whole", async (t) => {
  const large = Array.from({ length: 20_000 }, (_, n) => ({ appId: `${n}`, name: "ä€😀".repeat(10) }));
  const proxy = await behind(t, paths.apps, data(large));
  assert.deepEqual(await proxy.page().listApps(), large);
});

test("a hundred requests side by side are each answered by their own reply", async (t) => {
  const proxy = await startProxy(t);
  proxy.upstream.on("*", (request, response) => void setTimeout(() => data({ ...COMPLETED, executionId: request.url.split("/").at(-1) })(request, response), Math.random() * 50));
  const ids = Array.from({ length: 100 }, (_, n) => `e${n}`);
  const replies = await Promise.all(ids.map((id) => send(proxy.port, "GET", `/api/executions/${id}`)));
  assert.deepEqual(replies.map(({ json: { data: seen } }) => seen.executionId), ids);
});

test("fetch may be one's own, and is looked up at each request", async (t) => {
  const seen = [];
  const fake = async (url, init) => (seen.push([url, init.redirect, init.method]), Response.json({ data: [] }));
  const { page } = await startProxy(t, { baseUrl: "https://lamina.example/below/", fetch: fake });
  assert.deepEqual(await page().listApps(), []);
  assert.deepEqual(seen, [["https://lamina.example/below/api/apps", "manual", "GET"]]);
  const { value, error } = await outcome((await startProxy(t, { fetch: async () => { throw new TypeError("no"); } })).send("GET", "/api/apps"));
  assert.equal(value?.status, 502, error);
});
