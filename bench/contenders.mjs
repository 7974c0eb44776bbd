// The clients that are compared, and how each does what we do: read one thing, read a list, start something, look at it. What
// a client has no natural function for, it is not measured in.

import { createFalClient } from "@fal-ai/client";
import RunwayML from "@runwayml/sdk";
import OpenAI from "openai";
import Replicate from "replicate";
import Stripe from "stripe";
import { installPackage } from "../tests/support/install.mjs";
import { APP_ID, EXECUTION_ID, KEY } from "../tests/support/payloads.mjs";
import { OURS, REFERENCE } from "./names.mjs";

const { Lamina } = await (await installPackage()).import();

const INPUTS = { "Model  Ethnicity": "Asian", Style: "Ghibli" };

/** What somebody writes without a client: `fetch`, `JSON.parse`, and a time-out. */
function handWritten(origin, fetch) {
  const ask = async (path, signal, body) => {
    const headers = { "x-api-key": KEY, accept: "application/json" };
    if (body !== undefined) headers["content-type"] = "application/json";
    const response = await fetch(origin + path, { method: body === undefined ? "GET" : "POST", headers, body: body && JSON.stringify(body), signal });
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status} ${text}`);
    return JSON.parse(text).data;
  };
  const operations = (signal) => ({
    getApp: () => ask(`/api/apps/${encodeURIComponent(APP_ID)}`, signal()),
    listApps: () => ask("/api/apps", signal()),
    execute: () => ask(`/api/apps/${encodeURIComponent(APP_ID)}/executions`, signal(), { parameters: INPUTS }),
    poll: () => ask(`/api/executions/${encodeURIComponent(EXECUTION_ID)}`, signal()),
  });
  return operations;
}

/**
 * The functions of each client that answer to ours, for a server at `origin`.
 * @param {string} origin
 * @param {typeof globalThis.fetch} [given] a `fetch` instead of the global one
 * @returns {Record<string, Partial<Record<"getApp" | "listApps" | "execute" | "poll", () => Promise<any>>>>}
 */
export function contenders(origin, given) {
  const fetch = given ?? globalThis.fetch;
  const own = given && { fetch: given };

  const lamina = new Lamina({ apiKey: KEY, baseUrl: origin, requestsPerMinute: Infinity, ...own });
  const replicate = new Replicate({ auth: KEY, baseUrl: origin, ...own });
  const runway = new RunwayML({ apiKey: KEY, baseURL: origin, ...own });
  const openai = new OpenAI({ apiKey: KEY, baseURL: origin, ...own });
  // It has no option for the address; this is its way to other ones.
  const toOrigin = async (request) => ({ ...request, url: origin + request.url.slice("https://queue.fal.run".length) });
  const { queue } = createFalClient({ credentials: KEY, requestMiddleware: toOrigin, ...own });
  const { hostname, port } = new URL(origin);
  const stripe = new Stripe(KEY, { host: hostname, port, protocol: "http", telemetry: false, httpClient: Stripe.createFetchHttpClient(fetch) });
  const reference = handWritten(origin, fetch);

  return {
    [REFERENCE]: reference(() => AbortSignal.timeout(30_000)),
    "hand-written, no time-out": reference(() => undefined),
    [OURS]: {
      getApp: () => lamina.getApp(APP_ID),
      listApps: () => lamina.listApps(),
      execute: () => lamina.execute(APP_ID, INPUTS),
      poll: () => lamina.getExecution(EXECUTION_ID),
    },
    replicate: {
      getApp: () => replicate.models.get("owner", "name"),
      listApps: () => replicate.models.list(),
      execute: () => replicate.predictions.create({ version: APP_ID, input: INPUTS }),
      poll: () => replicate.predictions.get(EXECUTION_ID),
    },
    "@fal-ai/client": {
      getApp: () => queue.result("owner/app", { requestId: APP_ID }),
      execute: () => queue.submit("owner/app", { input: INPUTS }),
      poll: () => queue.status("owner/app", { requestId: EXECUTION_ID }),
    },
    "@runwayml/sdk": {
      getApp: () => runway.tasks.retrieve(APP_ID),
      execute: () => runway.imageToVideo.create({ model: "gen4_turbo", promptImage: "https://media.example.com/front.jpg", ratio: "1280:720", ...INPUTS }),
      poll: () => runway.tasks.retrieve(EXECUTION_ID),
    },
    stripe: {
      getApp: () => stripe.products.retrieve(APP_ID),
      listApps: () => stripe.products.list(),
      execute: () => stripe.paymentIntents.create({ amount: 100, currency: "eur", metadata: INPUTS }),
      poll: () => stripe.paymentIntents.retrieve(EXECUTION_ID),
    },
    openai: {
      getApp: () => openai.models.retrieve(APP_ID),
      listApps: () => openai.models.list(),
      execute: () => openai.batches.create({ completion_window: "24h", endpoint: "/v1/responses", input_file_id: APP_ID, metadata: INPUTS }),
      poll: () => openai.batches.retrieve(EXECUTION_ID),
    },
  };
}
