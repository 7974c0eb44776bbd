// @ts-check
// One instance of the core and the calls in flight on it. Every entry into the core is here, inside one `try`: a trap
// (a bug of ours, or memory that ran out) rejects every call in flight, and the next call gets a fresh instance.

import { createGlue } from "./glue.js";
import { LaminaError } from "./errors.js";
import { createHost } from "./host.js";
import { textCoding } from "./text-coding.js";

/**
 * @typedef {import("./call.js").Call} Call
 * @typedef {(core: any, call: Call, instance: Instance) => void} Job
 */

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
    /** @type {[Job, Call | undefined][]} */
    this.queue = [];
    this.host = createHost(this, ask);
    this.glue = createGlue(this.host, textCoding());
  }

  /** @param {WebAssembly.Instance} instance */
  attach(instance) {
    this.core = this.glue.attach(instance.exports);
    return this;
  }

  /** @param {number} id */
  call(id) {
    return this.calls[id];
  }

  /**
   * Runs `job` in the core: now, or after what is running there. One for a call is not run when that is over by then.
   * @param {Job} job
   * @param {Call} [call]
   */
  enter(job, call) {
    if (!this.alive) return;
    if (this.busy) {
      this.queue.push([job, call]);
      return;
    }
    this.busy = true;
    try {
      this.run(job, call);
      while (this.queue.length) this.run(.../** @type {[Job, Call?]} */ (this.queue.shift()));
      this.host.rest();
    } catch (error) {
      this.collapse(error);
    }
    this.busy = false;
  }

  /** @param {Job} job @param {Call | undefined} call */
  run(job, call) {
    if (!call || (this.calls[call.id] === call && !call.settled)) job(this.core, /** @type {Call} */ (call), this);
  }

  /**
   * The number of a call that begins.
   * @param {Call} call
   */
  adopt(call) {
    call.instance = this;
    call.id = this.freeCalls.pop() ?? this.calls.length;
    this.calls[call.id] = call;
    return call.id;
  }

  /**
   * The core is done with a call, which is given to be settled.
   * @param {number} id
   */
  finish(id) {
    const call = this.calls[id];
    if (call) {
      this.calls[id] = undefined;
      this.freeCalls.push(id);
    }
    return call;
  }

  /**
   * Tells the core that a call is over.
   * @param {Call} call
   */
  drop(call) {
    this.enter((core) => {
      if (this.calls[call.id] !== call) return;
      core.cancel(call.id);
      this.finish(call.id);
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
