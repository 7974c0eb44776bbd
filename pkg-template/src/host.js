// @ts-check
// What the shell lends to the core: clocks, one timer, `fetch`, the environment, and the way back to a call's promise.
// Nothing here throws, and nothing comes back into the core before it returned (`enter` queues what does).

import { isSource, listen } from "./arrival.js";
import { LaminaError } from "./errors.js";
import { exchange } from "./exchange.js";
import { CANCEL_EXECUTION } from "./operations.js";
import { differs, encodeBody, entries, env, isArray, isListOf, isoDate, items, messageOf, number, parseBytes, parseUrl } from "./values.js";
import { verifyWebhook } from "./webhooks.js";

/**
 * @typedef {import("./instance.js").Instance} Instance
 * @typedef {import("./instance.js").Call} Call
 */

/** The host's steady clock; looked up at each call, so that fake timers are consistent with fake clocks. */
export function now() {
  const clock = globalThis.performance;
  return typeof clock?.now === "function" ? clock.now() : Date.now();
}

/**
 * Sets a timer; gives the way to clear it, by the `clearTimeout` that belongs to this `setTimeout`, should fake timers come
 * or go meanwhile.
 * @param {number} ms
 * @param {() => void} job
 */
function after(ms, job) {
  const { setTimeout, clearTimeout } = globalThis;
  const timer = setTimeout(job, ms);
  return () => clearTimeout(timer);
}

/**
 * @param {Instance} instance
 * @param {import("./webhooks.js").Ask} ask starts another call
 */
