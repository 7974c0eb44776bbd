// A back end that takes webhooks: the simulator on a real port, a client of it, and handlers on ports of their own.

import { createServer } from "node:http";
import { installPackage } from "../../support/install.mjs";
import { sleep } from "../../support/settle.mjs";

const installed = await installPackage();
const { Lamina } = await installed.import();
const { createWebhookHandler, toNodeHandler } = await installed.import("/server");
const { createSimulator } = await installed.import("/simulator");
const { serve } = await installed.import("/simulator/node");

/** How many times faster than life: deliveries come again after 25 ms, 150 ms and 600 ms. */
const SPEED = 200;
const APPS = [
  { name: "Quick", queueMs: 1_000, outputs: [{ label: "Text", type: "text", durationMs: 2_000 }] },
  { name: "Slow", queueMs: 1_000, outputs: [{ label: "Video", type: "video", durationMs: 60_000 }] },
  { name: "Fails", queueMs: 1_000, outputs: [{ label: "Text", type: "text", durationMs: 2_000 }], errorMessage: "Insufficient credits" },
  { name: "Endless", queueMs: 1_000, outputs: [{ label: "Text", type: "text", durationMs: Infinity }] },
];

/**
 * @param {{ after: (close: () => unknown) => void }} t
 * @param {object} [options] of the simulator
 * @param {object} [clientOptions]
 */
export async function backEnd(t, options, clientOptions) {
  const sim = createSimulator({ speed: SPEED, apps: APPS, ...options });
  const api = await serve(sim);
  t.after(async () => {
    sim.close();
    await api.close();
  });
  const lamina = new Lamina({ apiKey: sim.apiKey, baseUrl: api.url, requestsPerMinute: Infinity, ...clientOptions });
  return {
    sim,
    lamina,
    /** A handler on a port. */
    hook: (handlerOptions) => hook(t, { client: lamina, ...handlerOptions }),
    /** Starts an execution whose webhook goes there. */
    start: (webhook, name = "Quick") => lamina.execute(sim.apps.find((app) => app.name === name).appId, {}, { webhook }),
    /** How the deliveries so far were answered, once there are so many. */
    async answers(count) {
      const ended = () => sim.ledger.webhooks.filter(({ status, error }) => status ?? error);
      await eventually(() => ended().length >= count, () => `${count} deliveries: ${JSON.stringify(sim.ledger.webhooks)}`);
      return ended().map(({ status, error }) => status ?? error);
    },
    /** A delivery as the service makes it, now. */
    async signed(body, requestId, more) {
      const content = { body: typeof body === "string" ? body : JSON.stringify({ data: body }), requestId, ...more };
      return { body: content.body, headers: await sim.signWebhook(content) };
    },
  };
}

async function hook(t, options) {
  const errors = [];
  const handled = [];
  const { onExecution = () => {}, onError = () => {} } = options;
  const handler = createWebhookHandler({
    ...options,
    onExecution: (...args) => (handled.push(args), onExecution(...args)),
    onError: (...args) => (errors.push(args[0]), onError(...args)),
  });
  const url = await listen(t, toNodeHandler(handler));
  /** Delivers by hand. */
  const post = (delivery) => fetch(url, { method: "POST", ...delivery });
  return { handler, url, errors, handled, post, status: async (delivery) => (await post(delivery)).status };
}

/** A listener of requests on a free port, closed with the test. */
export async function listen(t, listener) {
  const server = createServer(listener);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${server.address().port}/hooks/lamina`;
}

/** Waits for a condition, for ten seconds at most: a busy machine is no failure. */
export async function eventually(condition, what = () => String(condition)) {
  for (const began = performance.now(); !condition(); await sleep(5)) {
    if (performance.now() - began > 10_000) throw new Error(`It did not come about: ${what()}`);
  }
}

/** A promise, and what settles it. */
export function gate() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { open: resolve, fail: reject }));
  return parts;
}
