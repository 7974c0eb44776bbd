// The processor time of one call in Node, all threads of the process, against `fetch` and `JSON.parse` written by hand.
//
// Answers within the process show the client's own work in a warm loop. On loopback each call comes after the engine's, the
// system's and the network's other work, as in life: the same code takes a multiple of that time there, because nothing of it is
// in the processor's caches any more.

import { fetchOf, serveAnswers } from "./answers.mjs";
import { contenders } from "./contenders.mjs";
import { OURS, REFERENCE } from "./names.mjs";
import { compare, interleave } from "./stats.mjs";

/** How many samples are thrown away first, while the engine still compiles: that, too, is processor time. */
const WARM_UP = 5;

/**
 * What is measured: by which function, whether for the other packages too, and how many calls make one sample. So many that
 * each pays for its own garbage, of which a call on loopback leaves some 60 KB, and a collection comes with every 16 MB; it is not
 * collected in between, because that throws compiled code away.
 */
const OPERATIONS = {
  getApp: { by: "getApp", peers: true, calls: { "in process": 1_500, loopback: 1_000 } },
  listApps10: { by: "listApps", calls: { "in process": 1_000, loopback: 300 } },
  listApps100: { by: "listApps", peers: true, calls: { "in process": 400, loopback: 400 } },
  listApps10000: { by: "listApps", calls: { "in process": 6, loopback: 6 } },
  execute: { by: "execute", peers: true, calls: { "in process": 1_000, loopback: 500 } },
  poll: { by: "poll", calls: { "in process": 1_500, loopback: 300 } },
};

/** Microseconds of processor time for each of so many calls in a row. */
async function sample(call, calls) {
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
    for (const [operation, { by, peers, calls }] of Object.entries(OPERATIONS)) {
      results[operation] = {};
      for (const [where, count] of Object.entries(calls)) {
        const all = contenders(server.origins[operation], where === "loopback" ? undefined : fetchOf(operation));
        const measured = Object.entries(all).filter(([name, client]) => client[by] && (peers || name === OURS || name.startsWith(REFERENCE)));
        for (const [, client] of measured) for (let n = 0; n < WARM_UP; n++) await sample(client[by], count);
        const samplers = measured.map(([name, client]) => [name, () => sample(client[by], count)]);
        results[operation][where] = compare(await interleave(Object.fromEntries(samplers), rounds), REFERENCE);
      }
    }
  } finally {
    server.close();
  }
  return results;
}
