// Compiled, never run: a back end's handlers, where the host's types have `Request` and `Response`.

import { type Execution, Lamina, type WebhookEvent, getSigningKeys, verifyWebhook, waitForExecution } from "lamina-wasm";
import { createProxyHandler, createWebhookHandler, type FetchHandler, type RateLimitStore, type SeenStore, toNodeHandler } from "lamina-wasm/server";

const store: RateLimitStore = { increment: async (visitor, windowMs) => ({ count: visitor.length, resetMs: windowMs }) };
const seen: SeenStore = { has: async (id) => id.length > 0, add: (id) => new Set<string>().add(id) };

export const proxy = createProxyHandler({
  apiKey: async () => "lma_…",
  authorize: async (request, { operation, appId, executionId }) => {
    const words: (string | undefined)[] = [operation, appId, executionId];
    return request.headers.get("cookie") === null ? new Response(null, { status: 401 }) : words.length > 0;
  },
  allow: { apps: ["a"], operations: ["listApps", "run"] },
  origins: ["https://shop.example"],
  rateLimit: { requestsPerMinute: 60, visitor: (request, { socket }) => request.headers.get("x-user") ?? socket.remoteAddress, store },
  onError: (error: unknown, request) => void [error, request.url],
  baseUrl: new URL("https://gateway.example"),
  auth: "bearer",
  timeoutMs: 5_000,
  fetch,
});
const answer: Promise<Response> = proxy(new Request("https://shop.example/api/lamina/api/apps"));

export const hook = createWebhookHandler({
  client: new Lamina(),
  onExecution: async (execution: Execution, { requestId, userId, timestamp, keyId }) => {
    const event: [string, string | undefined, number, string | undefined] = [requestId, userId, timestamp, keyId];
    return [execution.status, event];
  },
  seen,
  keys: "MCowBQYDK2VwAyEA…",
  toleranceMs: 60_000,
});
// What it is in every host.
export default { fetch: hook satisfies (request: Request) => Promise<Response> };
export const GET: FetchHandler = proxy;
export const listener = toNodeHandler(hook);

export async function webhooks(request: Request) {
  const event: WebhookEvent = await verifyWebhook(request, { keys: await getSigningKeys(), now: new Date() });
  // The host's own `JsonWebKey`, which has no index signature.
  const [first] = (await getSigningKeys()).keys;
  const jwk = await crypto.subtle.exportKey("jwk", await crypto.subtle.importKey("jwk", first!, "Ed25519", true, ["verify"]));
  for (const keys of [jwk, [jwk, "MCow"], { keys: [jwk] }] as const) await verifyWebhook(request, { keys });
  await verifyWebhook(request, { keys: { kty: "OKP", crv: "Ed25519", x: "11qY", kid: "1", use: "sig", alg: "EdDSA" } });
  await verifyWebhook({ body: new Uint8Array(), headers: { "x-a": ["b"] } }, { keys: [{ kty: "OKP", crv: "Ed25519", x: "…" }] });
  await waitForExecution(event.execution, { arrival: hook.events });
  for await (const { execution } of hook.events) await waitForExecution(execution, { arrival: Promise.resolve(execution) });
  return answer;
}

export function refused() {
  // @ts-expect-error: without `authorize` everybody may use the account
  createProxyHandler({ apiKey: "lma_…" });
  // @ts-expect-error: a verdict is no text
  createProxyHandler({ authorize: () => "yes" });
  // @ts-expect-error: visitors have to be told apart
  createProxyHandler({ authorize: () => true, rateLimit: { requestsPerMinute: 5 } });
  // @ts-expect-error: a client verifies
  createWebhookHandler({ onExecution: () => {} });
  // @ts-expect-error: a store needs both
  createWebhookHandler({ client: new Lamina(), seen: { has: () => true } });
}
