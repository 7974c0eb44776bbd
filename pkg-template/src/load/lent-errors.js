// @ts-check
// In the place of `errors.js` in the half that a server loads late: the class that its entry has, so that there is only one.

/** @type {typeof import("../errors.js").LaminaError} */
export let LaminaError;

/** @param {typeof import("../errors.js").LaminaError} given */
export const lend = (given) => {
  LaminaError = given;
};
