// @ts-check
// `createProxyHandler`: a page's client calls it instead of the service, so that the key stays on the server.

import { env } from "../src/values.js";
import { startMemory } from "./once.js";
import { misused, readBody, refusal, Refused, refuse, tell } from "./reply.js";
import { findRoute, operationsOf, upstreamPath } from "./routes.js";
import { forward, passBack } from "./upstream.js";
import { corsHeaders, isCrossSite, memoryStore, overLimit, PREFLIGHT } from "./visitors.js";

const MOST_BODY = 1_048_576;
const DEFAULT_BASE_URL = "https://app.uselamina.ai";
const DEFAULT_TIMEOUT_MS = 30_000;

/** @param {any} options */
function readUpstream({ apiKey, baseUrl, auth = "x-api-key", workspaceId, fetch, timeoutMs = DEFAULT_TIMEOUT_MS, allowInsecureHttp }) {
  const given = baseUrl ?? (env("LAMINA_BASE_URL") || DEFAULT_BASE_URL);
  let url;
  try {
    url = new URL(String(given));
  } catch {
    return misused("`baseUrl` must be an absolute URL.");
  }
  const local = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && (local || allowInsecureHttp === true))) {
    misused("`baseUrl` must be https, or http to this machine.");
  }
  if (url.username || url.password || url.search || url.hash) misused("`baseUrl` must be an origin and a path.");
  if (auth !== "x-api-key" && auth !== "bearer") misused('`auth` must be "x-api-key" or "bearer".');
  if (apiKey !== undefined && typeof apiKey !== "string" && typeof apiKey !== "function") misused("`apiKey` must be a string or a function.");
  if (!(timeoutMs > 0 && timeoutMs < 2 ** 31)) misused("`timeoutMs` must be a number of milliseconds above zero.");
  return {
    base: url.origin + url.pathname.replace(/\/+$/, ""),
    key: typeof apiKey === "function" ? apiKey : () => apiKey ?? env("LAMINA_API_KEY"),
    auth,
    workspaceId,
    fetch,
    timeoutMs,
  };
}

/** @param {any} options */
function readRules({ authorize, allow = {}, origins = [], allowWebhook = false, rateLimit }) {
  if (typeof authorize !== "function") {
    misused("`authorize` must be a function that tells whether a request may use your account; `() => true` opens it to everybody.");
  }
  const operations = operationsOf(allow.operations) ?? misused("`allow.operations` must list methods of the client.");
  const { apps } = allow;
  if (apps !== undefined && !(Array.isArray(apps) && apps.every((id) => typeof id === "string"))) misused("`allow.apps` must list ids of apps.");
  if (!Array.isArray(origins) || origins.some((each) => typeof each !== "string" || !URL.canParse(each) || new URL(each).origin !== each)) {
    misused("`origins` must list origins, like https://shop.example.");
  }
  if (rateLimit && !(rateLimit.requestsPerMinute >= 1 && typeof rateLimit.visitor === "function")) {
    misused("`rateLimit` needs `requestsPerMinute` and `visitor`, which tells visitors apart.");
  }
  return { authorize, operations, apps: apps && new Set(apps), origins, allowWebhook: allowWebhook === true, rateLimit };
}

