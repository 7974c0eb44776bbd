// @ts-check
// The server-sent events of one run: its state at each change, a sign of life now and then, and one last word.

import { isTerminal, look, nextChange, sleepOrCancel } from "./executions.js";
import { bytes } from "./reply.js";
import { executionView } from "./views.js";

const PING_MS = 15_000;

/**
 * One piece per event. The state is not wrapped in `data`, as everywhere else it is.
 *
 * @param {import("./executions.js").Execution} execution
 * @param {import("./call.js").Call} call
 * @returns {AsyncGenerator<Uint8Array, void>}
 */
export async function* eventStream(execution, { state, generation, signal }) {
  const { clock, streamTimeoutMs } = state;
  let at = clock.now();
  const deadline = at + clock.scaled(streamTimeoutMs);
  let nextPing = at + clock.scaled(PING_MS);
  let told = "";
  for (;;) {
    const seen = look(execution, at);
    const data = JSON.stringify(executionView(execution, seen, generation));
    // A cancelled run ends with `error` too.
    if (isTerminal(seen)) return yield event(seen.status === "completed" ? "complete" : "error", data);
    if (data !== told) yield event("progress", (told = data));
    if (at >= deadline) return yield event("timeout", JSON.stringify({ message: "Stream timeout after 10 minutes" }));
    if (at >= nextPing) {
      yield event("ping", String(Math.floor(at)));
      nextPing = at + clock.scaled(PING_MS);
    }
    const due = Math.min(deadline, nextPing, nextChange(execution, at));
    await sleepOrCancel(clock, Math.max(0, due - clock.now()), execution, signal);
    at = Math.max(clock.now(), execution.cancelledAt === undefined ? due : at);
  }
}

/**
 * @param {string} name
 * @param {string} data
 */
const event = (name, data) => bytes(`event: ${name}\ndata: ${data}\n\n`);
