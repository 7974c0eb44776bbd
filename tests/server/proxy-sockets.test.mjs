// createProxyHandler behind node:http, attacked over raw sockets by bytes that no HTTP client sends.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { APP_ID } from "../support/payloads.mjs";
import { MOUNT, SECRET, sendRaw, START, startProxy } from "../support/proxied.mjs";
import { data } from "../support/scripted-server.mjs";
import { until } from "../support/settle.mjs";

const APPS = `${MOUNT}/api/apps`;
const RUN = `${MOUNT}/api/apps/${APP_ID}/executions`;
const HOST = "Host: shop.example";
/** A request by its lines. */
const http = (...lines) => `${lines.join("\r\n")}\r\n\r\n`;
const get = (target, ...headers) => http(`GET ${target} HTTP/1.1`, HOST, ...headers);
const post = (headers, body, target = RUN) => http(`POST ${target} HTTP/1.1`, HOST, "Content-Type: application/json", ...headers) + body;
const length = (body, more = 0) => `Content-Length: ${Buffer.byteLength(body) + more}`;
const INNER = `GET ${MOUNT}/v1/account/usage HTTP/1.1\r\nHost: shop.example\r\n\r\n`;

/** What is sent, and the status: 0 for none at all (the connection is closed). What passes is asked of the service once. */
const PASSES = 200;
const CASES = {
  "a target in absolute form": [http(`GET http://shop.example${APPS} HTTP/1.1`, HOST), 400],
  "a target on another host": [http(`GET http://evil.example${APPS} HTTP/1.1`, "Host: evil.example"), 400],
  "a target with user and password": [http(`GET http://a:b@127.0.0.1${APPS} HTTP/1.1`, HOST), 400],
  "a target of another scheme": [http("GET file:///etc/passwd HTTP/1.1", HOST), 400],
  "a target without a slash": [http("GET api/lamina/api/apps HTTP/1.1", HOST), 400],
  "a target that is a query": [http("GET ?webhook=x HTTP/1.1", HOST), 400],
  "a target of nothing": [http("GET  HTTP/1.1", HOST), 400],
  "a star": [http("OPTIONS * HTTP/1.1", HOST), 400],
  "two slashes and a host": [get(`//evil.example${APPS}`), PASSES],
  "two slashes and a host with a port": [get("//evil.example:99999/api/apps"), PASSES],
  "a backslash and a host": [get("/\\evil.example/admin"), 404],
  "a space in the target": [get(`${APPS} x`), 400],
  "a tab in the target": [get(`${APPS}\tx`), 400],
  "a NUL in the target": [get(`${APPS}\0`), 400],
  "bytes beyond ASCII in the target": [Buffer.from(get(`${APPS}/\xff\xfe`), "latin1"), [404, 400]],
  "a fragment": [get(`${MOUNT}/admin#/api/apps`), 404],
  "dots up to the root": [get(`${MOUNT}/../../../../etc/passwd`), 404],
  "dots up, percent-encoded": [get(`${MOUNT}/api/apps/%2e%2e/%2e%2e/keys`), 404],
  "a target of 20,000 characters": [get(`${APPS}/${"x".repeat(20_000)}`), [414, 431]],
  "a header of 20,000 characters": [get(APPS, `X: ${"x".repeat(20_000)}`), 431],
  "10,000 headers": [get(APPS, ...Array(10_000).fill("A: b")), 431],

  "no Host": [http(`GET ${APPS} HTTP/1.1`), 400],
  "no Host, in HTTP/1.0": [http(`GET ${APPS} HTTP/1.0`), PASSES],
  "an empty Host": [http(`GET ${APPS} HTTP/1.1`, "Host:"), 400],
  "two Hosts": [http(`GET ${APPS} HTTP/1.1`, HOST, "Host: evil.example"), 400],
  "a Host with a path": [http(`GET ${APPS} HTTP/1.1`, "Host: shop.example/admin?"), 400],
  "a Host with a user": [http(`GET ${APPS} HTTP/1.1`, "Host: a@evil.example"), 400],
  "a Host with a fragment": [http(`GET ${APPS} HTTP/1.1`, "Host: evil.example#"), 400],
  "a Host with a backslash": [http(`GET ${APPS} HTTP/1.1`, "Host: evil.example\\"), 400],
  "a Host with a space": [http(`GET ${APPS} HTTP/1.1`, "Host: a b"), 400],
  "a Host with a port that is none": [http(`GET ${APPS} HTTP/1.1`, "Host: shop.example:99999"), 400],

  "a method in small letters": [http(`get ${APPS} HTTP/1.1`, HOST), 400],
  "a method of nobody's": [http(`HACK ${APPS} HTTP/1.1`, HOST), 400],
  TRACE: [http(`TRACE ${APPS} HTTP/1.1`, HOST), 400],
  CONNECT: [http("CONNECT evil.example:443 HTTP/1.1", HOST), 0],
  "an upgrade to a WebSocket": [get(APPS, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: x", "Sec-WebSocket-Version: 13"), PASSES],
  "an upgrade to HTTP/2": [get(APPS, "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"), PASSES],
  "the preface of HTTP/2": ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [0, 400]],
  "HTTP/0.9": [`GET ${APPS}\r\n\r\n`, [PASSES, 400]],
  "HTTP/3.0": [http(`GET ${APPS} HTTP/3.0`, HOST), 400],
  "a greeting of TLS": [Buffer.from("160301020001000001fc0303", "hex"), [0, 400]],
  "bytes of nothing": [Buffer.alloc(64), [0, 400]],

  "a header without a name": [get(APPS, ": x"), 400],
  "a space before the colon": [get(APPS, "X-A : b"), 400],
  "a folded header": [get(APPS, "X-A: b", " c"), 400],
  "a NUL in a header": [get(APPS, "X-A: \0"), 400],
  "a bare CR in a header": [get(APPS, "X-A: b\rX-Evil: c"), 400],

  "two lengths": [post(["Content-Length: 24", "Content-Length: 5"], START.body), 400],
  "a length and chunks": [post([length(START.body), "Transfer-Encoding: chunked"], `18\r\n${START.body}\r\n0\r\n\r\n`), 400],
  "a negative length": [post(["Content-Length: -1"], ""), 400],
  "a length with a sign": [post(["Content-Length: +24"], START.body), 400],
  "a length in hexadecimal": [post(["Content-Length: 0x18"], START.body), 400],
  "a length beyond all numbers": [post([`Content-Length: ${"9".repeat(40)}`], START.body), 400],
  "a length that is too large": [post(["Content-Length: 1048577"], START.body), 413],
  "a length that says nothing comes": [post(["Content-Length: 0"], START.body), 400],
  "no length, and a body": [post([], START.body), 400],
  "an encoding that is none": [post(["Transfer-Encoding: xchunked"], START.body), 400],
  "chunks that are not the last encoding": [post(["Transfer-Encoding: chunked, gzip"], START.body), 400],
  "two encodings": [post(["Transfer-Encoding: chunked", "Transfer-Encoding: identity"], `18\r\n${START.body}\r\n0\r\n\r\n`), 400],
  "a chunk without a size": [post(["Transfer-Encoding: chunked"], `\r\n${START.body}\r\n0\r\n\r\n`), [0, 400, 500]],
  "a chunk whose size is too small": [post(["Transfer-Encoding: chunked"], `5\r\n${START.body}\r\n0\r\n\r\n`), [0, 400, 500]],
  "a chunk of negative size": [post(["Transfer-Encoding: chunked"], `-5\r\n${START.body}\r\n0\r\n\r\n`), [0, 400, 500]],
  "a chunk of a size beyond all numbers": [post(["Transfer-Encoding: chunked"], `${"f".repeat(40)}\r\n${START.body}`), [0, 400, 500]],
  "a request in the body": [post([length(INNER)], INNER), 400],
  "an expectation of nobody's": [get(APPS, "Expect: the-unexpected"), 417],
};

describe("over a raw socket", { concurrency: 6 }, () => {
  let proxy;
  const cleanups = [];
  before(async () => {
    proxy = await startProxy({ after: (close) => cleanups.push(close) });
    proxy.upstream.on("*", data([]));
  });
  after(() => Promise.all(cleanups.map((close) => close())));

  for (const [what, [bytes, expected]] of Object.entries(CASES)) {
    test(`${what} is ${[expected].flat().map((status) => status || "the end").join(" or ")}`, async () => {
      const { status = 0, text } = await sendRaw(proxy.port, bytes);
      assert.ok([expected].flat().includes(status), `${status}: ${text}`);
      assert.ok(!text.includes(SECRET), text);
    });
  }
});

describe("over a raw socket, in order", () => {
  /** A proxy of its own, and the bytes that one connection gives in all. */
  const open = async (t) => {
    const proxy = await startProxy(t);
    proxy.upstream.on("*", data([]));
    return proxy;
  };

  test("whatever came, the service was asked for known routes only, and the next visitor is served", async (t) => {
    const proxy = await open(t);
    await Promise.all(Object.values(CASES).map(([bytes]) => sendRaw(proxy.port, bytes)));
    assert.ok(proxy.upstream.requests.length > 0);
    for (const { method, url, headers } of proxy.upstream.requests) {
      assert.match(`${method} ${url}`, /^GET \/api\/apps$/);
      assert.equal(headers["x-api-key"], SECRET);
      assert.deepEqual([headers.upgrade, headers["x-evil"], headers["x-a"]], [undefined, undefined, undefined]);
    }
    assert.deepEqual(await proxy.page().listApps(), []);
    for (const error of proxy.errors) assert.ok(!String(error.stack).includes(SECRET));
  });

  test("requests in one packet are answered one after the other, and what follows a body is a request of its own", async (t) => {
    const proxy = await open(t);
    const all = post([length(START.body)], START.body) + get(`${MOUNT}/admin`) + get(APPS, "Connection: close");
    const socket = connect(proxy.port, "127.0.0.1");
    let text = "";
    socket.on("data", (chunk) => (text += chunk)).write(all);
    await new Promise((resolve) => socket.on("close", resolve));
    assert.deepEqual(text.match(/HTTP\/1\.1 \d+/g), ["HTTP/1.1 200", "HTTP/1.1 404", "HTTP/1.1 200"]);
    assert.deepEqual(proxy.upstream.requests.map(({ method }) => method).sort(), ["GET", "POST"]);
  });

  test("a refused body is read to nowhere: what it holds is no request", async (t) => {
    const proxy = await open(t);
    const body = INNER.repeat(100);
    const refused = http(`POST ${RUN} HTTP/1.1`, HOST, "Content-Type: text/plain", length(body)) + body;
    const socket = connect(proxy.port, "127.0.0.1");
    let text = "";
    socket.on("data", (chunk) => (text += chunk)).write(refused + get(APPS, "Connection: close"));
    await new Promise((resolve) => socket.on("close", resolve));
    assert.deepEqual(text.match(/HTTP\/1\.1 \d+/g), ["HTTP/1.1 415", "HTTP/1.1 200"]);
    assert.deepEqual(proxy.upstream.urls, ["/api/apps"]);
  });

  for (const [what, end] of [["ends", (socket) => socket.end()], ["breaks", (socket) => socket.resetAndDestroy()]]) {
    test(`a connection that ${what} in the middle of a start starts nothing`, async (t) => {
      const proxy = await open(t);
      for (const bytes of [post([length(START.body, 1)], START.body), post(["Transfer-Encoding: chunked"], `18\r\n${START.body}\r\n`)]) {
        const socket = connect(proxy.port, "127.0.0.1");
        socket.on("error", () => {});
        await new Promise((resolve) => socket.write(bytes, () => setTimeout(resolve, 50)));
        end(socket);
        await new Promise((resolve) => (socket.destroyed ? resolve() : socket.on("close", resolve).resume()));
      }
      await until(() => proxy.errors.length === 2);
      assert.deepEqual([proxy.upstream.requests.length, proxy.errors.length], [0, 2]);
    });
  }

  test("a body that trickles in is whole when it is sent on", async (t) => {
    const proxy = await open(t);
    const socket = connect(proxy.port, "127.0.0.1");
    let text = "";
    socket.on("data", (chunk) => (text += chunk));
    for (const part of post([length(START.body), "Expect: 100-continue"], START.body).match(/[\s\S]{1,40}/g)) {
      await new Promise((resolve) => socket.write(part, () => setTimeout(resolve, 5)));
    }
    await until(() => /200 OK/.test(text));
    socket.destroy();
    assert.match(text, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
    assert.deepEqual(proxy.upstream.requests.map(({ body }) => body), [START.body]);
  });
});
