// One order, from its start to its result, as a Cloudflare Workflow. What a step returned is stored: when the machine dies, or
// a new version is deployed, `run` is called again from its beginning, and steps that are done give what they gave.

import { env, WorkflowEntrypoint } from "cloudflare:workers";
import { Lamina } from "lamina-wasm";

/** One client for all orders that this machine carries, so that they share its 100 requests a minute. */
const lamina = new Lamina({ apiKey: env.LAMINA_API_KEY, baseUrl: env.LAMINA_BASE_URL });

/** A start is paid for, and Lamina documents no key that would make a second one harmless: no retries by the engine. */
const ONCE = { retries: { limit: 0, delay: 0 } };

/** How often a start is tried that Lamina refuses before any work (429, 503 with its code). */
const TRIES = 10;

export class OrderWorkflow extends WorkflowEntrypoint {
  /** @param {{ payload: { appId: string, inputs?: object, wait?: object, executionId?: string } }} event */
  async run({ payload }, step) {
    let { state, next } = payload.executionId ? await adopt(payload, step) : await begin(payload, step);
    for (let looks = 1; next.type === "poll"; looks += 1) {
      if (next.afterMs > 0) await step.sleep(`pause ${looks}`, Math.ceil(next.afterMs));
      const before = state;
      // The clock is read within the step: outside of it, it would differ whenever `run` is called again.
      ({ state, next } = await step.do(`look ${looks}`, async () => {
        // No retries here: pollStep knows which errors end a wait, and the workflow does the waiting.
        const seen = await lamina.getExecution(before.executionId, { maxRetries: 0 }).then(
          (execution) => ({ execution }),
          (error) => ({ error }),
        );
        return toStore(await lamina.pollStep(before, { now: Date.now(), ...seen }));
      }));
    }
    if (next.type === "fail") throw new Error(`${next.error.code}: ${next.error.message}`); // the instance is "errored"
    return next.execution; // the instance's `output`
  }
}

/** Starts the execution, once. */
async function begin({ appId, inputs = {}, wait }, step) {
  for (let tries = 1; ; tries += 1) {
    const { begun, refusal } = await step.do(`start ${tries}`, ONCE, async ({ attempt }) => {
      // The engine notes an attempt before it makes it. When it dies within one, nobody knows whether Lamina got the start, and
      // in spite of the limit the engine makes another attempt. That one must not start again.
      if (attempt > 1) throw new Error("START_UNKNOWN: a start was about to happen, and its result was not recorded");
      let execution;
      try {
        execution = await lamina.execute(appId, inputs);
      } catch (error) {
        const message = `${error.code}: ${error.message}`;
        // `retryable` is never true for a start that may have happened.
        if (error.retryable) return { refusal: { message, afterMs: Math.max(1_000, error.retryAfterMs ?? 5_000) } };
        throw new Error(didNotStart(error) ? message : `START_UNKNOWN: ${message}`);
      }
      return { begun: toStore(await lamina.pollStep(null, { now: Date.now(), execution, options: wait })) };
    });
    if (begun) return begun;
    if (tries === TRIES) throw new Error(refusal.message);
    await step.sleep(`pause before start ${tries + 1}`, Math.ceil(refusal.afterMs));
  }
}

/** Waits for an execution that is known to have been started. */
const adopt = ({ executionId, wait }, step) =>
  step.do("adopt", async () => toStore(await lamina.pollStep(null, { now: Date.now(), executionId, options: wait })));

/** Refusals of the request, as against answers that were lost on the way. */
const didNotStart = ({ attempts, status }) => attempts === 0 || [400, 401, 403, 404, 422].includes(status);

/** A step's result is stored: without what is of no more use, and an error by its members, for its class would be lost. */
function toStore({ state, next }) {
  if (next.type === "poll") return { state, next };
  if (next.type === "done") return { next };
  const { code, message } = next.error;
  return { next: { type: "fail", error: { code, message } } };
}
