// Thousands of paths that are put together at random from what might mislead a proxy: whatever passes is a known request.

import assert from "node:assert/strict";
import { test } from "node:test";
import { chance } from "../support/chance.mjs";
import { installPackage } from "../support/install.mjs";
import { SECRET, START } from "../support/proxied.mjs";

const { createProxyHandler } = await (await installPackage()).import("/server");

const PARTS = [
  ...["/", "//", "\\", "/..", "/.", "/%2e%2e", "/%2E.", "%2f", "%2F..", "%5c", "%00", "%0d%0a", "%", "%25", "%252e", "%c0%ae", "é", "%C3%A9", " ", "+", ";", ":", "@", "*", "|"],
  ...["/api", "/v1", "/api/apps", "/v1/apps", "/v1/runs", "/api/executions", "/v1/executions", "/x", "/y", "/workflow", "/executions", "/runs", "/wait", "/stream", "/cancel", "/estimate"],
  ...["/api/apps/x", "/v1/apps/y", "/v1/runs/x", "/v1/executions/x", "/v1/account/usage", "/v1/webhooks/signing-key"],
  ...["/account/usage", "/webhooks/signing-key", "/account/keys", "/admin"],
  ...["?", "&", "#", "=", "limit=1", "webhook=x", "timeout=9", "appId=x", "search=%26webhook%3dx", "debug=1"],
];
const OPERATIONS = ["listApps", "getApp", "getWorkflow", "execute", "getExecution", "getSigningKeys", "cancelExecution", "listExecutions", "estimateCost", "getUsage"];
const ID = "[^/?#\\\\]+";
/** Every request that the service may see: method, path, and the names of its parameters. */
const KNOWN = [
  ["GET", "/(api|v1)/apps", ["search", "limit"]],
  ["GET", `/(api|v1)/apps/${ID}`, []],
  ["GET", `/(api|v1)/apps/${ID}/workflow`, []],
  ["POST", `/(api|v1)/apps/${ID}/executions`, []],
  ["POST", `/v1/apps/${ID}/runs`, []],
  ["GET", `/(api|v1)/executions/${ID}`, []],
  ["GET", `/v1/runs/${ID}`, []],
  ["GET", `/v1/runs/${ID}/wait`, ["timeout"]],
  ["GET", `/v1/runs/${ID}/stream`, []],
  ["POST", `/v1/runs/${ID}/cancel`, []],
  ["GET", "/v1/runs", ["status", "appId", "limit", "offset", "since"]],
  ["POST", `/v1/apps/${ID}/estimate`, []],
  ["GET", "/v1/account/usage", []],
  ["GET", "/(api|v1)/webhooks/signing-key", []],
].map(([method, path, names]) => ({ method, pattern: new RegExp(`^${path}$`), names: new Set(names), seen: 0 }));

test("whatever is asked, the service sees known requests only", async () => {
  let sent;
  const handler = createProxyHandler({
    apiKey: SECRET,
    baseUrl: "https://lamina.example/below",
    authorize: () => true,
    allow: { operations: OPERATIONS },
    fetch: async (url, { method }) => ((sent = { url, method }), Response.json({ data: {} })),
  });
  let passed = 0;
  for (let n = 0; n < 10_000; n++) {
    const count = 1 + Math.floor(chance("count", n) * 6);
    const path = Array.from({ length: count }, (_, part) => PARTS[Math.floor(chance("part", n, part) * PARTS.length)]).join("");
    const method = chance("method", n) < 0.6 ? "GET" : "POST";
    const request = new Request(`https://shop.example/${path}`, { method, ...(method === "POST" && START) });
    sent = undefined;
    const { status } = await handler(request);
    const what = `${n}: ${method} ${JSON.stringify(path)} -> ${status} ${sent?.url}`;
    if (!sent) {
      assert.ok([403, 404, 405].includes(status), what);
      continue;
    }
    passed++;
    assert.equal(status, 200, what);
    // As it was put together, so `fetch` reads it: nothing in it is resolved to another path, host or parameter.
    const { origin, pathname, searchParams, hash, href } = new URL(sent.url);
    assert.deepEqual([href, origin, hash], [sent.url, "https://lamina.example", ""], what);
    assert.ok(pathname.startsWith("/below/"), what);
    const route = KNOWN.find((known) => known.method === sent.method && known.pattern.test(pathname.slice("/below".length)));
    assert.ok(route && [...searchParams.keys()].every((name) => route.names.has(name)), what);
    assert.match(decodeURIComponent(pathname), /^[\w/.~:-]+$/, what);
    assert.doesNotMatch(pathname, /\/\./, what);
    route.seen++;
  }
  assert.ok(passed > 300, `${passed} passed`);
  for (const { method, pattern, seen } of KNOWN) assert.ok(seen > 0, `${method} ${pattern} came up`);
});
