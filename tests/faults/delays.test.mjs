// How much later completions are seen where three of ten polls fail, in every way; in virtual time.

import assert from "node:assert/strict";
import { test } from "node:test";
import { installPackage } from "../support/install.mjs";
import { APPS } from "../support/soak.mjs";
import { virtualTime } from "../support/virtual-time.mjs";

const installed = await installPackage();
const { Lamina } = await installed.import();
const { createSimulator } = await installed.import("/simulator");
await new Lamina({ apiKey: "k", fetch: async () => ({ status: 404 }) }).listApps().catch(() => {}); // compiles the module

const PAUSE = 5_000;
const COUNT = 300;
const FAULTS = [
  { kind: "network" },
  { kind: "status", status: 500 },
  { kind: "html", status: 502 },
  { kind: "truncate" },
  { kind: "truncate", reset: true },
  { kind: "stall" },
  { kind: "stall-body" },
  { kind: "rate-limit", retryAfter: 1 },
  { kind: "corrupt-json" },
];

/** Every wait has a client of its own, so that no 429 of one holds back another. */
async function delays(t, faults) {
  const time = virtualTime(t);
  const simulator = createSimulator({ apps: [{ ...APPS[0], outputs: [{ ...APPS[0].outputs[0], durationMs: 60_000 }] }], seed: 5 });
  const waits = await Promise.all(Array.from({ length: COUNT }, async (_, n) => {
    const lamina = new Lamina({ apiKey: simulator.apiKey, fetch: simulator.fetch, requestsPerMinute: Infinity, attemptTimeoutMs: 2_000 });
    const { executionId } = await lamina.execute(simulator.apps[0].appId, { Token: `token ${n}` });
    return { lamina, executionId, token: `token ${n}` };
  }));
  // Each of the faults is as likely as the others: the first that strikes is the only one.
  const each = 0.3 / faults.length;
  for (const [n, fault] of faults.entries()) simulator.fault({ ...fault, operation: "getExecution", probability: each / (1 - n * each) });
  const seen = waits.map(async ({ lamina, executionId, token }) => {
    const done = await lamina.waitForExecution(executionId, { pollIntervalMs: PAUSE });
    assert.deepEqual([done.executionId, done.status, done.outputs[0].value], [executionId, "completed", token]);
    return Date.now() - Date.parse(done.completedAt);
  });
  const all = await time.pass(30 * 60_000, Promise.all(seen));
  const looks = simulator.ledger.requests.filter(({ operation }) => operation === "getExecution");
  return { late: all.sort((a, b) => a - b), share: looks.filter(({ fault }) => fault).length / looks.length };
}

const mean = (numbers) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;

test("with 30 % of polls failing at random completions are seen, on average and 95 of 100, within one interval of the case without faults", async (t) => {
  const clean = await delays(t, []);
  const troubled = await delays(t, FAULTS);
  const at = (list, share) => list[Math.floor(list.length * share)];
  const told = ({ late }) => `${Math.round(mean(late))} ms on average, 95 of 100 within ${at(late, 0.95)} ms, all within ${late.at(-1)} ms`;
  t.diagnostic(`without faults ${told(clean)}; with them ${told(troubled)}`);
  assert.ok(troubled.share > 0.27 && troubled.share < 0.33, `${troubled.share} of the polls failed`);
  assert.ok(clean.late.at(-1) <= PAUSE, `${clean.late.at(-1)}`);
  assert.ok(mean(troubled.late) - mean(clean.late) <= PAUSE / 4, `on average: ${mean(troubled.late)} and ${mean(clean.late)}`);
  assert.ok(at(troubled.late, 0.95) <= clean.late.at(-1) + PAUSE, `95 of 100: ${at(troubled.late, 0.95)}`);
});
