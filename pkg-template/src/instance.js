// @ts-check
// One instance of the core and the calls in flight on it. Every entry into the core is here, inside one `try`: a trap
// (a bug of ours, or memory that ran out) rejects every call in flight, and the next call gets a fresh instance.

import { createGlue } from "./glue.js";
import { LaminaError } from "./errors.js";
import { createHost } from "./host.js";
import { textCoding } from "./text-coding.js";

/** @typedef {import("./call.js").Call} Call */

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
    this.core = this.glue.attach(instance.exports);
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
      for (let next; (next = this.queue.shift()); ) next(this.core);
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
      this.finish(call.id, () => {});
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
