// Many waits on one client, by the public functions, against a server that enforces the limit by its own clock; in virtual time.
// (The core alone, beside polling at a fixed interval: tests/waiting_simulation.)

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { chance } from "../support/chance.mjs";
import { installPackage } from "../support/install.mjs";
import { APP_ID, KEY } from "../support/payloads.mjs";
import { virtualTime } from "../support/virtual-time.mjs";

const installed = await installPackage();
const { Lamina } = await installed.import();
const { createSimulator } = await installed.import("/simulator");
await new Lamina({ apiKey: KEY, fetch: async () => ({ status: 404 }) }).listApps().catch(() => {}); // compiles the module

const MINUTE = 60_000;
const PER_MINUTE = 100;
/** How long the executions of each app take. */
const APPS = [[10_000, 30_000], [30_000, 120_000], [120_000, 600_000]];

/** A server that takes so many requests in any minute of its own clock, 20 to 250 ms away. */
function enforcing(time, ends, apps = new Map()) {
  const sent = [];
  /** Those of the last minute. */
  const arrivals = [];
  const state = { refused: 0, sent };
  const way = (...key) => 20 + 230 * chance("way", ...key);
  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  state.fetch = async (url) => {
    const number = sent.push(time.now);
    await sleep(way("there", number));
    const now = time.now;
    while (arrivals[0] <= now - MINUTE) arrivals.shift();
    const served = arrivals.length < PER_MINUTE;
    if (served) arrivals.push(now);
    else state.refused++;
    const id = url.split("/").at(-1);
    const status = now >= (ends.get(id) ?? 0) ? "completed" : "running";
    const body = { data: url.includes("/executions/") ? { executionId: id, workflowId: apps.get(id), status, outputs: [] } : [] };
    await sleep(way("back", number));
    return { status: served ? 200 : 429, headers: new Headers(), text: async () => JSON.stringify(body) };
  };
  return state;
}

/** The most times within any minute. */
function most(times) {
  const sorted = [...times].sort((a, b) => a - b);
  let first = 0;
  return Math.max(0, ...sorted.map((at, n) => {
    while (sorted[first] <= at - MINUTE) first++;
    return n - first + 1;
  }));
}

const mean = (numbers) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;

describe("a crowd of waits on one client", () => {
  for (const [count, host = ""] of [[1], [50], [1_000], [10_000], [50, " in workerd, where no call wakes another,"]]) {
    test(`${count} waits${host} keep to the budget, get no 429, starve none, and see completions nearly as soon as sharing allows`, async (t) => {
      if (host) {
        const { navigator } = globalThis;
        Object.defineProperty(globalThis, "navigator", { value: { userAgent: "Cloudflare-Workers" }, configurable: true, writable: true });
        t.after(() => (globalThis.navigator = navigator));
      }
      const time = virtualTime(t);
      const ends = new Map();
      const apps = new Map();
      const server = enforcing(time, ends, apps);
      const lamina = new Lamina({ apiKey: KEY, fetch: server.fetch });
      const delays = [];
      const waits = Array.from({ length: count }, async (_, n) => {
        const app = Math.floor(chance("app", n) * APPS.length);
        const [least, longest] = APPS[app];
        const executionId = `e${n}`;
        ends.set(executionId, least + (longest - least) * chance("ends", n));
        apps.set(executionId, `app ${app}`);
        const done = await lamina.waitForExecution(executionId, { timeoutMs: 5 * 60 * MINUTE });
        assert.equal(done.executionId, executionId);
        delays.push(time.now - ends.get(executionId));
      });
      await time.pass(5 * 60 * MINUTE, Promise.all(waits));
      assert.equal(delays.length, count, "nobody is forgotten");
      assert.equal(server.refused, 0);
      assert.ok(most(server.sent) <= PER_MINUTE, `${most(server.sent)} in a minute`);
      const ideal = (count / (2 * PER_MINUTE)) * MINUTE;
      t.diagnostic(`${server.sent.length} requests, no 429, seen after ${Math.round(mean(delays))} ms on average; ideal sharing has ${ideal}`);
      if (count >= 50) assert.ok(mean(delays) <= 1.25 * ideal, `${mean(delays)} ms, and ideal sharing has ${ideal}`);
    });
  }

  test("calls overtake the polls of 1,000 waits, and the waits go on beside them", async (t) => {
    const time = virtualTime(t);
    const server = enforcing(time, new Map([["never", Infinity]]));
    const lamina = new Lamina({ apiKey: KEY, fetch: server.fetch });
    const controller = new AbortController();
    const waits = Array.from({ length: 1_000 }, () => lamina.waitForExecution("never", { timeoutMs: 60 * MINUTE, signal: controller.signal }).catch(() => {}));
    await time.pass(3 * MINUTE);
    const took = [];
    for (let n = 0; n < 20; n++) {
      const began = time.now;
      await time.pass(MINUTE, lamina.listApps());
      took.push(time.now - began);
      await time.pass(3_000);
    }
    assert.ok(mean(took) < 5_000, `a call took ${mean(took)} ms on average: ${took.map(Math.round).join(" ")}`);
    assert.equal(server.refused, 0);
    const before = server.sent.length;
    await time.pass(MINUTE);
    assert.ok(server.sent.length - before > PER_MINUTE / 2, `${server.sent.length - before} polls in a minute`);
    controller.abort();
    await Promise.all(waits);
  });

  test("150 executions of a simulator that enforces the limit, started and waited for by runAll: no 429, and all are seen", async (t) => {
    const time = virtualTime(t);
    const simulator = createSimulator({ rateLimit: PER_MINUTE, seed: 3 });
    const lamina = new Lamina({ apiKey: simulator.apiKey, fetch: simulator.fetch });
    const [{ appId }] = simulator.apps;
    const requests = Array.from({ length: 150 }, () => ({ appId, inputs: { Style: "Ghibli" } }));
    const statuses = [];
    const all = (async () => {
      for await (const { execution, error } of lamina.runAll(requests, { concurrency: 150, timeoutMs: 60 * MINUTE })) statuses.push(execution?.status ?? error.code);
    })();
    await time.pass(60 * MINUTE, all);
    assert.deepEqual([statuses.length, ...new Set(statuses)], [150, "completed"]);
    assert.equal(simulator.ledger.starts.length, 150);
    assert.equal(simulator.ledger.requests.filter(({ status }) => status === 429).length, 0);
    assert.ok(most(simulator.ledger.requests.map(({ at }) => at)) <= PER_MINUTE);
  });
});
