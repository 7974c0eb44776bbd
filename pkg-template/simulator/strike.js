// @ts-check
// What a fault does to a request.

import { ConnectionLost, Refusal } from "./errors.js";
import { tooManyRequests } from "./ratelimit.js";
import { bytes, isStream, toWire } from "./reply.js";
import { chunked, cutStream, reordered, stallStream } from "./strike-stream.js";

/**
 * @typedef {import("./index.js").Fault} Fault
 * @typedef {import("./reply.js").Reply} Reply
 * @typedef {import("./reply.js").WireReply} WireReply
 *
 * @typedef {object} Scene
 * @property {() => Promise<Reply>} produce carries the request out
 * @property {(refusal: Refusal) => Reply} refuse a refusal in the shape of the request's generation
 * @property {() => Promise<never>} silence ends only with the request
 * @property {import("./random.js").Random} random
 */

const BAD_GATEWAY = `<html>
<head><title>502 Bad Gateway</title></head>
<body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center></body>
</html>
`;

/**
 * @param {Fault} fault
 * @param {Scene} scene
 * @returns {Promise<WireReply>}
 */
export async function strike(fault, scene) {
  const { produce, silence, random } = scene;
  switch (fault.kind) {
    case "reset-after":
      await produce();
      throw new ConnectionLost();
    case "stall-body":
      return mapBody(await produce(), {
        whole: (body) => stallAfter(body.subarray(0, body.length >> 1), silence),
        stream: (body) => stallStream(body, 1, silence),
      });
    case "truncate":
      return mapBody(await produce(), {
        whole: (body) => truncate(body, fault),
        stream: (body) => cutStream(body, 0, fault.reset),
      });
    case "corrupt-json":
      return mapBody(await produce(), { whole: corrupt });
    case "stream-cut":
      return mapBody(await produce(), { stream: (body) => cutStream(body, fault.events ?? 1, fault.reset) });
    case "stream-stall":
      return mapBody(await produce(), { stream: (body) => stallStream(body, fault.events ?? 1, silence) });
    case "stream-chunks":
      return mapBody(await produce(), { stream: (body) => chunked(body, random) });
    case "stream-reorder":
      return mapBody(await produce(), { stream: reordered });
    default:
      if ("processed" in fault && fault.processed) await produce();
      return toWire(await stand(fault, scene));
  }
}

/**
 * The faults that stand in the place of the server's reply.
 *
 * @param {Fault} fault
 * @param {Scene} scene
 * @returns {Promise<Reply>}
 */
async function stand(fault, { refuse, silence }) {
  switch (fault.kind) {
    case "network":
      throw new ConnectionLost();
    case "stall":
      return silence();
    case "html":
      return { status: fault.status ?? 502, headers: { "content-type": "text/html; charset=utf-8" }, body: BAD_GATEWAY };
    case "empty":
      return { status: fault.status ?? 200, headers: {}, body: undefined };
    case "redirect":
      return { status: fault.status ?? 302, headers: { location: fault.location }, body: undefined };
    case "rate-limit": {
      const { retryAfter, body } = fault;
      /** @type {Record<string, string>} */
      const headers = retryAfter === undefined ? {} : { "retry-after": String(retryAfter) };
      const reply = refuse(tooManyRequests(typeof retryAfter === "number" ? retryAfter : undefined, headers));
      return body === undefined ? reply : { status: 429, headers, body };
    }
    case "status": {
      const { status, body, headers = {} } = fault;
      const own = lowerCased(headers);
      if (body !== undefined || status < 400) return { status, headers: own, body };
      return refuse(new Refusal(status, "A fault of the simulator", { headers: own }));
    }
    default:
      throw new TypeError(`Unexpected fault: ${fault.kind}`);
  }
}

/** @param {Record<string, string>} headers */
function lowerCased(headers) {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
}

/**
 * @param {Reply} reply
 * @param {object} change what is left out stays as it is
 * @param {(body: Uint8Array) => Uint8Array | AsyncIterable<Uint8Array>} [change.whole]
 * @param {(body: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>} [change.stream]
 * @returns {WireReply}
 */
function mapBody(reply, { whole = (body) => body, stream = (body) => body }) {
  const wire = toWire(reply);
  if (isStream(wire.body)) return { ...wire, body: stream(wire.body) };
  const body = whole(wire.body);
  // The promised length stays: without one, Node takes the end of a connection for the end of the body.
  const headers = isStream(body) ? { ...wire.headers, "content-length": String(wire.body.length) } : wire.headers;
  return { ...wire, headers, body };
}

/**
 * @param {Uint8Array} whole
 * @param {Extract<Fault, { kind: "truncate" }>} fault
 */
function truncate(whole, { at = 0.5, reset = false }) {
  const part = whole.subarray(0, at < 1 ? Math.floor(whole.length * at) : at);
  return reset ? breakAfter(part) : part;
}

/** @param {Uint8Array} part */
async function* breakAfter(part) {
  yield part;
  throw new ConnectionLost();
}

/**
 * @param {Uint8Array} part
 * @param {() => Promise<never>} silence
 */
async function* stallAfter(part, silence) {
  yield part;
  await silence();
}

/**
 * As long as it was, so that no length gives it away.
 *
 * @param {Uint8Array} whole
 */
function corrupt(whole) {
  const text = new TextDecoder().decode(whole);
  return bytes(`${text.slice(0, 1)}¿,${text.slice(4)}`);
}
