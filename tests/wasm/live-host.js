// The shell's own host, on real timers and a real `fetch`; around it what stands for the shell's instance and its calls.

import { createHost } from "../../pkg-template/src/host.js";

export class LiveHost {
  calls = new Map();
  queue = [];
  busy = false;

  /** @param core the exports that the host calls: `reply`, `failed`, `key`, `tick` and `tickClient` */
  constructor(core) {
    this.core = core;
    globalThis.laminaHost = createHost(this);
  }

  /** The promise of a call, which `start` starts in the core. */
  begin(id, clientOptions, options, start) {
    return new Promise((resolve, reject) => {
      const settle = (how, value) => {
        call.disarm();
        (how === "resolve" ? resolve : reject)(value);
      };
      const abort = (reason) => call.attempt?.abort(reason);
      const call = { id, options, client: { options: clientOptions }, settle, abort, end: reject, disarm: () => {} };
      this.calls.set(id, call);
      this.enter(() => start());
    });
  }

  call(id) {
    return this.calls.get(id);
  }

  enter(job) {
    this.queue.push(job);
    if (this.busy) return;
    this.busy = true;
    try {
      for (let next; (next = this.queue.shift()); ) next(this.core);
    } catch (error) {
      for (const call of this.calls.values()) call.end(error);
    }
    this.busy = false;
  }

  enterFor(call, job) {
    this.enter((core) => {
      if (this.calls.get(call.id) === call) job(core);
    });
  }

  finish(id, settle) {
    const call = this.calls.get(id);
    this.calls.delete(id);
    settle(call);
  }
}

/** The shell's `exchange`. Imported late, for the server of the tests can hang when a page asks for five files at once. */
export const exchange = async (...args) => (await import("../../pkg-template/src/exchange.js")).exchange(...args);
