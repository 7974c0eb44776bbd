// A host whose time, chance, environment and server are scripted. The rest is the shell's own: what reads values and makes
// errors is `pkg-template/src`. As there, a call that is settled has no timer any more.

import { LAMINA_ERROR_CODES, isLaminaError } from "../../pkg-template/src/errors.js";
import { holdIn, newValues } from "../../pkg-template/src/held.js";
import { createHost } from "../../pkg-template/src/host.js";
import * as operations from "../../pkg-template/src/operations.js";

/** What the wall clock shows at the scripted time 0: 2026-03-23T12:22:40.000Z. */
const WALL = 1_774_268_560_000;

/** The number of no call: what tests make and read by themselves is held for it. */
const NONE = -1;

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
  /** What the shell keeps of each call: what the core knows of it, and the key that was sent. */
  calls = new Map();
  /** The call that runs. */
  running = undefined;
  /** When each timer goes off, by its owner: a call's number, or -1 less a client's. */
  timers = new Map();
  timersSet = 0;
  /** The timers in the order in which they go off, the first one last; made anew when one was set. */
  order = undefined;

  /** Takes the place of the host before. */
  install() {
    const host = createHost({ call: (id) => this.call(id) });
    const at = (place) => this.running.values[place];
    const settle = (how) => (place) => {
      const { id } = this.running;
      if (this.settled.has(id)) this.settledTwice++;
      this.settled.set(id, { how, value: at(place) });
      this.disarm(id);
    };
    const arm = (owner, ms) => {
      this.timers.set(owner, this.time + ms);
      this.timersSet++;
      this.order = undefined;
    };
    const run = (id) => {
      this.running = this.call(id);
      host.run(id);
      return this.time;
    };
    globalThis.laminaHost = {
      ...host,
      run,
      now: () => this.time,
      wall: () => WALL + this.time,
      random: () => 0.5,
      env: (name) => holdIn(this.running.values, this.environment[name] || undefined),
      inPage: () => this.page,
      separate: () => this.contexts,
      arm,
      armClient: (client, ms) => (ms < 0 ? this.disarm(-1 - client) : arm(-1 - client, ms)),
      forget: (call) => {
        this.forgotten.push(call);
        this.disarm(call);
      },
      send: (method, url, headersPlace, body) => {
        const headers = { ...at(headersPlace) };
        this.running.key = headers["x-api-key"];
        this.sent.push({ call: this.running.id, method, url: at(url), headers, body: at(body), at: this.time });
      },
      abortAttempt: () => this.aborted.push(this.running.id),
      askKey: () => this.askedKeys.push(this.running.id),
      resolve: settle("resolved"),
      reject: settle("rejected"),
      update: (execution) => this.updates.push({ call: this.running.id, execution: at(execution) }),
      emit: (event) => this.events.push({ call: this.running.id, ...at(event) }),

      // What only the tests use.
      hold: (value) => holdIn(this.running.values, value),
      holdFor: (call, value) => holdIn(this.call(call).values, value),
      countFor: (call) => this.call(call).values.length,
      at,
      runNone: () => run(NONE),
      runNoneOf: (client) => (this.begin(NONE, client), run(NONE)),
    };
    run(NONE);
  }

  /** A call begins: it knows what its client keeps; where it has none, nothing yet. */
  begin(id, client) {
    const values = client === undefined ? newValues() : globalThis.laminaHost.listFor(client);
    const call = { id, values, key: undefined };
    this.calls.set(id, call);
    return call;
  }

  call(id) {
    return this.calls.get(id) ?? this.begin(id);
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

  get sentCount() {
    return this.sent.length;
  }

  outcome(call) {
    return this.settled.get(call);
  }
}

/** The names of the shell's operations, in the order of their numbers. */
export const operationNames = () => Object.keys(operations).sort((a, b) => operations[a] - operations[b]);

export const errorCodes = () => LAMINA_ERROR_CODES;

export { isLaminaError };
