// Sends an order in. Doing so again changes nothing: one order id is one job and one start.
//
//   node enqueue.js <orderId> <appId> ['{"Parameter": "value"}']

import { connect, enqueue, openQueue } from "./queue.js";

const [orderId, appId, inputs = "{}"] = process.argv.slice(2);
if (!appId) throw new Error("usage: node enqueue.js <orderId> <appId> [inputs as JSON]");

const redis = connect();
const queue = openQueue(redis);
const job = await enqueue(queue, { orderId, appId, inputs: JSON.parse(inputs) });
console.log(`${job.id} is ${await job.getState()}`);
await queue.close();
redis.disconnect();
