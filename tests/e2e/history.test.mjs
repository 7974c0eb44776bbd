// listExecutions and iterateExecutions: filters, pages, and what changes while they are read.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { installPackage } from "../support/install.mjs";
import { KEY } from "../support/payloads.mjs";
import { json, startServer } from "../support/scripted-server.mjs";
import { rejection, until } from "../support/settle.mjs";

const pkg = await installPackage();
const { Lamina } = await pkg.import();
const { createSimulator } = await pkg.import("/simulator");
const { serve } = await pkg.import("/simulator/node");

const APPS = [{ name: "One" }, { name: "Two" }, { name: "Never", outputs: [{ label: "A", type: "text", durationMs: Infinity }] }];

/** A simulator with these many runs of its first app, over at once, and a client. */
async function simulate(t, count = 0) {
  const sim = createSimulator({ speed: Infinity, rateLimit: false, apps: APPS });
  const server = await serve(sim);
  t.after(async () => {
    await server.close();
    sim.close();
  });
  const lamina = new Lamina({ apiKey: sim.apiKey, baseUrl: server.url, apiVersion: "v1", requestsPerMinute: Infinity });
  const [one, two, never] = sim.apps.map(({ appId }) => appId);
  const start = (appId = one) => lamina.execute(appId, {}).then(({ executionId }) => executionId);
  for (let n = 0; n < count; n++) await start();
  const pages = () => sim.ledger.requests.filter(({ operation }) => operation === "listExecutions").map(({ query }) => query);
  /** Newest first, as the server lists them. */
  const ids = () => [...sim.executions.keys()].reverse();
  return { sim, lamina, one, two, never, start, pages, ids };
}

const idsOf = (executions) => executions.map(({ executionId }) => executionId);
async function collect(iterable) {
  const ids = [];
  for await (const { executionId } of iterable) ids.push(executionId);
  return ids;
}

/** A server with a list of its own, which `onPage` may change before each answer. */
async function lists(t, runs, onPage = () => {}) {
  const server = await startServer(t);
  server.on("GET /v1/runs", (request, response, record) => {
    onPage(runs, server.requests.length);
    const query = new URL(request.url, "http://x").searchParams;
    const [limit, offset] = [Number(query.get("limit") ?? 3), Number(query.get("offset") ?? 0)];
    const page = runs.slice(offset, offset + limit).map((runId) => ({ runId, status: "completed" }));
    json({ data: page, pagination: { total: runs.length, limit, offset } })(request, response, record);
  });
  return { server, lamina: new Lamina({ apiKey: KEY, baseUrl: server.url, apiVersion: "v1" }) };
}

describe("listExecutions", { concurrency: 4 }, () => {
  test("a page with its total, newest first; each has both names of its id", async (t) => {
    const { lamina, ids } = await simulate(t, 7);
    const page = await lamina.listExecutions({ limit: 3, offset: 2 });
    assert.deepEqual(idsOf(page.executions), ids().slice(2, 5));
    assert.deepEqual([page.total, page.limit, page.offset], [7, 3, 2]);
    for (const { executionId, runId, status, source } of page.executions) assert.deepEqual([runId, status, source], [executionId, "completed", "api_app"]);
    assert.deepEqual((await lamina.listExecutions({ offset: 7 })).executions, []);
  });

  test("filters: status, app, since as a text or a Date, and all of them", async (t) => {
    const { sim, lamina, two, never, start, pages } = await simulate(t, 2);
    const cut = new Date(Math.max(...[...sim.executions.values()].map(({ createdAt }) => createdAt)));
    await until(() => Date.now() > cut.getTime() + 1);
    const [late, endless] = [await start(two), await start(never)];
    const found = async (filter) => idsOf((await lamina.listExecutions(filter)).executions);
    assert.deepEqual(await found({ appId: two }), [late]);
    assert.deepEqual(await found({ status: "running" }), [endless]);
    assert.deepEqual(await found({ since: cut }), [endless, late]);
    assert.deepEqual(await found({ since: cut.toISOString() }), [endless, late]);
    assert.deepEqual(await found({ since: cut, status: "completed", appId: two, limit: 1, offset: 0 }), [late]);
    assert.deepEqual(pages().at(-1), { status: "completed", appId: two, limit: "1", offset: "0", since: cut.toISOString() });
    assert.deepEqual(await found({ status: "cancelled" }), []);
  });

  test("what is no filter is refused before anything is sent; an unknown status is the server's to refuse", async (t) => {
    const { sim, lamina } = await simulate(t);
    const wrong = [{ limit: 0 }, { limit: -1 }, { limit: 1.5 }, { limit: "5" }, { offset: -1 }, { offset: NaN }, { status: 5 }, { appId: {} }, { since: 5 }, { since: {} }, { since: new Date(NaN) }, 7, "x"];
    for (const options of wrong) {
      await rejection(lamina.listExecutions(options), "INVALID_ARGUMENT");
      await rejection(lamina.iterateExecutions(options).next(), "INVALID_ARGUMENT");
    }
    assert.equal(sim.ledger.requests.length, 0);
    const error = await rejection(lamina.listExecutions({ status: "done" }), "VALIDATION_ERROR");
    assert.ok(error.requestId);
    assert.ok(error.details !== undefined || error.message.includes("status"));
  });
});

