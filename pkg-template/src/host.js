// @ts-check
// What the shell lends to the core: clocks, one timer, `fetch`, the environment, and the way back to a call's promise.
// Nothing here throws, and nothing comes back into the core before it returned (`enter` queues what does).

import { isSource, listen } from "./arrival.js";
import { LaminaError } from "./errors.js";
import { exchange } from "./exchange.js";
import { createHeld } from "./held.js";
import { CANCEL_EXECUTION } from "./operations.js";
import { dateIn, differs, encode, encodeBody, encodeId, entries, env, flatInputs, flatParameters, hasList, isoDate, messageOf, number, parseBytes, parseUrl } from "./values.js";
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
 * Values come and go by their numbers (`held.js`).
 *
 * @param {Instance} instance
 * @param {import("./webhooks.js").Ask} ask starts another call
 */
export function createHost(instance, ask) {
  /** The timers of the budgets, by client. @type {Map<number, () => void>} */
  const budgets = new Map();
  const { functions, hold, at, use, useClient, listFor, forgetClient } = createHeld();
  /** The call that runs. @type {Call} */
  let running;
  /** What the core takes for the time: its clock stands while it runs. */
  let shown = 0;
  const look = () => (shown = now());
  /** What is left of a pause from then on: the functions and inputs of users may have taken long. @param {number} ms */
  const left = (ms) => Math.ceil(Math.max(0, ms - Math.max(0, now() - shown)));
  const separate = globalThis.navigator?.userAgent === "Cloudflare-Workers";

  /**
   * Tells the core what comes of what it asked for. It waits for one thing at a time, so what it asked for before and gave up is
   * nobody's: a late key is not to be taken for a reply.
   * @param {Call} call
   * @param {Promise<unknown>} promise
   * @param {boolean} [streams] whether the attempt goes on: a stream after its head, and what came instead of one
   */
  const answer = async (call, promise, streams) => {
    const asked = ++call.asked;
    let failed = false;
    /** @type {unknown} */
    let value;
    try {
      value = await promise;
    } catch (error) {
      failed = true;
      value = error;
    }
    if (call.asked !== asked) return;
    if (!streams) call.attempt = undefined;
    instance.enter((core) => core.answer(call.id, call.hold(value), failed), call);
  };

  const host = {
    ...functions,
    now: look,
    wall: () => Date.now(),
    random: () => Math.random(),

    /** @param {number} id */
    run(id) {
      running = /** @type {Call} */ (instance.call(id));
      use(running.values);
      return look();
    },

    /** Nothing runs any more: what the last call knew is not kept for it. */
    rest() {
      running = /** @type {any} */ (undefined);
      use([]);
    },

    /** Makes room for what a client keeps: first of all its options, whose number it gives. @param {number} id @param {any} options */
    open(id, options) {
      useClient(id);
      return hold(options);
    },

    listFor,
    close: forgetClient,

    /** @param {number} id @param {number} ms */
    arm(id, ms) {
      const call = instance.call(id);
      // A call that ended within this entry is still to be dropped.
      if (!call || call.settled) return;
      call.disarm?.();
      call.disarm = after(left(ms), () => instance.enter((core) => core.tick(id), call));
    },

    /** @param {number} id @param {number} ms */
    armClient(id, ms) {
      budgets.get(id)?.();
      budgets.delete(id);
      if (ms >= 0) budgets.set(id, after(left(ms), () => instance.enter((core) => core.tickClient(id))));
    },

    separate: () => separate,

    /** @param {number} id */
    forget(id) {
      instance.finish(id);
    },

    /**
     * @param {string} method
     * @param {number} urlPlace
     * @param {number} headersPlace
     * @param {number} bodyPlace
     * @param {boolean} [streams] whether a stream of events is wanted
     */
    send(method, urlPlace, headersPlace, bodyPlace, streams) {
      const call = running;
      let url = at(urlPlace);
      const fetchFunction = call.client.options.fetch ?? globalThis.fetch;
      if (!fetchFunction) return call.end(new LaminaError("INVALID_ARGUMENT", "This host has no `fetch`: give one as the option `fetch`."));
      const controller = new AbortController();
      call.attempt = controller;
      /** @type {Record<string, string>} */
      const headers = { ...at(headersPlace) };
      if (streams) headers.accept = "text/event-stream";
      const key = headers["x-api-key"] ?? headers.authorization?.replace("Bearer ", "");
      // What is shorter is no key but a test's, and perhaps a part of a word.
      call.key = key?.length > 4 ? key : undefined;
      /** @type {RequestInit} */
      const init = { method, headers, redirect: "manual", signal: controller.signal };
      /** @type {string | undefined} */
      const body = at(bodyPlace);
      // When a connection breaks that was used before, Deno sends a text again, unasked, also a start; a Blob it cannot.
      if (body !== undefined) init.body = "Deno" in globalThis && fetchFunction === fetch ? new Blob([body]) : body;
      // A browser sends it again as well, and cannot be told not to: by this the proxy knows both for the same start.
      if (body !== undefined && call.client.options.proxyUrl && /^Mozilla/.test(globalThis.navigator?.userAgent) && globalThis.crypto) {
        call.once ??= crypto.getRandomValues(new Uint32Array(4)).join("-");
        url += `${url.includes("?") ? "&" : "?"}once=${call.once}`;
      }
      const onStream = (/** @type {ReadableStreamDefaultReader<unknown>} */ reader) => {
        if (call.attempt === controller) call.reader = reader;
      };
      answer(call, exchange(fetchFunction, url, init, streams ? onStream : undefined, call.key), streams);
    },

    readMore() {
      const { reader, held } = running;
      if (!reader) return;
      const call = running;
      const chunk = Promise.resolve(held).then(() => reader.read());
      answer(call, chunk.then(({ value }) => value), true);
    },

    /** @param {number} chunk */
    bytes(chunk) {
      const view = at(chunk);
      if (!ArrayBuffer.isView(view)) return undefined;
      try {
        return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
      } catch {
        return new Uint8Array(); // of a buffer that was given away
      }
    },

    /** @param {number} id @param {number} executionId */
    cancelExecution(id, executionId) {
      const call = instance.call(id);
      // Nobody waits for it: what comes of it is the server's.
      if (call) ask(call.client, CANCEL_EXECUTION, call.values[executionId]).catch(() => {});
    },

    abortAttempt() {
      running.abort(new LaminaError("TIMEOUT", "The attempt's time ran out."));
    },

    askKey() {
      const { options } = running.client;
      answer(running, (async () => options.apiKey())());
    },

    /** @param {number} delivery @param {number} options */
    verifyWebhook(delivery, options) {
      const call = running;
      const verified = verifyWebhook(ask, call.client, at(delivery), at(options), host);
      verified.catch((error) => call.end(error));
      answer(call, verified);
    },

    /** @param {number} source @param {number} executionId */
    expectArrival(source, executionId) {
      const call = running;
      const arrived = (/** @type {object} */ execution) =>
        instance.enter((core) => core.arrived(call.id, call.hold(execution)), call);
      call.onSettled(listen(at(source), at(executionId), arrived));
    },

    /** @param {number} place */
    resolve(place) {
      const value = at(place);
      const { updating, settled } = running;
      // An async `onUpdate` that threw at the end is heard before.
      const result = updating && !settled ? Promise.race([updating, value]).then(() => value) : value;
      instance.finish(running.id)?.settle("resolve", result);
    },

    /** @param {number} error */
    reject(error) {
      instance.finish(running.id)?.settle("reject", at(error));
    },

    /** @param {number} execution */
    update(execution) {
      const call = running;
      const fail = (/** @type {unknown} */ error) => call.end(error);
      try {
        const result = call.options.onUpdate(at(execution));
        if (typeof result?.then === "function") (call.updating = result).then(undefined, fail);
      } catch (error) {
        fail(error);
      }
    },

    /** @param {number} event */
    emit(event) {
      try {
        const result = running.client.options.onEvent(at(event));
        if (typeof result?.then === "function") result.then(undefined, () => {});
      } catch {
        // A listener's trouble is its own.
      }
    },

    /**
     * @param {string} code
     * @param {number} messagePlace
     * @param {boolean} retryable
     * @param {number} attempts
     * @param {number} cause
     */
    error(code, messagePlace, retryable, attempts, cause) {
      // Whatever a server or a custom `fetch` says, the key is not in it.
      const message = at(messagePlace);
      const { key } = running;
      return hold(new LaminaError(code, key ? message.replaceAll(key, "***") : message, { retryable, attempts, cause: at(cause) }));
    },

    /** @param {number} base @param {string} path @param {number} id */
    url(base, path, id) {
      const star = path.indexOf("*");
      if (star < 0) return hold(at(base) + path);
      const encoded = encodeId(at(id));
      return encoded === undefined ? 0 : hold(at(base) + path.slice(0, star) + encoded + path.slice(star + 1));
    },
    isId: (/** @type {number} */ value) => encodeId(at(value)) !== undefined,
    /** @param {number} reply */
    head: (reply) => at(reply).status + (at(reply).remaining === undefined ? 0 : 1000),
    /** @param {number} reply */
    data: (reply) => functions.get(functions.get(reply, "body"), "data"),
    /** @param {number} url @param {string} name @param {number} value */
    ask: (url, name, value) => hold(`${at(url)}${at(url).includes("?") ? "&" : "?"}${name}=${encode(at(value))}`),
    withoutQuery: (/** @type {number} */ url) => hold(at(url).split("?")[0]),
    inPage: () => globalThis.window !== undefined && globalThis.document !== undefined,
    env: (/** @type {string} */ name) => hold(env(name) || undefined),
    parseDate: (/** @type {number} */ text) => Date.parse(at(text)),
    dateIn: (/** @type {number} */ reply, /** @type {string} */ name) => dateIn(at(reply), name),
    parseUrl: (/** @type {number} */ url) => hold(parseUrl(at(url))),
    entries: (/** @type {number} */ object) => hold(entries(at(object))),
    flatParameters: (/** @type {number} */ parameters) => hold(flatParameters(at(parameters))),
    flatInputs: (/** @type {number} */ inputs) => hold(flatInputs(at(inputs))),
    encodeBody: (/** @type {number} */ inputs, /** @type {number} */ outputs) => hold(encodeBody(at(inputs), at(outputs))),
    differs: (/** @type {number} */ a, /** @type {number} */ b) => differs(at(a), at(b)),
    /** @param {number} object @param {string} member @param {string} name */
    hasList: (object, member, name) => hasList(at(object), member, name),
    isoDate: (/** @type {number} */ date) => hold(isoDate(at(date))),
    isSource: (/** @type {number} */ value) => isSource(at(value)),
    messageOf: (/** @type {number} */ thrown) => hold(messageOf(at(thrown))),
    time: (/** @type {number} */ value) => number(at(value)),
    parseBytes: (/** @type {Uint8Array} */ bytes) => hold(parseBytes(bytes)),

    /** No timer stays behind. */
    dispose() {
      for (const disarm of budgets.values()) disarm();
    },
  };
  return host;
}
