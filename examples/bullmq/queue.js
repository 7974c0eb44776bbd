// What the worker, the producer and the operator share: the Redis, the queue, and how an order gets into it.

import { Queue } from "bullmq";
import { Redis } from "ioredis";

export const QUEUE = "lamina";

/** `null`: BullMQ wants commands to wait for a Redis that is away for a moment, not to fail. */
export const connect = () => new Redis(process.env.REDIS_URL ?? "redis://127.0.0.1:6379", { maxRetriesPerRequest: null });

export const openQueue = (connection) => new Queue(QUEUE, { connection });

/** The order's id is the job's, so that an order that is sent in twice is one job. */
export const jobId = (orderId) => `order-${orderId}`;

/**
 * @param {Queue} queue
 * @param {object} order
 * @param {string} order.orderId your own id of what is to be paid for once: the start is recorded under it
 * @param {string} order.appId
 * @param {Record<string, unknown>} [order.inputs]
 * @param {import("lamina-wasm").PollObservation["options"]} [order.wait]
 */
export const enqueue = (queue, { orderId, appId, inputs = {}, wait }) =>
  queue.add("execute", { orderId, appId, inputs, wait }, {
    jobId: jobId(orderId),
    // Only what is harmless is tried again: a start that was refused before any work, and trouble with Redis.
    attempts: 8,
    backoff: { type: "exponential", delay: 2_000 },
  });
