// What a person decides: orders whose start may or may not have happened. Look in Lamina whether there is an execution of that
// time and with those inputs. Decide only when the worker that was about to start is gone, or has had its say.
//
//   node operator.js                               the orders that failed, and why
//   node operator.js retry <orderId>               look again: the start may have been recorded since, or the wait gone on
//   node operator.js adopt <orderId> <executionId> it was started, and this is it
//   node operator.js start-again <orderId>         it was not started: start it, and pay

import { getExecution } from "lamina-wasm";
import { connect, jobId, openQueue } from "./queue.js";
import { recordKey } from "./start-once.js";

const [command = "list", orderId, executionId] = process.argv.slice(2);
const redis = connect();
const queue = openQueue(redis);

const commands = {
  async list() {
    for (const { data, failedReason } of await queue.getFailed()) console.log(`${data.orderId}\t${data.appId}\t${failedReason}`);
  },
  async retry() {
    const job = await queue.getJob(jobId(orderId));
    if (!job) throw new Error(`There is no order ${orderId}`);
    await job.retry();
  },
  async adopt() {
    const record = await undecided();
    const execution = await getExecution(executionId); // one that is not there is not adopted
    await redis.set(recordKey(orderId), JSON.stringify({ ...record, execution }));
    await commands.retry();
  },
  async "start-again"() {
    await undecided();
    await redis.del(recordKey(orderId));
    await commands.retry();
  },
};

/** The record of an order that may be decided about: an intention, and no execution. */
async function undecided() {
  const record = JSON.parse(await redis.get(recordKey(orderId)));
  if (!record) throw new Error(`No start of order ${orderId} was ever about to happen: retry it`);
  if (record.execution) throw new Error(`Order ${orderId} was started as ${record.execution.executionId}: retry it`);
  return record;
}

try {
  if (!Object.hasOwn(commands, command)) throw new Error(`usage: node operator.js [retry|adopt|start-again] …`);
  await commands[command]();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await queue.close();
  redis.disconnect();
}
