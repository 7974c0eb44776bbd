// @ts-check
// Randomness that can be repeated: the same seed gives the same ids, durations and faults.

/**
 * @typedef {object} Random
 * @property {() => number} next in [0, 1)
 * @property {(low: number, high: number) => number} between a number in [low, high)
 * @property {() => string} uuid a version 4 UUID
 */

/**
 * A source of its own for each purpose: one more fault must not change the ids that follow.
 *
 * @param {number | string} seed
 * @param {string} purpose
 * @returns {Random}
 */
export function createRandom(seed, purpose) {
  let state = hash(`${seed}/${purpose}`);
  // mulberry32
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const digits = (/** @type {number} */ count) =>
    Array.from({ length: count }, () => Math.floor(next() * 16).toString(16)).join("");
  return {
    next,
    between: (low, high) => low + next() * (high - low),
    uuid: () => `${digits(8)}-${digits(4)}-4${digits(3)}-${"89ab"[Math.floor(next() * 4)]}${digits(3)}-${digits(12)}`,
  };
}

/**
 * FNV-1a over the UTF-16 units: short, and good enough to tell seeds and pictures apart.
 *
 * @param {string} text
 */
export function hash(text) {
  let state = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  return state >>> 0;
}
