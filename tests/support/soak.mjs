// Many executions through faults, in any runtime, and what the server's own ledger says of what the client reported.

import assert from "node:assert/strict";

/** Its one output is what it was given, so that an execution that is another's is noticed. */
const output = { label: "Echo", type: "text", value: ({ inputs }) => inputs.Token };
const parameters = [{ name: "Token", type: "text", required: true }];
/** What the simulator serves: an app that is soon over, and one that never ends. */
export const APPS = [
  { name: "Echo", parameters, outputs: [output] },
  { name: "Endless", parameters, outputs: [{ ...output, durationMs: Infinity }] },
];

/**
 * @typedef {{ executionId?: string, code?: string, retryable?: boolean, ms: number, value?: string, status?: string }} Ending
 * @typedef {{ token: string, start?: Ending, wait?: Ending, run?: Ending, endless: boolean, aborted: boolean }} Report
 */

/**
 * Starts `count` executions, `concurrency` side by side, and waits for each; every third by `run`. One in ten never ends, and
 * one in ten is given up. It is sent to other runtimes as text, so it may use nothing but its arguments.
 * @returns {Promise<Report[]>}
 */
export async function soak(Lamina, { client, apps, count, first = 0, concurrency, waitMs, endlessMs, pollIntervalMs = 20, transport }) {
  const lamina = new Lamina(client);
  const ended = async (call) => {
    const began = performance.now();
    try {
      const { executionId, status, outputs } = await call;
      return { executionId, status, value: outputs?.[0]?.value, ms: performance.now() - began };
    } catch (error) {
      return { code: error?.code ?? String(error), retryable: error?.retryable, executionId: error?.execution?.executionId, ms: performance.now() - began };
    }
  };
  const one = async (number) => {
    const token = `token ${number}`;
    const endless = number % 10 === 0;
    const aborted = number % 10 === 5;
    const appId = apps[endless ? 1 : 0];
    if (number % 3 === 2 && !endless && !aborted) return { token, endless, aborted, run: await ended(lamina.run(appId, { Token: token }, { timeoutMs: waitMs, pollIntervalMs, transport })) };
    const start = await ended(lamina.execute(appId, { Token: token }));
    if (start.code) return { token, endless, aborted, start };
    const controller = new AbortController();
    const wait = ended(lamina.waitForExecution(start.executionId, { timeoutMs: endless ? endlessMs : waitMs, pollIntervalMs, transport, signal: controller.signal }));
    if (aborted) setTimeout(() => controller.abort("enough"), 10);
    return { token, endless, aborted, start, wait: await wait };
  };
  const reports = [];
  let next = first;
  const worker = async () => {
    while (next < first + count) reports.push(await one(next++));
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return reports;
}

/**
 * Nothing was started twice, nothing is lost, nothing is wrong.
 * @param {Report[]} reports
 * @param {{ executionId: string, inputs: any }[]} starts the server's own record
 * @returns {{ started: number, lost: number, unseen: number, refused: number, completed: number }} how many starts were reported
 *   as made, as perhaps made (and how many of these were), as not made; and how many executions were seen to be over
 */
export function audit(reports, starts) {
  const byToken = new Map();
  for (const { executionId, inputs } of starts) byToken.set(inputs.Token, [...(byToken.get(inputs.Token) ?? []), executionId]);
  const sums = { started: 0, lost: 0, unseen: 0, refused: 0, completed: 0 };
  for (const { token, start, wait, run, endless, aborted } of reports) {
    const made = byToken.get(token) ?? [];
    const first = start ?? run;
    const say = `${token}: ${JSON.stringify({ start, wait, run, made })}`;
    byToken.delete(token);
    assert.ok(made.length <= 1, `started twice: ${say}`);
    if (first.executionId !== undefined) {
      assert.deepEqual(made, [first.executionId], `what was reported is what was started: ${say}`);
      sums.started++;
    } else {
      assert.notEqual(first.code, undefined, say);
      if (first.retryable) assert.deepEqual(made, [], `said to be safe to repeat: ${say}`);
      sums[first.retryable ? "refused" : "lost"]++;
      sums.unseen += made.length;
      continue;
    }
    const last = wait ?? run;
    if (aborted && last.code === "enough") continue;
    if (endless) assert.deepEqual([last.code, last.executionId ?? made[0]], ["WAIT_TIMEOUT", made[0]], say);
    else assert.deepEqual([last.executionId, last.status, last.value], [made[0], "completed", token], `the right execution: ${say}`);
    sums.completed += endless ? 0 : 1;
  }
  assert.deepEqual([...byToken], [], "nothing runs that was never asked for");
  return sums;
}
