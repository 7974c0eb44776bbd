// Edges: what a stream lets go of, how a port reads a path, what the catalogue serves, and types without the DOM's.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { connect } from "node:net";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createFetch } from "../../pkg-template/simulator/fetch.js";
import { createSimulator } from "../../pkg-template/simulator/index.js";
import { serve } from "../../pkg-template/simulator/node.js";
import { bothWays, caller, onceSeen, simulate, until } from "./helpers.mjs";

/** A fetch whose one reply is a stream of ever more pieces, and what became of the stream. */
function endless() {
  const seen = { ended: false };
  async function* pieces() {
    try {
      for (let i = 0; ; i++) yield new Uint8Array([i]);
    } finally {
      seen.ended = true;
    }
  }
  return { seen, fetch: createFetch(async () => ({ status: 200, headers: {}, body: pieces() })) };
}

test("a body that is cancelled between two pieces is ended", async () => {
  const { seen, fetch } = endless();
  const reader = (await fetch("http://simulator.example/")).body.getReader();
  await reader.read();
  assert.equal(seen.ended, false);
  await reader.cancel();
  assert.equal(seen.ended, true);
});

test("a body that is never read is ended by its cancellation", async () => {
  const { seen, fetch } = endless();
  const { body } = await fetch("http://simulator.example/");
  await body.cancel("not wanted");
  await until(() => seen.ended);
});

/** What a port answers to these very bytes: nothing where it breaks the connection, which may look like a reset. */
function raw(port, lines) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    socket.setEncoding("utf8").on("data", (piece) => (text += piece));
    socket.on("error", () => {}).on("close", () => resolve(text));
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  });
}

test("on a port, two slashes begin a path and not a host", async (t) => {
  const sim = createSimulator();
  const server = await serve(sim);
  t.after(() => server.close());
  const ask = (path) => raw(server.port, [`GET ${path} HTTP/1.1`, "host: here", `x-api-key: ${sim.apiKey}`, "connection: close"]);
  assert.match(await ask("//elsewhere.example/api/apps"), /^HTTP\/1\.1 404 /);
  assert.equal(sim.ledger.requests[0].url, "http://here//elsewhere.example/api/apps");
  assert.match(await ask("/api/apps"), /^HTTP\/1\.1 200 /);
});

test("a port outlives requests that make no sense, and callers who leave", async (t) => {
  const sim = createSimulator({ faults: [{ kind: "stall", times: 1 }] });
  const server = await serve(sim);
  t.after(() => server.close());
  const api = caller(sim, fetch, server.url);
  await assert.rejects(api("GET /api/apps", undefined, { signal: onceSeen(sim) }), { name: "TimeoutError" });
  assert.equal(await raw(server.port, ["GET /api/apps HTTP/1.1", "host: a b["]), "");
  assert.match(await raw(server.port, ["what is this"]), /^HTTP\/1\.1 400 /);
  assert.equal((await api("GET /api/apps")).status, 200);
});

bothWays("the catalogue has an app for words alone, from words that must be given", { speed: Infinity }, async ({ api }) => {
  const { data } = (await api("GET /api/apps?search=description%20writer")).body;
  assert.deepEqual(data.map(({ name }) => name), ["Product Description Writer"]);
  const path = `/api/apps/${data[0].appId}/executions`;
  const refused = await api(`POST ${path}`, { inputs: { Tone: "Formal" } });
  assert.deepEqual([refused.status, refused.body], [400, { error: "Invalid inputs", details: ['"Product": required'] }]);
  const { executionId } = (await api(`POST ${path}`, { inputs: { Product: "A blue teapot" } })).body.data;
  const { status, outputs } = (await api(`GET /api/executions/${executionId}`)).body.data;
  assert.deepEqual([status, outputs.length, outputs[0].type], ["completed", 1, "text"]);
  assert.match(outputs[0].value, /A blue teapot/);
});

test("every app of the catalogue can be read and comes to its end", async (t) => {
  const { sim, api } = simulate(t, { speed: Infinity });
  for (const { appId, name, parameters, outputs } of sim.apps) {
    assert.ok(outputs.length > 0, name);
    assert.equal((await api(`GET /api/apps/${appId}`)).body.data.name, name);
    assert.equal((await api(`GET /api/apps/${appId}/workflow`)).body.data.nodes.length, outputs.length);
    const needed = parameters.filter(({ required }) => required);
    const inputs = Object.fromEntries(needed.map(({ name, type }) => [name, type === "url" ? "https://cdn.example/a.png" : "x"]));
    const { executionId } = (await api(`POST /api/apps/${appId}/executions`, { inputs })).body.data;
    const { status } = (await api(`GET /api/executions/${executionId}`)).body.data;
    assert.equal(status, /Fails$/.test(name) ? "failed" : "completed", name);
  }
});

test("the types need no more than ES2022", () => {
  const tsc = fileURLToPath(new URL("../node_modules/.bin/tsc", import.meta.url));
  const { status, stdout } = spawnSync(tsc, ["-p", fileURLToPath(new URL("types/bare/", import.meta.url))], { encoding: "utf8" });
  assert.equal(status, 0, stdout);
});
