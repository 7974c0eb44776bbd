// A host whose time, chance, environment and server are scripted. The rest is the shell's own: what reads values and makes
// errors is `pkg-template/src`.

import { LAMINA_ERROR_CODES, isLaminaError } from "../../pkg-template/src/errors.js";
import { createHost } from "../../pkg-template/src/host.js";
import * as operations from "../../pkg-template/src/operations.js";

/** What the wall clock shows at the scripted time 0: 2026-03-23T12:22:40.000Z. */
const WALL = 1_774_268_560_000;

export class ScriptedHost {
  time = 0;
  page = false;
  environment = {};
  /** When the timer fires, by the scripted time. */
  armedFor = undefined;
  timersSet = 0;
  sent = [];
  aborted = [];
  askedKeys = [];
  updates = [];
  events = [];
  settled = new Map();
  settledTwice = 0;
  /** What the shell keeps of each call. */
  calls = new Map();

  /** Takes the place of the host before. */
  install() {
    const settle = (how) => (call, value) => {
      if (this.settled.has(call)) this.settledTwice++;
      this.settled.set(call, { how, value });
    };
    globalThis.laminaHost = {
      ...createHost({ call: (id) => this.calls.get(id) }),
      now: () => this.time,
      wall: () => WALL + this.time,
      random: () => 0.5,
      env: (name) => this.environment[name],
      inPage: () => this.page,
      arm: (ms) => {
        this.armedFor = ms < 0 ? undefined : this.time + ms;
        this.timersSet++;
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

  outcome(call) {
    return this.settled.get(call);
  }
}

/** The names of the shell's operations, in the order of their numbers. */
export const operationNames = () => Object.keys(operations).sort((a, b) => operations[a] - operations[b]);

export const errorCodes = () => LAMINA_ERROR_CODES;

export { isLaminaError };
