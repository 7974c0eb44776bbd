// @ts-check
// One call of a client, from its start until its promise settles. It needs no core: a call can be ended while that is loading.

import { holdIn } from "./held.js";
import { now } from "./host.js";

/** @type {(() => void)[]} */
const NONE = [];

/** A call whose promise is not settled yet. */
export class Call {
  /**
   * @param {import("./client.js").Client} client
   * @param {any} options
   * @param {(value: unknown) => void} resolve
   * @param {(error: unknown) => void} reject
   */
  constructor(client, options, resolve, reject) {
    this.client = client;
    this.options = options;
    this.resolve = resolve;
    this.reject = reject;
    /** How often the core asked the host for something, or gave it up: only what it asked for last is answered. */
    this.asked = 0;
    /** @type {AbortController | undefined} the HTTP attempt in flight */
    this.attempt = undefined;
    /** @type {ReadableStreamDefaultReader<unknown> | undefined} the stream in flight */
    this.reader = undefined;
    /** @type {Promise<unknown> | undefined} until it settles, no more of the stream is wanted */
    this.held = undefined;
    /** @type {PromiseLike<unknown> | undefined} what the last `onUpdate` returned */
    this.updating = undefined;
    /** @type {string | undefined} the key that was sent, to be cut out of messages */
    this.key = undefined;
    /** @type {string | undefined} by which a proxy knows all attempts of a start for the same */
    this.once = undefined;
    /** @type {import("./instance.js").Instance | undefined} */
    this.instance = undefined;
    this.id = -1;
    /** What the core knows of the call, by numbers. @type {unknown[]} */
    this.values = [];
    this.calledAt = now();
    this.settled = false;
    /** @type {(() => void) | undefined} clears the timer that is set for the call */
    this.disarm = undefined;
    /** @type {(() => void)[] | undefined} what is given back when the promise settles: a listener, a timer */
    this.cleanups = undefined;
  }

  /** @param {() => void} cleanup */
  onSettled(cleanup) {
    (this.cleanups ??= []).push(cleanup);
  }

  /**
   * The number by which the core knows a value.
   * @param {unknown} value
   */
  hold(value) {
    return holdIn(this.values, value);
  }

  /**
   * @param {"resolve" | "reject"} how
   * @param {unknown} value
   */
  settle(how, value) {
    if (this.settled) return;
    this.settled = true;
    this.disarm?.();
    if (how === "resolve") this.resolve(value);
    else this.reject(value);
    for (const cleanup of this.cleanups ?? NONE) {
      try {
        cleanup();
      } catch {
        // A signal of the user's own making.
      }
    }
    // What is under way is nobody's: an attempt, or a stream that the server keeps open.
    this.abort(value);
  }

  /**
   * Ends the call from outside of the core: an abort, a callback that threw.
   * @param {unknown} error
   */
  end(error) {
    if (this.settled) return;
    this.settle("reject", error);
    this.instance?.drop(this);
  }

  /** @param {unknown} reason */
  abort(reason) {
    const attempt = this.attempt;
    this.asked++;
    this.attempt = undefined;
    this.reader = undefined;
    attempt?.abort(reason);
  }
}