/** @type {typeof import("./index.js").createProxyHandler} */
export function createProxyHandler(options) {
  const upstream = readUpstream(options ?? {});
  const rules = readRules(options ?? {});
  const store = rules.rateLimit && (rules.rateLimit.store ?? memoryStore());
  const asStarted = startMemory();

  /**
   * Everything that is decided before the service is asked.
   * @param {Request} request
   * @param {Request} unread the same, with a body that nobody has read
   * @param {unknown} host what the host gave besides
   * @returns {Promise<Response>}
   */
  async function answer(request, unread, host) {
    const url = new URL(request.url);
    const found = findRoute(request.method, url.pathname);
    const { route, id } = "route" in found ? found : { route: undefined, id: "" };
    const asked = { operation: route?.operation, appId: route?.id === "app" ? id : undefined, executionId: route?.id === "execution" ? id : undefined };

    const verdict = await rules.authorize(request, asked, host);
    if (Object.prototype.toString.call(verdict) === "[object Response]") return /** @type {Response} */ (verdict);
    if (verdict !== true) refuse(403, "FORBIDDEN", "You may not do this.");
    if (isCrossSite(request, rules.origins)) refuse(403, "FORBIDDEN", "Pages of other sites may not do this.");
    if ("methods" in found && found.methods.length) refuse(405, "VALIDATION_ERROR", "Not by this method.", { allow: found.methods.join(", ") });
    if (!route) return refuse(404, "NOT_FOUND", "There is nothing here.");
    if (!rules.operations.has(route.operation)) refuse(403, "FORBIDDEN", "The proxy does not allow this operation.");
    const app = route.operation === "listExecutions" ? url.searchParams.get("appId") : asked.appId;
    if (rules.apps && app !== undefined && !rules.apps.has(app)) refuse(403, "FORBIDDEN", "The proxy does not allow this app.");
    if (!rules.allowWebhook && url.searchParams.has("webhook")) refuse(403, "FORBIDDEN", "The proxy does not allow webhooks.");
    // As the client makes it, or nearly: what is remembered has to stay small.
    const once = route.sends && /^[\w-]{1,64}$/.exec(url.searchParams.get("once") ?? "")?.[0];
    const carryOut = async () => {
      await checkLimit(request, host);
      return ask(request, unread, route, id, url.searchParams);
    };
    return once ? asStarted(`${url.pathname} ${once}`, carryOut) : carryOut();
  }

  /** @param {Request} request @param {unknown} host */
  async function checkLimit(request, host) {
    const pause = store ? await overLimit(rules.rateLimit, store, request, host) : 0;
    if (pause) refuse(429, "RATE_LIMITED", "Too many requests.", { "retry-after": String(Math.ceil(pause / 1000)) });
  }

  /**
   * Asks the service.
   * @param {Request} request
   * @param {Request} unread
   * @param {import("./routes.js").Route} route
   * @param {string} id
   * @param {URLSearchParams} query
   */
  async function ask(request, unread, route, id, query) {
    // The service's own default is a minute.
    const seconds = route.after === "/wait" ? Number(query.get("timeout") ?? 60) || 0 : 0;
    const { reply, body, key } = await forward(upstream, route.method, upstreamPath(route, id, query), route.sends ? await readInputs(unread) : undefined, {
      signal: route.starts ? undefined : request.signal,
      extraMs: Math.min(Math.max(seconds, 0), 120) * 1000,
      streams: route.after === "/stream",
    });
    return passBack(reply, route.operation === "listApps" && rules.apps && reply.ok ? onlyApps(body, rules.apps) : body, key);
  }

  return async (request, host) => {
    const cors = corsHeaders(request, rules.origins);
    if (request.method === "OPTIONS" && cors["access-control-allow-origin"]) return new Response(null, { status: 204, headers: { ...cors, ...PREFLIGHT } });
    /** @type {Response} */
    let reply;
    try {
      // `authorize` may read the body, too.
      reply = await answer(request, request.body ? /** @type {Request} */ (request.clone()) : request, host);
    } catch (error) {
      const refused = error instanceof Refused;
      if (!refused || error.cause) tell(options.onError, refused ? error.cause : error, request);
      reply = refused ? error.reply : refusal(500, "INTERNAL_ERROR", "The proxy failed.");
    }
    if (!rules.origins.length) return reply;
    // Anew, for the headers of what `authorize` gave may be fixed.
    const headers = new Headers(reply.headers);
    for (const [name, value] of Object.entries(cors)) headers.set(name, value);
    return new Response(reply.body, { status: reply.status, headers });
  };
}

/**
 * The body of a start, written anew from what it may hold.
 * @param {Request} request
 */
async function readInputs(request) {
  const [type] = (request.headers.get("content-type") ?? "").split(";");
  // A page of another site cannot send this type without asking first.
  if (type.trim().toLowerCase() !== "application/json") refuse(415, "VALIDATION_ERROR", "The body must be JSON.");
  const bytes = await readBody(request, MOST_BODY);
  try {
    const { inputs, outputs } = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (typeof inputs !== "object" || inputs === null || Array.isArray(inputs)) throw new TypeError();
    return JSON.stringify({ inputs, outputs });
  } catch {
    return refuse(400, "VALIDATION_ERROR", "The body must be a JSON object with `inputs`.");
  }
}

/**
 * The list without the apps that a page is not to see.
 * @param {any} list bytes, or text
 * @param {Set<string>} apps
 */
function onlyApps(list, apps) {
  try {
    const body = JSON.parse(typeof list === "string" ? list : new TextDecoder().decode(list));
    return JSON.stringify({ ...body, data: body.data.filter((/** @type {any} */ { appId }) => apps.has(appId)) });
  } catch {
    return refuse(502, "INTERNAL_ERROR", "The service answered with what is no list of apps.");
  }
}
