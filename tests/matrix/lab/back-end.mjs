// What is asked of a back end that has both handlers of `lamina-wasm/server`: as a page asks the proxy, and as Lamina delivers.

import assert from "node:assert/strict";
import { installPackage } from "../../support/install.mjs";

/** The back end itself, as a user writes it: a Fetch-API handler for any host. */
export const BACK_END = `import { Lamina } from "lamina-wasm";
import { createProxyHandler, createWebhookHandler } from "lamina-wasm/server";

export function backEnd(options) {
  const handled = [];
  let address;
  // Where the visitor is, as Deno, Bun and Node say it.
  const where = (request, host) => host?.remoteAddr?.hostname ?? host?.requestIP?.(request)?.address ?? host?.socket?.remoteAddress;
  const proxy = createProxyHandler({
    ...options,
    authorize: ({ headers }) => headers.get("x-visitor") !== "stranger",
    rateLimit: { requestsPerMinute: 1_000, visitor: (request, host) => (address = where(request, host)) },
  });
  const hook = createWebhookHandler({ client: new Lamina(options), onExecution: ({ executionId }) => void handled.push(executionId) });
  return async (request, host) => {
    const { pathname } = new URL(request.url);
    if (pathname.endsWith("/address")) return Response.json(address ?? null);
    if (pathname.endsWith("/handled")) return Response.json(handled);
    return pathname.endsWith("/hook") ? hook(request) : proxy(request, host);
  };
}`;

/** How many executions `exercise` starts. */
export const STARTS = 3;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * @param {string} url of the back end
 * @param {{ apiKey: string, baseUrl: string }} options of the simulator behind it
 * @param {string | null} [address] where the back end sees its visitor, if its host tells
 */
export async function exercise(url, options, address = null) {
  const { Lamina } = await (await installPackage()).import();
  const code = (promise) => promise.then(() => "passed", (error) => error.code);

  const page = new Lamina({ proxyUrl: url, apiVersion: "v1" });
  const apps = await page.listApps();
  const { appId } = apps.find(({ name }) => name === "Cartoonify Selfie") ?? apps[0];
  const seen = [];
  for (const transport of ["poll", "stream"]) {
    const { status } = await page.run(appId, { Style: "Ghibli" }, { pollIntervalMs: 20, transport, onUpdate: ({ status }) => void seen.push(status) });
    assert.equal(status, "completed", transport);
  }
  assert.equal(await (await fetch(`${url}/address`)).json(), address);
  const stranger = new Lamina({ proxyUrl: url, headers: { "x-visitor": "stranger" } });
  assert.deepEqual([await code(stranger.listApps()), await code(page.getWorkflow(appId)), await code(page.getApp("no-such-app"))], ["FORBIDDEN", "FORBIDDEN", "NOT_FOUND"]);
  const cross = await fetch(`${url}/api/apps`, { headers: { origin: "https://evil.example" } });
  assert.equal(cross.status, 403);
  const large = await fetch(`${url}/api/apps/${appId}/executions`, { method: "POST", headers: { "content-type": "application/json" }, body: " ".repeat(1_200_000) });
  assert.equal(large.status, 413);
  for (const reply of [cross, large]) assert.ok(!(await reply.text()).includes(options.apiKey));

  const { executionId } = await new Lamina(options).execute(appId, { Style: "Ghibli" }, { webhook: `${url}/hook` });
  const handled = async () => (await fetch(`${url}/handled`)).json();
  for (const began = Date.now(); !(await handled()).includes(executionId) && Date.now() - began < 20_000; ) await sleep(50);
  assert.deepEqual(await handled(), [executionId], "the simulator's delivery was verified and handled");
  const headers = { "x-lamina-webhook-timestamp": String(Math.floor(Date.now() / 1000)), "x-lamina-webhook-signature": "0".repeat(128) };
  assert.equal((await fetch(`${url}/hook`, { method: "POST", headers, body: "{}" })).status, 400);
  assert.deepEqual(await handled(), [executionId]);
}
