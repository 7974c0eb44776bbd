// @ts-check
// `class Lamina`: each method is one operation of the core.

import { createClient } from "./client.js";
import * as operations from "./operations.js";
import { pages } from "./pages.js";
import { runAll } from "./run-all.js";
import { watch } from "./watch.js";

/** @typedef {any} Options checked by the core; the public types are in `types/` */

/** @param {ReturnType<typeof import("./client.js").createRuntime>} call */
export function createLamina(call) {
  // Not a property, not even a private one: no `console.log`, `JSON.stringify`, spread or debugger view of a client shows
  // the key.
  /** @type {WeakMap<object, import("./client.js").Client>} */
  const clients = new WeakMap();

  /**
   * A method that was taken from its client finds none here, and rejects.
   * @param {object} lamina
   * @param {number} operation
   * @param {Options} [options]
   * @param {unknown} [subject]
   * @param {unknown} [inputs]
   * @param {(call: import("./call.js").Call) => void} [onCall]
   */
  const ask = (lamina, operation, options, subject, inputs, onCall) =>
    call(clients.get(lamina), operation, subject, inputs, options, onCall);

  return class Lamina {
    /** @param {Options} [options] */
    constructor(options) {
      clients.set(this, createClient(options));
    }

    /** @param {Options} [options] */
    listApps(options) {
      return ask(this, operations.LIST_APPS, options);
    }

    /** @param {string} appId @param {Options} [options] */
    getApp(appId, options) {
      return ask(this, operations.GET_APP, options, appId);
    }

    /** @param {string} appId @param {Options} [options] */
    getWorkflow(appId, options) {
      return ask(this, operations.GET_WORKFLOW, options, appId);
    }

    /** @param {object | string} app @param {object} inputs @param {Options} [options] */
    validateInputs(app, inputs, options) {
      return ask(this, operations.VALIDATE_INPUTS, options, app, inputs);
    }

    /** @param {string} appId @param {object} inputs @param {Options} [options] */
    execute(appId, inputs, options) {
      return ask(this, operations.EXECUTE, options, appId, inputs);
    }

    /** @param {string} executionId @param {Options} [options] */
    getExecution(executionId, options) {
      return ask(this, operations.GET_EXECUTION, options, executionId);
    }

    /** @param {object | string} execution @param {Options} [options] */
    waitForExecution(execution, options) {
      return ask(this, operations.WAIT, options, execution);
    }

    /** @param {object | string} execution @param {Options} [options] */
    watchExecution(execution, options) {
      return watch(options, (watching, onCall) =>
        ask(this, operations.WAIT, watching, execution, undefined, onCall),
      );
    }

    /** @param {string} appId @param {object} inputs @param {Options} [options] */
    run(appId, inputs, options) {
      return ask(this, operations.RUN, options, appId, inputs);
    }

    /** @param {Iterable<any> | AsyncIterable<any>} requests @param {Options} [options] */
    runAll(requests, options) {
      return runAll(requests, options, (appId, inputs, each, onCall) =>
        ask(this, operations.RUN, each, appId, inputs, onCall),
      );
    }

    /** @param {object | string} execution @param {Options} [options] */
    cancelExecution(execution, options) {
      return ask(this, operations.CANCEL_EXECUTION, options, execution);
    }

    /** @param {Options} [options] */
    listExecutions(options) {
      return ask(this, operations.LIST_EXECUTIONS, options);
    }

    /** @param {Options} [options] */
    iterateExecutions(options) {
      return pages(options, (page) => ask(this, operations.LIST_EXECUTIONS, page));
    }

    /** @param {string} appId @param {Options} [options] */
    estimateCost(appId, options) {
      return ask(this, operations.ESTIMATE_COST, options, appId);
    }

    /** @param {Options} [options] */
    getUsage(options) {
      return ask(this, operations.GET_USAGE, options);
    }

    /** @param {Options} [options] */
    getSigningKeys(options) {
      return ask(this, operations.GET_SIGNING_KEYS, options);
    }

    /** @param {object} delivery @param {Options} [options] */
    verifyWebhook(delivery, options) {
      return ask(this, operations.VERIFY_WEBHOOK, options, delivery);
    }

    /** @param {object | null} state @param {object} observation */
    pollStep(state, observation) {
      return ask(this, operations.POLL_STEP, undefined, state, observation);
    }
  };
}
