// Carries orders out: one short run of a job starts the app or looks once, then the job sleeps in Redis until the next look.
// Nothing is kept in this process: kill it at any moment, run as many of it as you like.
//
//   LAMINA_API_KEY=lma_… REDIS_URL=redis://… node worker.js

import { DelayedError, UnrecoverableError, Worker } from "bullmq";
import { Lamina } from "lamina-wasm";
import { connect, QUEUE } from "./queue.js";
import { startOnce } from "./start-once.js";

const perMinute = Number(process.env.LAMINA_REQUESTS_PER_MINUTE ?? 100);
const stalledAfterMs = Number(process.env.STALLED_AFTER_MS ?? 30_000);

const redis = connect();
const lamina = new Lamina({ requestsPerMinute: perMinute }); // LAMINA_API_KEY, LAMINA_BASE_URL

/** One run of a job: a step of the wait that `job.data.state` holds. */
async function step(job, token) {
  const { state, next } = job.data.state ? await look(job.data) : await begin(job.data);
  if (next.type === "done") return next.execution; // becomes job.returnvalue
  if (next.type === "fail") throw new UnrecoverableError(`${next.error.code}: ${next.error.message}`);

  // Killed between these two, the job is still active with the new state; killed before them, with the old one. Either way
  // another worker gets it when its lock has run out, and a look too many does no harm.
  await job.updateData({ ...job.data, state });
  await job.moveToDelayed(Date.now() + next.afterMs, token);
  throw new DelayedError(); // tells BullMQ that the job has been moved, and is neither done nor failed
}

async function begin({ orderId, appId, inputs, wait }) {
  const execution = await startOnce(redis, orderId, () => lamina.execute(appId, inputs));
  return lamina.pollStep(null, { now: Date.now(), execution, options: wait });
}

async function look({ state }) {
  // No retries here: pollStep knows which errors end a wait, and the queue does the waiting.
  const seen = await lamina.getExecution(state.executionId, { maxRetries: 0 }).then(
    (execution) => ({ execution }),
    (error) => ({ error }),
  );
  return lamina.pollStep(state, { now: Date.now(), ...seen });
}

const worker = new Worker(QUEUE, step, {
  connection: redis,
  concurrency: 20,
  // Of all workers together, where the client's own budget only knows of this process. A run of a job is one request.
  limiter: { max: perMinute, duration: 60_000 },
  lockDuration: stalledAfterMs,
  stalledInterval: stalledAfterMs,
  // BullMQ counts over the whole life of a job how often it was active in a worker that died, and fails it at the second time.
  // That is meant for jobs that kill their worker. These only wait, for long, and being run again does them no harm.
  maxStalledCount: 1_000,
});

worker.on("completed", (job, { executionId }) => console.log(`${job.id}: ${executionId} is done`));
worker.on("failed", (job, error) => console.log(`${job?.id}: ${error.message}`));
worker.on("error", (error) => console.error(error.message)); // Redis is away, or another worker has taken a job over

for (const signal of ["SIGTERM", "SIGINT"]) {
  process.once(signal, async () => {
    await worker.close(); // lets the looks in flight finish
    redis.disconnect();
  });
}
