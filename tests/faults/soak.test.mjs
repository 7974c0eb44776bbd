// Thousands of executions through every fault at once, from a process of their own, against the server's own ledger.

import assert from "node:assert/strict";
import { test } from "node:test";
import { runChild } from "../support/child.mjs";
import { startFaultProxy } from "../support/fault-proxy.mjs";
import { installPackage } from "../support/install.mjs";
import { APPS, audit, soak } from "../support/soak.mjs";
import { OTHERS, SILENCES } from "./table.mjs";

const installed = await installPackage();
const { createSimulator } = await installed.import("/simulator");
const { serve } = await installed.import("/simulator/node");

/** Long enough that a busy machine seldom takes it up, for what then times out is no fault's doing. */
const ATTEMPT_MS = 1_200;
const CALL_MS = 4_000;
const ENDLESS_MS = 300;

const PROGRAM = `import { Lamina } from "lamina-wasm";
  ${soak}
  let late = 0;
  let last = performance.now();
  setInterval(() => { const now = performance.now(); late = Math.max(late, now - last - 10); last = now; }, 10).unref();
  const reports = await soak(Lamina, JSON.parse(process.env.OPTIONS));
  const settled = performance.now();
  console.log(JSON.stringify(reports));
  process.on("exit", () => console.log(JSON.stringify({ late, lingered: performance.now() - settled })));`;

/** Runs `count` executions through every fault, and holds what was reported against the ledger. */
async function run(t, count, { client, silences = SILENCES, ...more } = {}) {
  const simulator = createSimulator({ speed: 100, apps: APPS, rateLimit: false });
  const server = await serve(simulator);
  t.after(() => (simulator.close(), server.close()));
  const proxy = await startFaultProxy(t, server.url, { seed: 4 });
  proxy.fault({ probability: 0.015 }, ...silences);
  proxy.fault({ probability: 0.3 }, ...OTHERS);
  const options = {
    client: { apiKey: simulator.apiKey, baseUrl: proxy.url, timeoutMs: CALL_MS, attemptTimeoutMs: ATTEMPT_MS, requestsPerMinute: 1e9, ...client },
    apps: simulator.apps.map(({ appId }) => appId),
    ...{ count, concurrency: 40, waitMs: 60_000, endlessMs: ENDLESS_MS, ...more },
  };
  const { stdout, json, status, stderr } = await runChild(installed.folder, PROGRAM, { env: { OPTIONS: JSON.stringify(options) }, timeoutMs: 240_000 });
  assert.equal(status, 0, stderr);
  assert.equal(stderr, "");
  const { late, lingered } = json;
  const reports = JSON.parse(stdout.split("\n")[0]);
  assert.equal(reports.length, count);

  const sums = audit(reports, simulator.ledger.starts);
  t.diagnostic(JSON.stringify({ ...sums, requests: proxy.requests.length, faults: proxy.requests.filter(({ fault }) => fault).length, late: Math.round(late) }));
  // It was worth it: every part of the promise was put to the test.
  assert.ok(sums.started > count / 3 && sums.unseen > count / 50, JSON.stringify(sums));

  // How late that process ran is the machine's.
  const within = (ending, ms, what) => assert.ok(ending === undefined || ending.ms <= ms + 100 + 2 * late, `${what}: ${ending?.ms} of ${ms}, ${late} late`);
  for (const { token, start, wait, endless } of reports) {
    within(start, options.client.timeoutMs, `the start of ${token}`);
    if (endless) within(wait, ENDLESS_MS, `the wait for ${token}`);
  }
  assert.ok(lingered < 2_500, `the process stays for ${lingered} ms`);
  return proxy;
}

test("thousands of executions through every fault: nothing is started twice, nothing is lost, nothing is wrong, all in time", async (t) => {
  const proxy = await run(t, 3_000);
  const met = new Set(proxy.requests.map(({ method, fault }) => `${method} ${fault}`));
  for (const { kind, stage, status: code } of [...OTHERS, ...SILENCES]) for (const method of ["GET", "POST"]) assert.ok(met.has(`${method} ${[kind, stage ?? code].filter(Boolean).join(" ")}`), `${method} ${kind}`);
});

for (const transport of ["stream", "long-poll", "auto"]) {
  test(`hundreds of executions of the newest API through every fault, waited for by ${transport}: nothing is started twice, nothing is lost, nothing is wrong`, async (t) => {
    // A reply is held for whole seconds of an attempt. A stream that falls silent is given 45 s, which is another test's.
    const client = { apiVersion: "v1", attemptTimeoutMs: 4_000, timeoutMs: 8_000 };
    const proxy = await run(t, 400, { client, silences: SILENCES.filter(({ stage }) => stage !== "in-body"), transport });
    const ways = new Set(proxy.requests.map(({ path }) => /\/(stream|wait)$/.exec(path)?.[1] ?? "other"));
    assert.ok(ways.has(transport === "long-poll" ? "wait" : "stream"), [...ways].join(" "));
  });
}

test("the audit notices what was started twice, what is another's, what is wrong and what nobody asked for", () => {
  const starts = [{ executionId: "a", inputs: { Token: "token 1" } }];
  const good = { executionId: "a", status: "completed", value: "token 1" };
  const report = { token: "token 1", start: { executionId: "a", status: "queued" }, wait: good };
  assert.equal(audit([report], starts).completed, 1);
  assert.throws(() => audit([report], [...starts, { ...starts[0], executionId: "b" }]), /started twice/);
  assert.throws(() => audit([{ ...report, start: { code: "NETWORK_ERROR", retryable: true } }], starts), /safe to repeat/);
  assert.throws(() => audit([{ ...report, start: { executionId: "b" } }], starts), /what was reported/);
  assert.throws(() => audit([report], []), /what was reported/);
  for (const wrong of [{ ...good, value: "token 2" }, { ...good, executionId: "b" }, { code: "WAIT_TIMEOUT" }]) assert.throws(() => audit([{ ...report, wait: wrong }], starts), /the right execution/);
  assert.throws(() => audit([], starts), /never asked for/);
});
