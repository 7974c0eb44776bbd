// The processor time of one call in Node, all threads of the process, against `fetch` and `JSON.parse` written by hand.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { fetchOf, serveAnswers } from "./answers.mjs";
import { contenders, REFERENCE } from "./contenders.mjs";
import { compare, interleave } from "./stats.mjs";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");

/** What is measured: by which function, and how many calls make one sample. */
const OPERATIONS = {
  getApp: { by: "getApp", calls: { "in process": 300, loopback: 100 } },
  listApps10: { by: "listApps", calls: { "in process": 250, loopback: 80 } },
  listApps100: { by: "listApps", calls: { "in process": 120, loopback: 60 } },
  listApps10000: { by: "listApps", calls: { "in process": 3, loopback: 3 } },
  execute: { by: "execute", calls: { "in process": 250, loopback: 80 } },
  poll: { by: "poll", calls: { "in process": 300, loopback: 100 } },
};

/** Microseconds of processor time for each of so many calls in a row. */
async function sample(call, calls) {
  collect();
  const before = process.cpuUsage();
  for (let n = 0; n < calls; n++) await call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

/**
 * @param {{ rounds?: number }} [options]
 * @returns {Promise<Record<string, Record<string, ReturnType<typeof compare>>>>} by operation, by where the answer comes from,
 *   by client
 */
export async function cpu({ rounds = 15 } = {}) {
  const server = await serveAnswers();
  const results = {};
  try {
    for (const [operation, { by, calls }] of Object.entries(OPERATIONS)) {
      results[operation] = {};
      for (const [where, count] of Object.entries(calls)) {
        const all = contenders(server.origins[operation], where === "loopback" ? undefined : fetchOf(operation));
        const measured = Object.entries(all).filter(([, client]) => client[by]);
        for (const [, client] of measured) for (let n = 0; n < 3; n++) await sample(client[by], count);
        const samplers = measured.map(([name, client]) => [name, () => sample(client[by], count)]);
        results[operation][where] = compare(await interleave(Object.fromEntries(samplers), rounds), REFERENCE);
      }
    }
  } finally {
    server.close();
  }
  return results;
}
