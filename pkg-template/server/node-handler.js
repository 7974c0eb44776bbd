// @ts-check
// `toNodeHandler`: a Fetch-API handler for node:http, Express and Fastify.

/** Requests whose raw bytes a parser has read before, and has not kept. @type {WeakSet<Request>} */
export const parsedBefore = new WeakSet();

/** @type {typeof import("./index.js").toNodeHandler} */
export function toNodeHandler(handler) {
  return async (incoming, outgoing) => {
    // Fastify wraps both, and must be told that the reply is not its own.
    const request = incoming.raw ?? incoming;
    const response = outgoing.raw ?? outgoing;
    outgoing.hijack?.();
    const controller = new AbortController();
    response.once("close", () => {
      // It fires at the end of every exchange, too.
      if (!response.writableFinished) controller.abort();
    });
    response.on("error", () => {});
    try {
      const asked = toRequest(request, incoming.body, controller.signal);
      if (!asked) return end(response, 400);
      await send(response, await handler(asked, incoming), controller.signal);
    } catch {
      end(response, 500);
    } finally {
      // What nobody read of the body is read to nowhere: the next request on the connection comes after it.
      if (!request.readableEnded) request.removeAllListeners("data").resume();
    }
  };
}

/**
 * @param {any} response
 * @param {number} status
 */
function end(response, status) {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { "content-length": "0" });
  response.end();
}

/**
 * @param {any} request Node's
 * @param {unknown} parsed what a parser that ran before has made of the body
 * @param {AbortSignal} signal
 * @returns {Request | undefined} undefined where no `Request` can be made of it
 */
function toRequest(request, parsed, signal) {
  // Express takes the path that it is mounted at from `url`.
  const path = request.originalUrl ?? request.url;
  if (typeof path !== "string" || !path.startsWith("/")) return undefined;
  const headers = new Headers();
  const { method, rawHeaders } = request;
  try {
    for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
      if (!rawHeaders[i].startsWith(":")) headers.append(rawHeaders[i], rawHeaders[i + 1]);
    }
    const host = headers.get("host") ?? request.headers[":authority"] ?? "localhost";
    const scheme = request.socket?.encrypted ? "https" : "http";
    // Put together, not resolved: a path that begins with two slashes names no other host.
    const url = new URL(`${scheme}://${host}${path}`);
    if (url.host !== new URL(`${scheme}://${host}`).host || /[/?#@\\]/.test(host)) return undefined;
    const { body, raw } = method === "GET" || method === "HEAD" ? NO_BODY : bodyOf(request, parsed);
    const init = { method, headers, signal, body, duplex: "half" };
    const asked = new Request(url, /** @type {any} */ (init));
    if (!raw) parsedBefore.add(asked);
    return asked;
  } catch {
    return undefined; // a method or a header that no `Request` may have
  }
}

const NO_BODY = { body: undefined, raw: true };

/**
 * @param {any} request
 * @param {any} parsed
 * @returns {{ body: any, raw: boolean }} `raw`: whether these are the bytes that were sent
 */
function bodyOf(request, parsed) {
  if (!request.readableEnded) return { body: streamOf(request), raw: true };
  if (typeof parsed === "string" || ArrayBuffer.isView(parsed)) return { body: parsed, raw: true };
  return { body: parsed == null ? undefined : JSON.stringify(parsed), raw: false };
}

/**
 * By events: an iterator that is left early would take the connection down, and the reply with it.
 * @param {any} request
 */
function streamOf(request) {
  return new ReadableStream({
    start(controller) {
      request.on("data", (/** @type {Uint8Array} */ piece) => {
        controller.enqueue(new Uint8Array(piece));
        if (/** @type {number} */ (controller.desiredSize) <= 0) request.pause();
      });
      request.once("end", () => controller.close());
      request.once("error", (/** @type {unknown} */ error) => controller.error(error));
      // Its visitor has gone already: no event tells of that any more.
      if (request.destroyed) controller.error(new Error("The request was cut off."));
      request.pause();
    },
    pull() {
      request.resume();
    },
    cancel() {
      request.removeAllListeners("data").removeAllListeners("end");
    },
  });
}

/**
 * @param {any} response
 * @param {Response} reply
 * @param {AbortSignal} signal the visitor has gone
 */
async function send(response, reply, signal) {
  /** @type {Record<string, string | string[]>} */
  const headers = {};
  reply.headers.forEach((value, name) => (headers[name] = name === "set-cookie" ? reply.headers.getSetCookie() : value));
  if (signal.aborted) return void reply.body?.cancel().catch(() => {});
  response.writeHead(reply.status, headers);
  const reader = reply.body?.getReader();
  if (!reader) return void response.end();
  // What the visitor does not read any more is not asked for any more.
  signal.addEventListener("abort", () => reader.cancel().catch(() => {}), { once: true });
  response.flushHeaders?.();
  for (;;) {
    const { done, value } = await reader.read();
    if (done || signal.aborted) break;
    if (!response.write(value)) await drained(response);
  }
  response.end();
}

/** @param {any} response */
const drained = (response) =>
  new Promise((resolve) => {
    const go = () => {
      response.off("drain", go);
      response.off("close", go);
      resolve(undefined);
    };
    response.on("drain", go);
    response.on("close", go);
  });
