// How late a wait sees that its execution is over, and by how many requests, for each way of learning it: against the
// simulator on a real port, in real time, with the client's own defaults. All runs go side by side, those of one way between
// those of the others, so that a busy moment is everybody's.
//
//   node bench/transports.mjs [--json]
//
// The simulator tells a stream of a change at once. The service's documentation says that its streams look every 2 seconds:
// add up to that to the delay of a stream.

import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { installPackage } from "../tests/support/install.mjs";
import { quartiles } from "./stats.mjs";

const TRANSPORTS = ["poll", "long-poll", "stream", "auto"];
/** How long an execution lasts, in seconds: about as a text, a picture and a short video do. */
const LASTS = [5, 20, 60];
/** Beginnings are so far apart; each execution's end is off by up to 10 % of its length. */
const APART_MS = 137;

/** @param {{ seconds: number, transport: string, requests: number, delayMs: number }[]} runs */
function row(runs, reference) {
  const delays = runs.map(({ delayMs }) => delayMs);
  const delay = quartiles(delays);
  const requests = runs.reduce((sum, run) => sum + run.requests, 0) / runs.length;
  const [{ seconds, transport }] = runs;
  const own = { seconds, transport, runs: runs.length, delay, requests };
  const of = reference ?? own;
  return { ...own, delayRatio: delay.median / of.delay.median, requestsRatio: requests / of.requests };
}

/**
 * @param {{ rounds?: number, lasts?: number[] }} [options]
 * @returns {Promise<{ rows: ReturnType<typeof row>[], tables: { title: string, head: string[], rows: string[][] }[] }>} `rows`:
 *   for each length and way, the delay in milliseconds, the requests of one wait (its start left out), and both as a ratio to
 *   plain reads; `tables`: the same, to be printed
 */
export async function transports({ rounds = 6, lasts = LASTS } = {}) {
  const pkg = await installPackage();
  const { Lamina } = await pkg.import();
  const { createSimulator } = await pkg.import("/simulator");
  const { serve } = await pkg.import("/simulator/node");
  const apps = lasts.map((seconds) => ({ name: `${seconds} s`, queueMs: 500, outputs: [{ label: "A", type: "text", durationMs: seconds * 1000 - 500 }] }));
  const simulator = createSimulator({ apps, rateLimit: false });
  const server = await serve(simulator);
  const client = () => new Lamina({ apiKey: simulator.apiKey, baseUrl: server.url, apiVersion: "v1", requestsPerMinute: Infinity });
  // One client for each way, as it is used: what "auto" learns, it learns once.
  const clients = Object.fromEntries(TRANSPORTS.map((transport) => [transport, client()]));
  await Promise.all(Object.values(clients).map((lamina) => lamina.listApps())); // compiles the module, opens a connection

  async function measure(seconds, transport, appId) {
    const lamina = clients[transport];
    const { executionId } = await lamina.execute(appId, {});
    const done = await lamina.waitForExecution(executionId, { transport });
    const delayMs = Date.now() - Date.parse(done.completedAt);
    const requests = simulator.ledger.requests.filter(({ path }) => path.includes(executionId)).length;
    return { seconds, transport, delayMs, requests };
  }
  const jobs = [];
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < TRANSPORTS.length; turn++) {
      const transport = TRANSPORTS[(round + turn) % TRANSPORTS.length];
      lasts.forEach((seconds, index) => jobs.push(() => measure(seconds, transport, simulator.apps[index].appId)));
    }
  }
  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const runs = await Promise.all(jobs.map((job, index) => sleep(index * APART_MS).then(job)));
  await server.close();
  simulator.close();

  const rows = lasts.flatMap((seconds) => {
    const of = (transport) => runs.filter((run) => run.seconds === seconds && run.transport === transport);
    const reference = row(of("poll"));
    return TRANSPORTS.map((transport) => row(of(transport), reference));
  });
  const cells = ({ seconds, transport, delay: { median, q1, q3 }, delayRatio, requests, requestsRatio }) => [
    `${seconds} s, ${transport}`,
    `${median.toFixed(0)}`,
    `${q1.toFixed(0)} to ${q3.toFixed(0)}`,
    delayRatio.toFixed(3),
    requests.toFixed(1),
    requestsRatio.toFixed(2),
  ];
  const head = ["execution, transport", "delay, ms", "quartiles", "of poll's", "requests", "of poll's"];
  return { rows, tables: [{ title: "How late an end is seen, and by how many requests", head, rows: rows.map(cells) }] };
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { rows, tables } = await transports();
  if (process.argv.includes("--json")) {
    console.log(JSON.stringify(rows, null, 2));
  } else {
    const { text } = await import("./report.mjs");
    for (const table of tables) console.log(text(table));
  }
  process.exit();
}
