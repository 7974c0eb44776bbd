// A start is paid for, and Lamina documents no key that would make a second one harmless. So what is about to happen is
// written down first, under the order's id, and what happened afterwards:
//
//   nothing        nobody has tried: this worker may start, as soon as its intention is written
//   an intention   somebody was about to start, and either is still at it or died. Whether Lamina got it, nobody here knows
//   an execution   it was started: go on with that one, whoever started it
//
// An intention without an execution is never started again by itself. It costs an operator a look (operator.js), where
// starting again could cost the order's price a second time.

import { randomUUID } from "node:crypto";
import { UnrecoverableError } from "bullmq";

export const recordKey = (orderId) => `lamina:start:${orderId}`;

/** How the reason of a failed job begins that an operator has to decide about. */
export const START_UNKNOWN = "START_UNKNOWN";

/**
 * @param {import("ioredis").Redis} redis
 * @param {string} orderId
 * @param {() => Promise<import("lamina-wasm").Execution>} start
 * @returns {Promise<import("lamina-wasm").Execution>} what this call started, or what an earlier one did
 */
export async function startOnce(redis, orderId, start) {
  const key = recordKey(orderId);
  const intention = { intention: randomUUID(), at: new Date().toISOString() };
  const mine = JSON.stringify(intention);

  // One command both looks and writes, so that of two workers only one gets to start, even where BullMQ gave the job to a
  // second one because the first was merely slow. Mine again: the answer was lost, and the client of Redis repeated itself.
  const found = await redis.set(key, mine, "NX", "GET");
  if (found !== null && found !== mine) {
    const { execution, at } = JSON.parse(found);
    if (execution) return execution;
    throw new UnrecoverableError(`${START_UNKNOWN}: a start was about to happen at ${at}, and its result was not recorded`);
  }

  let execution;
  try {
    execution = await start();
  } catch (error) {
    if (!didNotStart(error)) throw new UnrecoverableError(`${START_UNKNOWN}: ${error.code ?? error.name}: ${error.message}`);
    // Nothing was started, so that the intention must not stay: the next attempt may start.
    await redis.del(key);
    throw mayComeBack(error) ? error : new UnrecoverableError(`${error.code}: ${error.message}`);
  }
  await redis.set(key, JSON.stringify({ ...intention, execution }));
  return execution;
}

/** `retryable` is never true for a start that may have happened; these refusals come before any work as well. */
const didNotStart = (error) =>
  error.retryable === true || error.attempts === 0 || [400, 401, 403, 404, 422].includes(error.status) || didNotConnect(error);

/** With the same inputs and the same key, the other refusals would come again. */
const mayComeBack = (error) => error.retryable === true || didNotConnect(error);

/** The cause of a NETWORK_ERROR is what `fetch` rejected with, and that one's cause says how far it got. */
const didNotConnect = (error) => ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"].includes(error.cause?.cause?.code);
