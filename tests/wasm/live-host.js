// The shell's own host, on real timers and a real `fetch`; around it what stands for the shell's instance.

import { Call } from "../../pkg-template/src/call.js";
import { createHost } from "../../pkg-template/src/host.js";

export class LiveHost {
  calls = new Map();
  queue = [];
  busy = false;

  /** @param core the exports that the host calls: `answer`, `arrived`, `cancel`, `tick` and `tickClient` */
  constructor(core) {
    this.core = core;
    this.host = globalThis.laminaHost = createHost(this);
  }

  /** The number of a client's options. */
  open(id, options) {
    return this.host.open(id, options);
  }

  /** The promise of a call, which `start` starts in the core with the numbers of its arguments. */
  begin(id, client, clientOptions, subject, inputs, options, start) {
    return new Promise((resolve, reject) => {
      const call = new Call({ options: clientOptions }, options, resolve, reject);
      call.values = this.host.listFor(client);
      this.calls.set(id, Object.assign(call, { id, instance: this }));
      this.enter(() => start(call.hold(subject), call.hold(inputs), call.hold(options)));
    });
  }

  call(id) {
    return this.calls.get(id);
  }

  enter(job, call) {
    const isWanted = () => !call || (this.calls.get(call.id) === call && !call.settled);
    this.queue.push((core) => isWanted() && job(core, call, this));
    if (this.busy) return;
    this.busy = true;
    try {
      for (let next; (next = this.queue.shift()); ) next(this.core);
    } catch (error) {
      for (const call of this.calls.values()) call.settle("reject", error);
    }
    this.busy = false;
  }

  drop(call) {
    this.enter((core) => {
      if (this.calls.get(call.id) !== call) return;
      core.cancel(call.id);
      this.calls.delete(call.id);
    });
  }

  finish(id) {
    const call = this.calls.get(id);
    this.calls.delete(id);
    return call;
  }
}

export { exchange } from "../../pkg-template/src/exchange.js";
