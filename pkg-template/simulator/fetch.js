// @ts-check
// The simulator as a `fetch`: no socket, but the manners of a real one. It rejects with a `TypeError` when the connection
// breaks and with the signal's reason when it is aborted, follows redirects unless told otherwise, and gives a real
// `Response`.

import { ConnectionLost } from "./errors.js";
import { isStream } from "./reply.js";

const MOST_REDIRECTS = 20;

/**
 * @typedef {import("./index.js").SimulatorRequest} SimulatorRequest
 * @typedef {(request: SimulatorRequest) => Promise<import("./reply.js").WireReply>} Handle
 */

/**
 * @param {Handle} handle
 * @returns {(input: string | URL | Request, init?: RequestInit) => Promise<Response>}
 */
export function createFetch(handle) {
  return async (input, init) => {
    const { request, redirect, signal } = await read(input, init);
    const controller = new AbortController();
    const onAbort = () => controller.abort(signal?.reason);
    const release = () => signal?.removeEventListener("abort", onAbort);
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) onAbort();
    try {
      controller.signal.throwIfAborted();
      const { reply, url, redirected } = await follow(handle, { ...request, signal: controller.signal }, redirect);
      controller.signal.throwIfAborted();
      const hasBody = request.method !== "HEAD" && ![204, 205, 304].includes(reply.status);
      return toResponse(reply, { url, redirected, hasBody, abort: () => controller.abort(), release });
    } catch (error) {
      release();
      throw networkError(error, "fetch failed");
    }
  };
}

/**
 * A `Request` object is not built on the way: hosts refuse members of `init` that mean nothing here.
 *
 * @param {string | URL | Request} input
 * @param {RequestInit} [init]
 */
async function read(input, init = {}) {
  const from = typeof input === "object" && "headers" in input ? input : undefined;
  const url = new URL(from ? from.url : String(input));
  if (url.username || url.password) throw new TypeError(`The URL holds credentials: ${url.origin}`);
  url.hash = "";
  const method = (init.method ?? from?.method ?? "GET").toUpperCase();
  const headers = new Headers(init.headers ?? from?.headers);
  const content = init.body ?? null;
  if ((method === "GET" || method === "HEAD") && content !== null) throw new TypeError(`A ${method} has no body`);
  let body = "";
  if (content !== null) {
    const packed = new Response(content);
    const type = packed.headers.get("content-type");
    if (type && !headers.has("content-type")) headers.set("content-type", type);
    body = await packed.text();
  } else if (from?.body) {
    body = await from.text();
  }
  const request = { method, url: url.href, headers: Object.fromEntries(headers), body };
  const signal = (init.signal === undefined ? from?.signal : init.signal) ?? undefined;
  return { request, redirect: init.redirect ?? from?.redirect ?? "follow", signal };
}

/**
 * Wherever a redirect leads, it leads back to the simulator: the ledger shows what another host would have been sent.
 *
 * @param {Handle} handle
 * @param {SimulatorRequest} request
 * @param {RequestRedirect} redirect
 */
async function follow(handle, request, redirect) {
  for (let count = 0; ; count++) {
    const reply = await handle(request);
    const { url } = request;
    const location = [301, 302, 303, 307, 308].includes(reply.status) ? reply.headers.location : undefined;
    if (location === undefined || redirect === "manual") return { reply, url, redirected: count > 0 };
    if (redirect === "error") throw new ConnectionLost();
    if (count >= MOST_REDIRECTS) throw new ConnectionLost();
    request = redirectedRequest(request, reply.status, new URL(location, url));
  }
}

/**
 * As the standard says: what was posted is fetched, and `authorization` does not go to another origin. Other headers do.
 *
 * @param {SimulatorRequest} request
 * @param {number} status
 * @param {URL} to
 * @returns {SimulatorRequest}
 */
function redirectedRequest({ method, url, headers, body, signal }, status, to) {
  const { authorization, ...others } = headers;
  const kept = new URL(url).origin === to.origin && authorization !== undefined ? headers : others;
  const keepsMethod = status === 307 || status === 308 || (method !== "POST" && status !== 303);
  if (keepsMethod) return { method, url: to.href, headers: kept, body, signal };
  const { "content-type": _, ...bodiless } = kept;
  return { method: "GET", url: to.href, headers: bodiless, body: "", signal };
}

/**
 * @param {import("./reply.js").WireReply} reply
 * @param {{ url: string, redirected: boolean, hasBody: boolean, abort: () => void, release: () => void }} exchange
 */
function toResponse({ status, headers, body }, { url, redirected, hasBody, abort, release }) {
  const stream = isStream(body) && hasBody ? toReadable(body, abort, release) : undefined;
  if (!stream) release();
  const content = stream ?? (hasBody ? /** @type {Uint8Array<ArrayBuffer>} */ (body) : null);
  const response = new Response(content, { status, headers });
  // A response that was made by hand has no URL of its own.
  Object.defineProperties(response, { url: { value: url }, redirected: { value: redirected } });
  return response;
}

/**
 * @param {AsyncIterable<Uint8Array>} body
 * @param {() => void} abort ends what the pieces wait for
 * @param {() => void} release
 */
function toReadable(body, abort, release) {
  const pieces = body[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await pieces.next();
        if (!done) return controller.enqueue(value);
        release();
        controller.close();
      } catch (error) {
        release();
        controller.error(networkError(error, "terminated"));
      }
    },
    async cancel() {
      release();
      abort();
      // Ends the pieces also where they wait for a reader; that the abort ends them is no news.
      await pieces.return?.().catch(() => {});
    },
  });
}

/**
 * @param {unknown} error
 * @param {string} message
 */
function networkError(error, message) {
  return error instanceof ConnectionLost ? new TypeError(message, { cause: error }) : error;
}
