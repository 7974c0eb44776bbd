// @ts-check
// The server's own check of the inputs of a start, with the documented words and codes.

import { hasDefault } from "./apps.js";

/**
 * @typedef {{ field: string, code: string, message: string, allowed?: readonly string[] }} Problem
 * @typedef {import("./apps.js").Parameter} Parameter
 */

/**
 * Under `/api` and on v1's executions an unknown name is let pass and a missing value only matters where the parameter is
 * `required`; on v1's runs a parameter may also be named by its key or id, an unknown name is refused, and every parameter
 * without a default must be given.
 *
 * @param {Parameter[]} parameters
 * @param {Record<string, unknown>} inputs
 * @param {import("./router.js").Generation} generation
 * @returns {{ problems: Problem[], values: Record<string, unknown> }} the values by parameter name, defaults filled in
 */
export function checkInputs(parameters, inputs, generation) {
  const strict = generation === "runs";
  /** @type {Problem[]} */
  const problems = [];
  /** @type {Map<Parameter, unknown>} */
  const given = new Map();
  for (const [name, value] of Object.entries(inputs)) {
    const parameter = find(parameters, name, generation);
    if (parameter) {
      given.set(parameter, value);
      problems.push(...checkValue(name, parameter, value));
    } else if (strict) {
      problems.push({ field: name, code: "unknown_parameter", message: `Unknown input "${name}".` });
    }
  }

  /** @type {[string, unknown][]} */
  const values = [];
  for (const parameter of parameters) {
    const { name, required } = parameter;
    if (given.has(parameter)) values.push([name, given.get(parameter)]);
    else if (hasDefault(parameter)) values.push([name, parameter.default]);
    else if (strict || required) {
      const message = strict ? `"${name}" has no default and was not supplied.` : `"${name}": required`;
      problems.push({ field: name, code: "missing_no_default", message });
    }
  }
  return { problems, values: Object.fromEntries(values) };
}

/**
 * @param {Parameter[]} parameters
 * @param {string} name
 * @param {import("./router.js").Generation} generation
 */
function find(parameters, name, generation) {
  const byName = parameters.find((parameter) => parameter.name === name);
  if (byName || generation === "api") return byName;
  return parameters.find((parameter) => parameter.key === name) ?? parameters.find((parameter) => parameter.id === name);
}

/**
 * @param {string} field
 * @param {Parameter} parameter
 * @param {unknown} value
 * @returns {Problem[]}
 */
function checkValue(field, parameter, value) {
  const items = parameter.multiple && Array.isArray(value) ? value : [value];
  return items.flatMap((item) => checkItem(field, parameter, item) ?? []);
}

/**
 * @param {string} field
 * @param {Parameter} parameter
 * @param {unknown} value
 * @returns {Problem | undefined}
 */
function checkItem(field, { type, options }, value) {
  if (typeof value !== "string") return { field, code: "invalid_type", message: `"${field}": expected a text value` };
  if (type === "options" && options && !options.includes(value)) {
    const message = `"${field}": invalid option "${value}". Must be one of: ${options.join(", ")}`;
    return { field, code: "invalid_option", message, allowed: options };
  }
  if (type === "url" && !isHttpUrl(value)) {
    return { field, code: "invalid_media", message: `"${field}": must be an http(s) URL` };
  }
  return undefined;
}

/** @param {string} text */
export function isHttpUrl(text) {
  try {
    return /^https?:$/.test(new URL(text).protocol);
  } catch {
    return false;
  }
}
