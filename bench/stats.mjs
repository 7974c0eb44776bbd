// Machines are noisy, so what is compared is measured in turn, in many rounds, and told as a ratio within each round.

/** @typedef {{ q1: number, median: number, q3: number }} Quartiles */

/** @param {number[]} values @returns {Quartiles} */
export function quartiles(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part) => {
    const place = (sorted.length - 1) * part;
    const below = Math.floor(place);
    const next = sorted[Math.min(below + 1, sorted.length - 1)];
    return sorted[below] + (next - sorted[below]) * (place - below);
  };
  return { q1: at(0.25), median: at(0.5), q3: at(0.75) };
}

/**
 * Measures each contender once in every round. The order rotates, so that none always comes after the same other.
 * @param {Record<string, () => Promise<number>>} contenders each gives one sample
 * @param {number} rounds
 * @returns {Promise<Record<string, number[]>>}
 */
export async function interleave(contenders, rounds) {
  const names = Object.keys(contenders);
  const samples = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length];
      samples[name].push(await contenders[name]());
    }
  }
  return samples;
}

/** Each contender's samples as quartiles of `value` and of the `ratio` to the reference in the same round. */
export const compare = (samples, reference) => summary(samples, reference, "ratio", (value, base) => value / base);

/** Likewise, with what each has `beyond` the reference in the same round. */
export const beyond = (samples, reference) => summary(samples, reference, "beyond", (value, base) => value - base);

function summary(samples, reference, name, against) {
  const one = (values) => ({ value: quartiles(values), [name]: quartiles(values.map((value, round) => against(value, samples[reference][round]))) });
  return Object.fromEntries(Object.entries(samples).map(([contender, values]) => [contender, one(values)]));
}
