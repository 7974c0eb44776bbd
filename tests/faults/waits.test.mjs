// Waits live through trouble: three of ten polls fail, in every way.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startFaultProxy } from "../support/fault-proxy.mjs";
import { installPackage } from "../support/install.mjs";
import { within } from "../support/settle.mjs";
import { APPS } from "../support/soak.mjs";
import { OTHERS, SILENCES } from "./table.mjs";

const installed = await installPackage();
const { Lamina } = await installed.import();
const { createSimulator } = await installed.import("/simulator");
const { serve } = await installed.import("/simulator/node");

test("with 30 % of polls failing at random every wait ends with the right execution, on a real port", async (t) => {
  // Three seconds, so that none is over before its wait begins.
  const [echo] = APPS;
  const simulator = createSimulator({ speed: 10, apps: [{ ...echo, outputs: [{ ...echo.outputs[0], durationMs: 30_000 }] }] });
  const server = await serve(simulator);
  t.after(() => (simulator.close(), server.close()));
  const proxy = await startFaultProxy(t, server.url, { seed: 30 });
  const lamina = new Lamina({ apiKey: simulator.apiKey, baseUrl: proxy.url, attemptTimeoutMs: 2_000, requestsPerMinute: Infinity });
  const [{ appId }] = simulator.apps;
  const tokens = Array.from({ length: 100 }, (_, n) => `token ${n}`);
  const started = await Promise.all(tokens.map((Token) => lamina.execute(appId, { Token }, { attemptTimeoutMs: 20_000, timeoutMs: 60_000 })));
  proxy.fault({ method: "GET", probability: 0.01 }, ...SILENCES);
  proxy.fault({ method: "GET", probability: 0.29 }, ...OTHERS);
  const done = await within(90_000, Promise.all(started.map((execution) => lamina.waitForExecution(execution, { pollIntervalMs: 300 }))));
  assert.deepEqual(done.map(({ executionId, status, outputs }) => [executionId, status, outputs[0].value]), started.map(({ executionId }, n) => [executionId, "completed", tokens[n]]));
  const polls = proxy.requests.filter(({ method }) => method === "GET");
  const share = polls.filter(({ fault }) => fault).length / polls.length;
  assert.ok(polls.length > 200 && share > 0.2 && share < 0.4, `${share} of ${polls.length}`);
});
