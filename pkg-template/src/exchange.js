// @ts-check
// One HTTP exchange, with whatever `fetch` the host or the user has. A reply may come from another realm or be a plain
// object that looks like one, so it is read by its members only, and taken apart into an object of our own.

/**
 * @typedef {object} Reply
 * @property {number} status 0 for a redirect that the host hides; 1 for what is no reply at all
 * @property {boolean} [streams] whether the body is a stream of events, still to be read
 * @property {unknown} [body] the parsed JSON; undefined where it was none
 * @property {string} [text] the beginning of a body that was not JSON
 * @property {string} [retryAfter]
 * @property {string} [remaining]
 * @property {string} [reset]
 * @property {string} [date]
 * @property {string} [requestId]
 */

/**
 * Rejects where the connection fails, before or within the body.
 * @param {typeof fetch} fetchFunction
 * @param {string} url
 * @param {RequestInit} init
 * @param {(reader: ReadableStreamDefaultReader<unknown>) => void} [onStream] gets a stream of events, where one is asked for
 * @param {string} [key] is cut out of what the server says of a failure
 * @returns {Promise<Reply>}
 */
export async function exchange(fetchFunction, url, init, onStream, key) {
  /** @type {any} */
  let response;
  try {
    response = await fetchFunction(url, init);
  } catch (error) {
    response = await fetchFunction(url, withoutSignal(init, error));
  }
  const status = response?.status;
  if (!Number.isInteger(status) || status < 0 || status > 999) return { status: 1 };
  if (status === 0 || (status >= 300 && status < 400) || response.redirected === true) {
    // Nobody reads the body; the connection is given back. A duck has no body to cancel.
    response.body?.cancel?.()?.catch?.(() => {});
    return { status: status < 300 || status >= 400 ? 0 : status };
  }
  const reply = readHead(status, response.headers);
  if (onStream && status < 300) {
    // Another kind of body, or one that cannot be read in pieces, is not waited for: it may never end.
    reply.streams = /^text\/event-stream/i.test(header(response.headers, "content-type") ?? "") && typeof response.body?.getReader === "function";
    if (reply.streams) onStream(response.body.getReader());
    return reply;
  }
  const isText = typeof response.text === "function";
  if (!isText && typeof response.json !== "function") return reply;
  // JSON is made into an object of our own: what a duck gives may be frozen, or have getters.
  let text = isText ? await response.text() : JSON.stringify(await response.json());
  if (key && status >= 400) text = String(text).replaceAll(key, "***");
  try {
    reply.body = JSON.parse(text);
  } catch (error) {
    if (!isText) throw error;
    reply.text = String(text).slice(0, 1000);
  }
  return reply;
}

/**
 * Node's `fetch` under jsdom refuses jsdom's AbortSignal, before it sends anything. It is asked again without one then: time-outs
 * and aborts settle the call all the same.
 * @param {RequestInit} init
 * @param {any} error what `fetch` threw, and this too where it was about anything else
 */
function withoutSignal(init, error) {
  const refused = error?.name === "TypeError" && /\bAbortSignal\b/.test(error.message);
  if (!refused || init.signal?.aborted) throw error;
  const { signal, ...rest } = init;
  return rest;
}

/**
 * @param {any} headers
 * @param {string} name
 */
function header(headers, name) {
  const value = typeof headers?.get === "function" ? headers.get(name) : headers?.[name];
  return typeof value === "string" ? value : undefined;
}

/**
 * @param {number} status
 * @param {any} headers
 * @returns {Reply}
 */
function readHead(status, headers) {
  const remaining = header(headers, "ratelimit-remaining");
  if (remaining === undefined && status < 400) return { status };
  return {
    status,
    remaining,
    reset: header(headers, "ratelimit-reset"),
    retryAfter: header(headers, "retry-after"),
    date: header(headers, "date"),
    requestId: header(headers, "x-request-id"),
  };
}