describe("iterateExecutions", { concurrency: 4 }, () => {
  test("gives all of them, page by page, each once", async (t) => {
    const { lamina, ids, pages } = await simulate(t, 30);
    assert.deepEqual(await collect(lamina.iterateExecutions()), ids());
    assert.deepEqual(pages(), [{ offset: "0" }, { offset: "25" }]);
    assert.deepEqual(await collect(lamina.iterateExecutions({ limit: 7 })), ids());
    assert.deepEqual(pages().slice(2).map(({ offset }) => offset), ["0", "7", "14", "21", "28"]);
    assert.deepEqual(await collect(lamina.iterateExecutions({ offset: 28 })), ids().slice(28));
  });

  test("filters hold on every page", async (t) => {
    const { lamina, one, two, start, pages } = await simulate(t, 5);
    const twos = [await start(two), await start(two), await start(two)].reverse();
    assert.deepEqual(await collect(lamina.iterateExecutions({ appId: two, limit: 2, status: "completed" })), twos);
    assert.deepEqual(pages().map(({ appId, status }) => [appId, status]), Array(2).fill([two, "completed"]));
    assert.equal((await collect(lamina.iterateExecutions({ appId: one, since: new Date(0) }))).length, 5);
  });

  for (const [what, count, atOnce] of [["a few at a time", 10, 2], ["more at once than a page holds", 6, 8]]) {
    test(`runs that start meanwhile, ${what}, shift the pages: none is given twice, and no old one is left out`, async (t) => {
      const runs = Array.from({ length: count }, (_, n) => `old-${n}`);
      const before = [...runs];
      const { lamina } = await lists(t, runs, (all, page) => {
        if (page > 1 && page < 6) all.unshift(...Array.from({ length: atOnce }, (_, n) => `new-${page}-${n}`));
      });
      const given = await collect(lamina.iterateExecutions());
      assert.deepEqual(given.filter((id) => id.startsWith("old")), before);
      assert.equal(new Set(given).size, given.length);
    });
  }

  test("runs that leave the list meanwhile, since their status is another, hide none that stays", async (t) => {
    const runs = Array.from({ length: 12 }, (_, n) => `run-${n}`);
    const { server, lamina } = await lists(t, runs, (all, page) => {
      if (page === 2) all.splice(0, 2);
      if (page === 4) all.splice(1, 3, ...["new"]);
    });
    const given = await collect(lamina.iterateExecutions());
    assert.equal(new Set(given).size, given.length);
    for (const id of runs.filter((id) => id !== "new")) assert.ok(given.includes(id), `${id} of ${given}`);
    assert.ok(server.requests.length <= 8, `${server.requests.length}`);
  });

  test("an empty page ends it, whatever the total says", async (t) => {
    const server = await startServer(t);
    const page = (data) => json({ data, pagination: { total: 1000, limit: 25, offset: 0 } });
    server.on("GET /v1/runs", page([{ runId: "a", status: "queued" }]), page([]));
    const lamina = new Lamina({ apiKey: KEY, baseUrl: server.url, apiVersion: "v1" });
    assert.deepEqual(await collect(lamina.iterateExecutions()), ["a"]);
    assert.equal(server.requests.length, 2);
  });

  test("nothing is asked before the first, and no page before it is needed", async (t) => {
    const { server, lamina } = await lists(t, [..."abcdef"]);
    const iterator = lamina.iterateExecutions();
    assert.equal(server.requests.length, 0);
    for (const [id, asked] of [["a", 1], ["b", 1], ["c", 1], ["d", 2]]) {
      assert.equal((await iterator.next()).value.executionId, id);
      assert.equal(server.requests.length, asked);
    }
  });

  test("a loop that is left early asks for nothing more", async (t) => {
    const { server, lamina } = await lists(t, [..."abcdef"]);
    const iterator = lamina.iterateExecutions();
    for await (const { executionId } of iterator) if (executionId === "b") break;
    assert.deepEqual(await iterator.next(), { done: true, value: undefined });
    assert.equal(server.requests.length, 1);
    assert.deepEqual(await lamina.iterateExecutions().return("early"), { done: true, value: "early" });
    assert.equal(server.requests.length, 1);
  });

  test("an abort between two pages rejects with its reason; a page that is refused, with its error", async (t) => {
    const { server, lamina } = await lists(t, [..."abcdef"]);
    const controller = new AbortController();
    const seen = [];
    const reading = (async () => {
      for await (const { executionId } of lamina.iterateExecutions({ signal: controller.signal })) {
        seen.push(executionId);
        if (executionId === "c") controller.abort("enough");
      }
    })();
    assert.equal(await rejection(reading), "enough");
    assert.deepEqual(seen, ["a", "b", "c"]);
    assert.equal(server.requests.length, 1);

    const refusing = await startServer(t);
    refusing.on("*", json({ error: "x", code: "AUTH_INVALID_KEY", retryable: false, requestId: "r" }, 401));
    const other = new Lamina({ apiKey: KEY, baseUrl: refusing.url, apiVersion: "v1" });
    await rejection(other.iterateExecutions().next(), "AUTH_INVALID_KEY");
  });
});
