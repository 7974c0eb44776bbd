// @ts-check
// `createWebhookHandler`: takes Lamina's deliveries, each execution once.

import { LaminaError } from "../src/errors.js";
import { parsedBefore } from "./node-handler.js";
import { misused, readBody, Refused, tell } from "./reply.js";

/** Far more than an execution with its outputs. */
const MOST_BODY = 8_388_608;
/** Lamina gives up on an answer after 15 seconds. */
const ANSWER_WITHIN_MS = 14_000;
/** Each execution is delivered a few times within minutes; so many may be on their way. */
const REMEMBERED = 10_000;

const PARSED =
  "A parser has read the webhook's body before the handler, and what was signed are the raw bytes: mount the handler before " +
  "express.json(), or have the parser give a Buffer.";

/** Remembers in this process. @returns {import("./index.js").SeenStore} */
function memoryStore() {
  /** @type {Set<string>} */
  const ids = new Set();
  return {
    has: (id) => ids.has(id),
    add(id) {
      ids.add(id);
      if (ids.size > REMEMBERED) ids.delete(/** @type {string} */ (ids.values().next().value));
    },
  };
}

/**
 * What the handler verified, for as many listeners as there are; each hears what comes after it began to listen.
 * @template T
 */
function broadcast() {
  /** @type {Set<(value: T) => void>} */
  const listeners = new Set();
  return {
    emit: (/** @type {T} */ value) => listeners.forEach((hear) => hear(value)),
    events: {
      /** @returns {AsyncIterableIterator<T>} */
      [Symbol.asyncIterator]() {
        /** @type {T[]} */
        const queue = [];
        /** @type {((result: IteratorResult<T, undefined>) => void)[]} */
        const waiting = [];
        let over = false;
        const hear = (/** @type {T} */ value) => {
          const next = waiting.shift();
          if (next) next({ done: false, value });
          else queue.push(value);
        };
        listeners.add(hear);
        return {
          [Symbol.asyncIterator]() {
            return this;
          },
          async next() {
            if (over) return { done: true, value: undefined };
            if (queue.length) return { done: false, value: /** @type {T} */ (queue.shift()) };
            return new Promise((resolve) => waiting.push(resolve));
          },
          async return() {
            over = true;
            listeners.delete(hear);
            queue.length = 0;
            for (const next of waiting.splice(0)) next({ done: true, value: undefined });
            return { done: true, value: undefined };
          },
        };
      },
    },
  };
}

/** @param {unknown} error what verification rejected with @returns {number} */
function statusOf(error) {
  const { code } = /** @type {any} */ (error);
  // What cannot be trusted, or was signed and yet is no execution. Else it is this side that failed: it may come again.
  return /^WEBHOOK_|^INVALID_/.test(code) ? 400 : 503;
}

/** In workerd, what a request has begun ends unheard with its answer, or when it is cut off. */
const endsWithAnswer = () => globalThis.navigator?.userAgent === "Cloudflare-Workers";

/** @param {number} status */
const plain = (status, headers = {}) => new Response(null, { status, headers: { "cache-control": "no-store", ...headers } });

/** @type {typeof import("./index.js").createWebhookHandler} */
export function createWebhookHandler(options) {
  const { client, onExecution, seen = memoryStore(), onError, keys, toleranceMs, answerWithinMs = ANSWER_WITHIN_MS } = options ?? {};
  if (typeof client?.verifyWebhook !== "function") misused("`client` must be a Lamina client: it verifies, and knows the keys.");
  if (onExecution !== undefined && typeof onExecution !== "function") misused("`onExecution` must be a function.");
  if (typeof seen?.has !== "function" || typeof seen.add !== "function") misused("`seen` must have `has` and `add`.");
  if (!(answerWithinMs > 0 && answerWithinMs < 2 ** 31)) misused("`answerWithinMs` must be a number of milliseconds above zero.");
  const { emit, events } = broadcast();
  /** @type {Map<string, { since: number, status: Promise<number> }>} */
  const running = new Map();

  /**
   * @param {import("../types/index.js").WebhookEvent} event
   * @param {Request} request
   */
  async function handle(event, request) {
    try {
      if (await seen.has(event.requestId)) return 200;
    } catch (error) {
      tell(onError, error, request);
      return 503;
    }
    emit(event);
    try {
      await onExecution?.(event.execution, event);
    } catch (error) {
      tell(onError, error, request);
      return 500;
    }
    try {
      await seen.add(event.requestId);
    } catch (error) {
      // It was handled: better told twice that it may come again than not told at all.
      tell(onError, error, request);
    }
    return 200;
  }

  /**
   * @param {Request} request
   * @returns {Promise<number>} the status
   */
  async function take(request) {
    /** @type {import("../types/index.js").WebhookEvent} */
    let event;
    try {
      const body = await readBody(request, MOST_BODY);
      event = await client.verifyWebhook({ body, headers: request.headers }, { keys, toleranceMs });
    } catch (error) {
      if (error instanceof Refused) return error.reply.status;
      tell(onError, error, request);
      return statusOf(error);
    }
    // A delivery that comes while the same execution is being handled waits for that.
    const id = event.requestId;
    let run = running.get(id);
    if (!run || (endsWithAnswer() && Date.now() - run.since >= answerWithinMs)) {
      const begun = { since: Date.now(), status: handle(event, request).finally(() => running.get(id) === begun && running.delete(id)) };
      run = begun;
      running.set(id, run);
    }
    return run.status;
  }

  /** @type {import("./index.js").FetchHandler} */
  const handler = async (request) => {
    if (request.method !== "POST") return plain(405, { allow: "POST" });
    if (parsedBefore.has(request)) {
      tell(onError, new LaminaError("INVALID_ARGUMENT", PARSED), request);
      return plain(500);
    }
    return plain(await inTime(take(request), answerWithinMs));
  };
  return Object.assign(handler, { events });
}

/**
 * @param {Promise<number>} run
 * @param {number} ms
 * @returns {Promise<number>} 503 where it takes longer: it goes on, and the next delivery hears how it ended
 */
async function inTime(run, ms) {
  /** @type {any} */
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, ms, 503)));
  try {
    return /** @type {number} */ (await Promise.race([run, late]));
  } finally {
    clearTimeout(timer);
  }
}
