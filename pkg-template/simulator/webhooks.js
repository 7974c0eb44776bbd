// @ts-check
// The delivery of webhooks: once the run has ended, signed, and again when it is not taken.

import { endsAt, look, onCancel } from "./executions.js";
import { signWebhook } from "./signing.js";
import { executionView } from "./views.js";

/** The pauses before each further try. */
const RETRY_MS = [5_000, 30_000, 120_000];

/** How long an endpoint may take. A real one lives in real time, so a high speed does not shorten it to nothing. */
const ANSWER_MS = 15_000;
const LEAST_ANSWER_MS = 1_000;

/**
 * @typedef {import("./executions.js").Execution} Execution
 * @typedef {import("./router.js").Generation} Generation
 */

/**
 * @param {object} context
 * @param {import("./clock.js").Clock} context.clock
 * @param {import("./index.js").SimulatorLedger} context.ledger
 * @param {import("./index.js").SigningKey} context.signingKey
 * @param {string} context.userId
 * @param {import("./index.js").SimulatorOptions["webhookFetch"]} [context.webhookFetch]
 */
export function createWebhooks({ clock, ledger, signingKey, userId, webhookFetch }) {
  /** @type {Set<AbortController>} */
  const inFlight = new Set();
  let closed = false;

  /**
   * @param {Execution} execution
   * @param {Generation} generation whose shape the body has
   * @param {number} attempt from 1
   */
  async function deliver(execution, generation, attempt) {
    const url = String(execution.webhookUrl);
    // The timer may ring a hair before the end.
    const seen = look(execution, Math.max(clock.now(), endsAt(execution)));
    const body = JSON.stringify({ data: executionView(execution, seen, generation) });
    /** @type {import("./index.js").WebhookDelivery} */
    const entry = { at: clock.now(), executionId: execution.executionId, url, attempt, headers: {}, body };
    ledger.webhooks.push(entry);

    const controller = new AbortController();
    inFlight.add(controller);
    const limit = clock.after(Math.max(LEAST_ANSWER_MS, clock.scaled(ANSWER_MS)), () => controller.abort());
    try {
      const timestamp = Math.floor(entry.at / 1000);
      entry.headers = await signWebhook({ body, timestamp, requestId: execution.executionId, userId, key: signingKey });
      if (closed) return;
      const send = webhookFetch ?? fetch;
      const { signal } = controller;
      /** @type {RequestInit} */
      const init = { method: "POST", headers: entry.headers, body, redirect: "manual", signal };
      const response = await Promise.race([send(url, init), rejection(signal)]);
      entry.status = response.status;
      await response.body?.cancel();
    } catch (error) {
      entry.error = error instanceof Error ? error.message : String(error);
    } finally {
      limit();
      inFlight.delete(controller);
    }
    const taken = entry.status !== undefined && entry.status >= 200 && entry.status < 300;
    const pause = RETRY_MS[attempt - 1];
    if (taken || closed || pause === undefined) return;
    clock.after(clock.scaled(pause), () => void deliver(execution, generation, attempt + 1));
  }

  return {
    /**
     * @param {Execution} execution
     * @param {Generation} generation
     */
    schedule(execution, generation) {
      const due = () => {
        atEnd?.();
        unwatch();
        void deliver(execution, generation, 1);
      };
      const span = endsAt(execution) - clock.now();
      // What never ends needs no timer, which would only keep the process alive.
      const atEnd = span === Infinity ? undefined : clock.after(Math.ceil(span) + 1, due);
      // Whether a cancelled run is told is not documented. It has ended, so it is.
      const unwatch = onCancel(execution, due);
    },
    close() {
      closed = true;
      for (const controller of inFlight) controller.abort();
    },
  };
}

/**
 * For a `fetch` that knows nothing of signals.
 *
 * @param {AbortSignal} signal
 * @returns {Promise<never>}
 */
function rejection(signal) {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
