// @ts-check
// One instance of the core and the calls in flight on it. Every entry into the core is here, inside one `try`: a trap
// (a bug of ours, or memory that ran out) rejects every call in flight, and the next call gets a fresh instance.

import { createGlue } from "./glue.js";
import { LaminaError } from "./errors.js";
import { holdIn, newValues } from "./held.js";
import { createHost, now } from "./host.js";
import { textCoding } from "./text-coding.js";

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
    this.promise = { resolve, reject };
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
    /** @type {Instance | undefined} */
    this.instance = undefined;
    this.id = -1;
    /** What the core knows of the call, by numbers. */
    this.values = newValues();
    this.calledAt = now();
    this.settled = false;
    /** Clears the timer that is set for the call. */
    this.disarm = () => {};
    /** @type {(() => void)[]} what is given back when the promise settles: a listener, a timer */
    this.cleanups = [];
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
    this.disarm();
    for (const cleanup of this.cleanups) cleanup();
    this.promise[how](value);
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
    this.attempt = undefined;
    this.reader = undefined;
    attempt?.abort(reason);
  }
}

export class Instance {
  /**
   * @param {(instance: Instance) => void} onCollapse
   * @param {import("./webhooks.js").Ask} ask starts another call
   */
  constructor(onCollapse, ask) {
    this.onCollapse = onCollapse;
    /** @type {(Call | undefined)[]} */
    this.calls = [];
    /** @type {number[]} */
    this.freeCalls = [];
    this.clientCount = 0;
    /** @type {number[]} */
    this.freeClients = [];
    this.busy = false;
    this.alive = true;
    /** @type {((core: any) => void)[]} */
    this.queue = [];
    this.host = createHost(this, ask);
    this.glue = createGlue(this.host, textCoding());
  }

  /** @param {WebAssembly.Instance} instance */
  attach(instance) {
    this.glue.attach(instance.exports);
    return this;
  }

  /** @param {number} id */
  call(id) {
    return this.calls[id];
  }

  /**
   * Runs `job` in the core: now, or after what is running there.
   * @param {(core: any) => void} job
   */
  enter(job) {
    if (!this.alive) return;
    this.queue.push(job);
    if (this.busy) return;
    this.busy = true;
    try {
      for (let next; (next = this.queue.shift()); ) next(this.glue.exports);
    } catch (error) {
      this.collapse(error);
    }
    this.busy = false;
  }

  /**
   * Runs `job` in the core unless `call` is over by then.
   * @param {Call} call
   * @param {(core: any) => void} job
   */
  enterFor(call, job) {
    this.enter((core) => {
      if (this.calls[call.id] === call && !call.settled) job(core);
    });
  }

  /**
   * @param {Call} call
   * @param {(core: any, id: number) => void} start
   */
  begin(call, start) {
    this.enter((core) => {
      if (call.settled) return;
      call.instance = this;
      call.id = this.freeCalls.pop() ?? this.calls.length;
      this.calls[call.id] = call;
      start(core, call.id);
    });
  }

  /**
   * The core is done with a call.
   * @param {number} id
   * @param {(call: Call) => void} settle
   */
  finish(id, settle) {
    const call = this.calls[id];
    if (!call) return;
    this.calls[id] = undefined;
    this.freeCalls.push(id);
    settle(call);
  }

  /**
   * Tells the core that a call is over.
   * @param {Call} call
   */
  drop(call) {
    this.enter((core) => {
      if (this.calls[call.id] !== call) return;
      core.cancel(call.id);
      this.calls[call.id] = undefined;
      this.freeCalls.push(call.id);
    });
  }

  /** @param {unknown} cause */
  collapse(cause) {
    this.alive = false;
    this.host.dispose();
    this.onCollapse(this);
    const error = () =>
      new LaminaError("INTERNAL_PANIC", "A bug of lamina-wasm; the next call works again.", { cause });
    for (const call of this.calls) call?.settle("reject", error());
    this.calls = [];
    this.queue = [];
  }
}
