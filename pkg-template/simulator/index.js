// @ts-check
// An offline Lamina API: `createSimulator()` gives its `fetch`. What the options and members mean is in `index.d.ts`.

import { completeApp } from "./apps.js";
import { CATALOGUE } from "./catalogue.js";
import { createClock } from "./clock.js";
import { createCredits } from "./credits.js";
import { createFaultBook } from "./faults.js";
import { createFetch } from "./fetch.js";
import { createRandom } from "./random.js";
import { createRateLimiter } from "./ratelimit.js";
import { createHandler } from "./server.js";
import { TEST_KEY, signWebhook } from "./signing.js";
import { createWebhooks } from "./webhooks.js";

export { signWebhook };

/** @type {typeof import("./index.js").createSimulator} */
export function createSimulator(options = {}) {
  const { seed = 1, apiKey = "lma_simulator_key", workspaceId = "5d0c7c5e-3d1f-4f0e-8a55-2f8f3a6b9c10" } = options;
  const { signingKey = TEST_KEY, streamTimeoutMs = 600_000, basePath = "", webhookFetch } = options;
  const random = (/** @type {string} */ purpose) => createRandom(seed, purpose);
  const clock = createClock(options);
  const catalogueIds = random("apps");
  const apps = (options.apps ?? CATALOGUE).map((app) => completeApp(app, catalogueIds));
  const ledger = createLedger();
  const userId = random("user").uuid();
  const webhooks = createWebhooks({ clock, ledger, signingKey, userId, webhookFetch });
  const limiter = createRateLimiter(options.rateLimit);
  const faults = createFaultBook(random("faults"));
  for (const fault of options.faults ?? []) faults.add(fault);

  const state = {
    ...{ clock, apps, ledger, webhooks, signingKey, streamTimeoutMs },
    executions: new Map(),
    credits: createCredits(options.credits),
    quota: limiter.quota,
    account: { userId, workspaceId },
    ids: random("executions"),
    durations: random("durations"),
  };
  const identity = { apiKey, workspaceId };
  const sources = { requestIds: random("requests"), noise: random("noise") };
  const server = createHandler({ state, identity, faults, limiter, basePath, ...sources });

  return {
    apiKey,
    workspaceId,
    baseUrl: `http://lamina.simulator.localhost${basePath}`,
    fetch: createFetch(server.handle),
    handle: server.handle,
    apps,
    executions: state.executions,
    ledger,
    fault: faults.add,
    clearFaults: faults.clear,
    signWebhook(content) {
      const timestamp = Math.floor(clock.now() / 1000);
      return signWebhook({ userId, timestamp, ...content, key: signingKey });
    },
    close() {
      webhooks.close();
      server.close();
      clock.close();
    },
  };
}

/** @returns {import("./index.js").SimulatorLedger} */
function createLedger() {
  return {
    starts: [],
    requests: [],
    webhooks: [],
    clear() {
      this.starts.length = this.requests.length = this.webhooks.length = 0;
    },
  };
}
