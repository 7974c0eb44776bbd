// A host whose time, chance, environment and server are scripted. The rest is the shell's own: what reads values and makes
// errors is `pkg-template/src`. As there, a call that is settled has no timer any more.

import { LAMINA_ERROR_CODES, isLaminaError } from "../../pkg-template/src/errors.js";
import { createHost } from "../../pkg-template/src/host.js";
import * as operations from "../../pkg-template/src/operations.js";

/** What the wall clock shows at the scripted time 0: 2026-03-23T12:22:40.000Z. */
const WALL = 1_774_268_560_000;

export class ScriptedHost {
  time = 0;
  page = false;
  /** Whether each call lives in a context of its own. */
  contexts = false;
  environment = {};
  sent = [];
  aborted = [];
  askedKeys = [];
  updates = [];
  events = [];
  forgotten = [];
  settled = new Map();
  settledTwice = 0;
  /** What the shell keeps of each call. */
  calls = new Map();
  /** When each timer goes off, by its owner: a call's number, or -1 less a client's. */
  timers = new Map();
  timersSet = 0;
  /** The timers in the order in which they go off, the first one last; made anew when one was set. */
  order = undefined;

  /** Takes the place of the host before. */
  install() {
    const settle = (how) => (call, value) => {
      if (this.settled.has(call)) this.settledTwice++;
      this.settled.set(call, { how, value });
      this.disarm(call);
    };
    const arm = (owner, ms) => {
      this.timers.set(owner, this.time + ms);
      this.timersSet++;
      this.order = undefined;
    };
    globalThis.laminaHost = {
      ...createHost({ call: (id) => this.calls.get(id) }),
      now: () => this.time,
      wall: () => WALL + this.time,
      random: () => 0.5,
      env: (name) => this.environment[name],
      inPage: () => this.page,
      separate: () => this.contexts,
      arm,
      armClient: (client, ms) => (ms < 0 ? this.disarm(-1 - client) : arm(-1 - client, ms)),
      forget: (call) => {
        this.forgotten.push(call);
        this.disarm(call);
      },
      send: (call, method, url, headers, body) => {
        this.calls.set(call, { key: headers["x-api-key"] });
        this.sent.push({ call, method, url, headers: { ...headers }, body, at: this.time });
      },
      abortAttempt: (call) => this.aborted.push(call),
      askKey: (call) => this.askedKeys.push(call),
      resolve: settle("resolved"),
      reject: settle("rejected"),
      update: (call, execution) => this.updates.push({ call, execution }),
      emit: (call, event) => this.events.push({ call, ...event }),
    };
  }

  disarm(owner) {
    this.timers.delete(owner);
  }

  /** When the first timer goes off. */
  get armedFor() {
    return [...this.timers.values()].reduce((a, b) => (b < a ? b : a), Infinity);
  }

  /** Takes the timer that goes off next, by `end`, and moves the clock there; gives its owner. */
  takeDue(end) {
    this.order ??= [...this.timers].sort(([, a], [, b]) => a - b).reverse();
    for (let next; (next = this.order.at(-1)) && next[1] <= end; ) {
      this.order.pop();
      const [owner, at] = next;
      if (this.timers.get(owner) !== at) continue;
      this.disarm(owner);
      this.time = Math.max(this.time, at);
      return owner;
    }
  }

  outcome(call) {
    return this.settled.get(call);
  }
}

/** The names of the shell's operations, in the order of their numbers. */
export const operationNames = () => Object.keys(operations).sort((a, b) => operations[a] - operations[b]);

export const errorCodes = () => LAMINA_ERROR_CODES;

export { isLaminaError };
