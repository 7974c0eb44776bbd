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

/** Between two bounds; timers may fire a millisecond early. */
export function assertBetween(value, least, most, what = "the time") {
  assert.ok(value >= least - 2 && value <= most, `${what}: ${value.toFixed(1)} is not within [${least}, ${most}]`);
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
