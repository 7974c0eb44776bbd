// @ts-check
// The account's credits: each start costs what its outputs cost.

/** Far more than a test spends, as long as it does not ask for less. */
const GENEROUS = 1_000_000;

/**
 * @typedef {object} Credits
 * @property {number} balance
 * @property {number} totalEarned
 * @property {number} totalSpent
 * @property {(amount: number) => void} spend
 */

/**
 * @param {number} [balance]
 * @returns {Credits}
 */
export function createCredits(balance = GENEROUS) {
  return {
    balance,
    totalEarned: balance,
    totalSpent: 0,
    spend(amount) {
      this.balance -= amount;
      this.totalSpent += amount;
    },
  };
}
