// @ts-check
// What happens to a request, in this order: it is written down, may meet a fault, passes the rate limit and the door, and is
// carried out. No transport is known here: `fetch.js` and `node.js` are.

import { authenticate } from "./auth.js";
import { ConnectionLost, Refusal, refusalReply } from "./errors.js";
import { HANDLERS } from "./handlers.js";
import { isStream, toWire } from "./reply.js";
import { route } from "./router.js";
import { strike } from "./strike.js";

/**
 * @typedef {object} State all that the server knows
 * @property {import("./clock.js").Clock} clock
 * @property {import("./apps.js").App[]} apps
 * @property {Map<string, import("./executions.js").Execution>} executions
 * @property {import("./index.js").SimulatorLedger} ledger
 * @property {import("./credits.js").Credits} credits
 * @property {{ limit: number, windowMs: number }} quota
 * @property {{ userId: string, workspaceId: string }} account
 * @property {import("./index.js").SigningKey} signingKey
 * @property {ReturnType<typeof import("./webhooks.js").createWebhooks>} webhooks
 * @property {import("./random.js").Random} ids of executions
 * @property {import("./random.js").Random} durations
 * @property {number} streamTimeoutMs
 *
 * @typedef {object} Server
 * @property {State} state
 * @property {{ apiKey: string, workspaceId: string }} identity
 * @property {import("./faults.js").FaultBook} faults
 * @property {import("./ratelimit.js").RateLimiter} limiter
 * @property {import("./random.js").Random} requestIds
 * @property {import("./random.js").Random} noise what the faults cut at
 * @property {string} basePath
 *
 * @typedef {import("./index.js").SimulatorRequest} SimulatorRequest
 * @typedef {import("./reply.js").Reply} Reply
 * @typedef {import("./reply.js").WireReply} WireReply
 */

/** What a page may send and read. As strict as a real server: one more header in a request would break it in browsers. */
const CORS = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, X-Request-Id",
};
const PREFLIGHT = {
  "access-control-allow-methods": "GET, POST, OPTIONS",
  "access-control-allow-headers": "x-api-key, authorization, content-type, x-workspace-id, accept",
  "access-control-max-age": "600",
};

/** @param {Server} server */
export function createHandler(server) {
  const { state, faults, requestIds, noise, basePath } = server;
  const { clock, ledger } = state;
  /** @type {Set<(reason: unknown) => void>} */
  const open = new Set();
  let closed = false;

  /**
   * @param {SimulatorRequest} request
   * @param {AbortSignal} signal
   * @returns {Promise<WireReply>}
   */
  async function answer(request, signal) {
    const { method, body, headers } = request;
    const url = new URL(request.url);
    const path = url.pathname.startsWith(basePath) ? url.pathname.slice(basePath.length) : "";
    const found = route(method, path);
    const { generation = "runs", operation } = found ?? {};
    /** @type {import("./index.js").RequestRecord} */
    const entry = { at: clock.now(), method, url: url.href, path, query: {}, headers, body, operation };
    entry.query = Object.fromEntries(url.searchParams);
    ledger.requests.push(entry);

    const requestId = requestIds.uuid();
    const call = { state, generation, id: found?.id ?? "", query: url.searchParams, headers, body, signal };
    const produce = () => carryOut(server, { found, method, call, requestId });
    const refuse = (/** @type {Refusal} */ refusal) => refusalReply(refusal, generation, requestId);
    const silence = () => /** @type {Promise<never>} */ (clock.sleep(Infinity, signal));

    const { latencyMs, fault } = faults.meet({ method, path, operation });
    entry.fault = fault?.kind ?? (latencyMs > 0 ? "latency" : undefined);
    if (latencyMs > 0) await clock.sleep(latencyMs, signal);
    const reply = fault ? await strike(fault, { produce, refuse, silence, random: noise }) : toWire(await produce());
    entry.status = reply.status;
    const date = new Date(clock.now()).toUTCString();
    /** @type {Record<string, string>} */
    const named = path.startsWith("/v1/") ? { "x-request-id": requestId } : {};
    return { ...reply, headers: { date, ...CORS, ...named, ...reply.headers } };
  }

  return {
    /**
     * @param {SimulatorRequest} request
     * @returns {Promise<WireReply>}
     */
    async handle(request) {
      if (closed) throw new ConnectionLost();
      const scope = openScope(open, request.signal);
      try {
        const reply = await answer(request, scope.signal);
        if (!isStream(reply.body)) return scope.end(), reply;
        return { ...reply, body: endAfter(reply.body, scope.end) };
      } catch (error) {
        scope.end();
        throw error;
      }
    },
    close() {
      closed = true;
      for (const abort of [...open]) abort(new ConnectionLost());
    },
  };
}

/**
 * @param {Server} server
 * @param {object} request
 * @param {import("./router.js").Route | undefined} request.found
 * @param {string} request.method
 * @param {import("./call.js").Call} request.call
 * @param {string} request.requestId
 * @returns {Promise<Reply>}
 */
async function carryOut({ state, identity, limiter }, { found, method, call, requestId }) {
  if (method === "OPTIONS") return { status: 204, headers: PREFLIGHT, body: undefined };
  /** @type {Record<string, string>} */
  let limits = {};
  try {
    if (!found) throw new Refusal(404, "Not found");
    limits = limiter.admit(call.generation, state.clock.now());
    if (!found.allow) authenticate(call.headers, identity);
    if (found.allow) throw new Refusal(405, "Method not allowed", { headers: { allow: found.allow.join(", ") } });
    if (!found.operation) throw new Refusal(404, "Not found");
    const reply = await HANDLERS[found.operation](call);
    return { ...reply, headers: { ...reply.headers, ...limits } };
  } catch (error) {
    if (call.signal.aborted) throw error;
    const refusal = error instanceof Refusal ? error : new Refusal(500, `Internal error: ${error}`);
    const reply = refusalReply(refusal, call.generation, requestId);
    return { ...reply, headers: { ...limits, ...reply.headers } };
  }
}

/**
 * The time that a request is open: it ends by itself, by its caller or with the simulator, and leaves no listener behind.
 *
 * @param {Set<(reason: unknown) => void>} open
 * @param {AbortSignal} [caller]
 */
function openScope(open, caller) {
  const controller = new AbortController();
  const abort = (/** @type {unknown} */ reason) => controller.abort(reason);
  const onAbort = () => abort(caller?.reason);
  open.add(abort);
  caller?.addEventListener("abort", onAbort, { once: true });
  if (caller?.aborted) onAbort();
  return {
    signal: controller.signal,
    end() {
      open.delete(abort);
      caller?.removeEventListener("abort", onAbort);
    },
  };
}

/**
 * @param {AsyncIterable<Uint8Array>} stream
 * @param {() => void} end
 */
async function* endAfter(stream, end) {
  try {
    yield* stream;
  } finally {
    end();
  }
}
