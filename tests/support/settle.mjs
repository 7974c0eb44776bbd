// How a promise ends, and when.

import assert from "node:assert/strict";

/**
 * @param {Promise<any> | (() => Promise<any>)} promise or what starts it, so that the start is within the time
 * @returns {Promise<{ value?: any, error?: any, ms: number }>}
 */
export async function outcome(promise) {
  const began = performance.now();
  try {
    return { value: await (typeof promise === "function" ? promise() : promise), ms: performance.now() - began };
  } catch (error) {
    return { error, ms: performance.now() - began };
  }
}

/**
 * What a promise rejects with.
 * @param {Promise<unknown>} promise
 * @param {string} [code] the code it must have
 */
export async function rejection(promise, code) {
  // A method that throws is told apart from one that rejects: this line would not be reached.
  assert.equal(typeof promise?.then, "function", "a promise");
  try {
    await promise;
  } catch (error) {
    if (code !== undefined) assert.equal(error?.code, code, `${error?.code}: ${error?.message}`);
    return error;
  }
  return assert.fail(`resolved, where ${code ?? "a rejection"} was expected`);
}

/** Fails a test that hangs, with a word on what does. */
export function within(ms, promise, what = "the promise") {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new assert.AssertionError({ message: `${what} did not settle within ${ms} ms` })), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// How late this process runs: on a busy machine, that is no delay of the client's.
const BEAT_MS = 10;
const clock = performance.now.bind(performance);
/** @type {{ at: number, late: number }[]} */
const beats = [];
let last = clock();
setInterval(() => {
  const at = clock();
  const late = at - last - BEAT_MS;
  if (late > BEAT_MS) beats.push({ at, late });
  last = at;
}, BEAT_MS).unref();

/** For how long of the last `ms` nothing could run here. */
function lateWithin(ms) {
  const from = clock() - ms;
  const late = beats.reduce((sum, beat) => sum + (beat.at >= from ? beat.late : 0), 0);
  return late + Math.max(0, clock() - last - BEAT_MS);
}

/** Between two bounds, a busy machine aside; timers may fire a millisecond early. */
export function assertBetween(value, least, most, what = "the time") {
  const late = lateWithin(2 * Math.max(value, most) + 100);
  assert.ok(value >= least - 2 && value <= most + late, `${what}: ${value.toFixed(1)} is not within [${least}, ${most}]`);
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until `condition()` holds, for two seconds at most. */
export async function until(condition) {
  for (const began = clock(); !condition() && clock() - began < 2_000; ) await sleep(5);
}