export function createHost(instance, ask) {
  /** The timers of the budgets, by client. @type {Map<number, () => void>} */
  const budgets = new Map();
  /** @type {{ cause: unknown } | undefined} */
  let thrown;

  const host = {
    now,
    wall: () => Date.now(),
    random: () => Math.random(),

    /** @param {number} id @param {number} ms */
    arm(id, ms) {
      const call = instance.call(id);
      // A call that ended within this entry is still to be dropped.
      if (!call || call.settled) return;
      call.disarm();
      call.disarm = after(ms, () => instance.enterFor(call, (core) => core.tick(id)));
    },

    /** @param {number} id @param {number} ms */
    armClient(id, ms) {
      budgets.get(id)?.();
      budgets.delete(id);
      if (ms >= 0) budgets.set(id, after(ms, () => instance.enter((core) => core.tickClient(id))));
    },

    separate: () => globalThis.navigator?.userAgent === "Cloudflare-Workers",

    /** @param {number} id */
    forget(id) {
      instance.finish(id, () => {});
    },

    /**
     * @param {number} id
     * @param {string} method
     * @param {string} url
     * @param {Record<string, string>} headers
     * @param {string | undefined} body
     * @param {boolean} [streams] whether a stream of events is wanted
     */
    send(id, method, url, headers, body, streams) {
      const call = instance.call(id);
      if (!call) return;
      const fetchFunction = call.client.options.fetch ?? globalThis.fetch;
      if (!fetchFunction) return call.end(new LaminaError("INVALID_ARGUMENT", "This host has no `fetch`: give one as the option `fetch`."));
      const controller = new AbortController();
      call.attempt = controller;
      const key = headers["x-api-key"] ?? headers.authorization?.replace("Bearer ", "");
      // What is shorter is no key but a test's, and perhaps a part of a word.
      call.key = key?.length > 4 ? key : undefined;
      /** @type {RequestInit} */
      const init = { method, headers: streams ? { ...headers, accept: "text/event-stream" } : { ...headers }, redirect: "manual", signal: controller.signal };
      // When a connection breaks that was used before, Deno sends a text again, unasked, also a start; a Blob it cannot.
      if (body !== undefined) init.body = "Deno" in globalThis && fetchFunction === fetch ? new Blob([body]) : body;
      // A browser sends it again as well, and cannot be told not to: by this the proxy knows both for the same start.
      if (body !== undefined && call.client.options.proxyUrl && /^Mozilla/.test(globalThis.navigator?.userAgent) && globalThis.crypto) {
        call.once ??= crypto.getRandomValues(new Uint32Array(4)).join("-");
        url += `${url.includes("?") ? "&" : "?"}once=${call.once}`;
      }
      // A late end of an attempt that was given up is nobody's.
      const end = (/** @type {(core: any) => void} */ job) => {
        if (call.attempt !== controller) return;
        // A stream goes on after its head; so may what came instead of one.
        if (!streams) call.attempt = undefined;
        instance.enterFor(call, job);
      };
      const onStream = (/** @type {ReadableStreamDefaultReader<unknown>} */ reader) => {
        if (call.attempt === controller) call.reader = reader;
      };
      exchange(fetchFunction, url, init, streams ? onStream : undefined, call.key).then(
        (reply) => end((core) => core.reply(id, reply)),
        (error) => end((core) => core.failed(id, error)),
      );
    },

    /** @param {number} id */
    readMore(id) {
      const call = instance.call(id);
      const reader = call?.reader;
      if (!call || !reader) return;
      const answer = (/** @type {unknown} */ value, /** @type {boolean} */ failed) => {
        if (call.reader === reader) instance.enterFor(call, (core) => core.answer(id, value, failed));
      };
      Promise.resolve(call.held).then(() => reader.read()).then(
        ({ value }) => answer(ArrayBuffer.isView(value) ? value : undefined, false),
        (error) => answer(error, true),
      );
    },

    /** @param {number} id @param {string} executionId */
    cancelExecution(id, executionId) {
      const client = instance.call(id)?.client;
      // Nobody waits for it: what comes of it is the server's.
      if (client) ask(client, CANCEL_EXECUTION, executionId).catch(() => {});
    },

    /** @param {number} id */
    abortAttempt(id) {
      instance.call(id)?.abort(new LaminaError("TIMEOUT", "The attempt's time ran out."));
    },

    /** @param {number} id */
    askKey(id) {
      const call = instance.call(id);
      if (!call) return;
      (async () => call.client.options.apiKey())().then(
        (key) => instance.enterFor(call, (core) => core.answer(id, key, false)),
        (error) => instance.enterFor(call, (core) => core.answer(id, error, true)),
      );
    },

    /** @param {number} id @param {any} delivery @param {any} options */
    verifyWebhook(id, delivery, options) {
      const call = instance.call(id);
      if (!call) return;
      verifyWebhook(ask, call.client, delivery, options, host).then(
        (event) => instance.enterFor(call, (core) => core.answer(id, event, false)),
        (error) => call.end(error),
      );
    },

    /** @param {number} id @param {string} executionId */
    expectArrival(id, executionId) {
      const call = instance.call(id);
      const arrived = (/** @type {object} */ execution) =>
        call && instance.enterFor(call, (core) => core.arrived(id, execution));
      call?.cleanups.push(listen(call.options.arrival, executionId, arrived));
    },

    /** @param {number} id @param {unknown} value */
    resolve(id, value) {
      // An async `onUpdate` that threw at the end is heard before.
      instance.finish(id, (call) => call.settle("resolve", call.updating ? Promise.race([call.updating, value]).then(() => value) : value));
    },

    /** @param {number} id @param {unknown} error */
    reject(id, error) {
      instance.finish(id, (call) => call.settle("reject", error));
    },

    /** @param {number} id @param {unknown} execution */
    update(id, execution) {
      const call = instance.call(id);
      if (!call) return;
      const fail = (/** @type {unknown} */ error) => call.end(error);
      try {
        const result = call.options.onUpdate(execution);
        if (typeof result?.then === "function") (call.updating = result).then(undefined, fail);
      } catch (error) {
        fail(error);
      }
    },

    /** @param {number} id @param {unknown} event */
    emit(id, event) {
      try {
        const result = instance.call(id)?.client.options.onEvent(event);
        if (typeof result?.then === "function") result.then(undefined, () => {});
      } catch {
        // A listener's trouble is its own.
      }
    },

    /**
     * @param {number} id
     * @param {string} code
     * @param {string} message
     * @param {boolean} retryable
     * @param {number} attempts
     * @param {unknown} cause
     */
    error(id, code, message, retryable, attempts, cause) {
      // Whatever a server or a custom `fetch` says, the key is not in it.
      const key = instance.call(id)?.key;
      return new LaminaError(code, key ? message.replaceAll(key, "***") : message, { retryable, attempts, cause });
    },

    env,

    /** @param {any} object @param {string} name */
    get(object, name) {
      thrown = undefined;
      try {
        return object?.[name];
      } catch (cause) {
        thrown = { cause };
      }
    },

    /** @param {any} object @param {string} name */
    hasText(object, name) {
      const value = host.get(object, name);
      return typeof value === "string" && value !== "";
    },

    thrown() {
      const last = thrown;
      thrown = undefined;
      return last;
    },

    /** @param {any} object @param {string} name @param {unknown} value */
    set(object, name, value) {
      // Not by assignment, which takes `__proto__` for something else.
      Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
    },

    newObject: () => ({}),
    inPage: () => globalThis.window !== undefined && globalThis.document !== undefined,
    parseDate: (/** @type {string} */ text) => Date.parse(text),
    parseUrl,
    entries,
    items,
    encodeBody,
    differs,
    isArray,
    isListOf,
    isoDate,
    isSource,
    messageOf,
    number,
    parseBytes,

    /** No timer stays behind. */
    dispose() {
      for (const disarm of budgets.values()) disarm();
    },
  };
  return host;
}
