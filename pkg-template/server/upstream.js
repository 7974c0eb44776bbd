// @ts-check
// The proxy's own request to the service, and what of the reply goes back to the page.

import { refusal, Refused, refuse } from "./reply.js";
import { holds, streamWithoutKey, withoutKey } from "./secret.js";

/** What the client in the page reads of a reply's head; nothing else goes back. */
const PASSED = /^(retry-after|(x-)?ratelimit(-[a-z]+)?|x-request-id|date)$/;

/**
 * @typedef {object} Upstream
 * @property {string} base without a slash at its end
 * @property {() => unknown} key
 * @property {"x-api-key" | "bearer"} auth
 * @property {string | undefined} workspaceId
 * @property {typeof fetch | undefined} fetch
 * @property {number} timeoutMs for the reply; of a stream, for its head
 */

/**
 * @param {Upstream} upstream
 * @param {string} method
 * @param {string} path
 * @param {string | undefined} body
 * @param {{ signal: AbortSignal | undefined, extraMs: number, streams: boolean }} limits `signal`: of a visitor with whom
 *   the request ends; `streams`: whether the body comes for as long as the execution runs
 * @returns {Promise<{ reply: Response, body: ArrayBuffer | string | ReadableStream | null, key: string }>} the body is
 *   without the key
 */
export async function forward(upstream, method, path, body, { signal, extraMs, streams }) {
  const key = await upstream.key();
  if (typeof key !== "string" || !key) throw new Error("There is no API key: give `apiKey`, or set LAMINA_API_KEY.");
  // `fetch` would say so, too, and repeat it.
  if (!/^[\x21-\x7e]+$/.test(key)) throw new Error("The API key holds a character that no header may hold.");
  const controller = new AbortController();
  const gone = () => controller.abort();
  if (signal?.aborted) gone();
  signal?.addEventListener("abort", gone, { once: true });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    controller.abort();
  }, upstream.timeoutMs + extraMs);
  try {
    const reply = await (upstream.fetch ?? fetch)(upstream.base + path, {
      method,
      headers: {
        accept: "application/json, text/event-stream",
        ...(upstream.auth === "bearer" ? { authorization: `Bearer ${key}` } : { "x-api-key": key }),
        ...(upstream.workspaceId && { "x-workspace-id": upstream.workspaceId }),
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      // When a connection breaks that was used before, Deno sends a text again, unasked, also a start; a Blob it cannot.
      body: body !== undefined && "Deno" in globalThis && !upstream.fetch ? new Blob([body]) : body,
      // Followed, it would carry the key to another host.
      redirect: "manual",
      signal: controller.signal,
    });
    // Status 0 is what a browser-like host makes of a redirect.
    if (reply.status < 200 || (reply.status >= 300 && reply.status < 400)) {
      reply.body?.cancel().catch(() => {});
      return refuse(502, "INTERNAL_ERROR", "The service answered with a redirect.");
    }
    const stream = streams && reply.ok && reply.body;
    return { reply, body: stream ? streamWithoutKey(stream, key) : withoutKey(await reply.arrayBuffer(), key), key };
  } catch (cause) {
    if (cause instanceof Refused) throw cause;
    // What went wrong is the server's to know: the reason may hold addresses.
    const [status, message] = late ? [504, "The service did not answer in time."] : [502, "The service could not be reached."];
    throw new Refused(refusal(status, "INTERNAL_ERROR", message), cause);
  } finally {
    clearTimeout(timer);
    // A stream goes on: the host cancels it when the visitor's connection ends.
    signal?.removeEventListener("abort", gone);
  }
}

/**
 * @param {Response} reply
 * @param {BodyInit | null} body
 * @param {string} key which no header may hold
 */
export function passBack(reply, body, key) {
  const headers = new Headers();
  reply.headers.forEach((value, name) => {
    if (PASSED.test(name) && !holds(value, key)) headers.set(name, value);
  });
  // Data, never a page: nothing that the service sends is to be run by a browser on the visitor's site.
  const [type] = (reply.headers.get("content-type") ?? "").split(";");
  const isData = /^(application\/([\w.]+\+)?json|text\/event-stream)$/i.test(type.trim());
  headers.set("content-type", isData ? type : "text/plain; charset=utf-8");
  headers.set("cache-control", "no-store");
  headers.set("x-content-type-options", "nosniff");
  const isEmpty = reply.status === 204 || reply.status === 205;
  return new Response(isEmpty ? null : body, { status: reply.status, headers });
}
