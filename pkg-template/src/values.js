// @ts-check
// Reads the values of users and servers for the core. None of these ever throws: an exception must not cross the core.

import { textCoding } from "./text-coding.js";

/**
 * Names and values in turn: of an iterable of pairs (`Headers`, `Map`), else of the object's own members.
 * @param {any} object
 * @returns {unknown[] | undefined} undefined where reading it throws
 */
export function entries(object) {
  try {
    return [...(typeof object[Symbol.iterator] === "function" ? object : Object.entries(object))].flatMap(
      // A `URL` or a `Date` is what JSON makes of it.
      ([name, value]) => [name, typeof value?.toJSON === "function" ? value.toJSON() : value],
    );
  } catch {
    return undefined;
  }
}

/** Longer texts are neither a label nor a URL that a server takes; their beginning shows that. */
const LONGEST_TEXT = 65_536;

/** More than any server takes: so much of it is copied, at most. */
const MOST_TEXT = 1e8;

/**
 * Rows of texts as one text, as `core/validate` reads it, with a mark between two rows and between two texts of a row. A mark
 * within a text becomes another control character.
 * @param {() => unknown[][]} read gives the rows; whatever is no text is an empty one
 * @returns {string | undefined} undefined where reading throws, or where it is too much
 */
function flat(read) {
  let left = MOST_TEXT;
  const clean = (/** @type {unknown} */ text) => {
    const known = typeof text === "string" ? text.slice(0, LONGEST_TEXT).replace(/[\x1e\x1f]/g, "\x1d") : "";
    left -= known.length;
    if (left < 0) throw undefined;
    return known;
  };
  try {
    return read().map((row) => row.map(clean).join("\x1f")).join("\x1e");
  } catch {
    return undefined;
  }
}

/**
 * @param {any} parameters of an app
 * @returns {string | undefined} undefined where they are no list of objects
 */
export function flatParameters(parameters) {
  if (!hasList(parameters, "", "")) return undefined;
  const row = (/** @type {any} */ one) => {
    try {
      const { key, id, name, type, options } = one;
      const labels = isArray(options) ? options.filter((/** @type {unknown} */ label) => typeof label === "string") : [];
      // Later versions sketch parameters by `key` alone.
      return [key, id, typeof name === "string" ? name : key, type, one.default != null && "yes", one.multiple === true && "yes", ...labels];
    } catch {
      return [];
    }
  };
  return flat(() => [...parameters].map(row));
}

/**
 * @param {any} inputs
 * @returns {string | undefined} undefined where they are no object, or where reading them throws
 */
export function flatInputs(inputs = {}) {
  const given = isRecord(inputs) ? entries(inputs) : undefined;
  const row = (/** @type {unknown} */ name, /** @type {number} */ at) => {
    /** @type {any} */
    const value = given?.[at + 1];
    // JSON leaves out what is undefined.
    return at % 2 || value === undefined ? [] : [[name, kind(value), ...(isArray(value) ? [...value].map(kind) : [])]];
  };
  return given && flat(() => given.flatMap(row));
}

/** @param {unknown} value */
function kind(value) {
  return typeof value === "string" ? `"${value}` : value == null ? "null" : isArray(value) ? "list" : typeof value;
}

/**
 * A header of a reply that is an HTTP date, in any of the formats of RFC 9110: `Sun, 06 Nov 1994 08:49:37 GMT`,
 * `Sunday, 06-Nov-94 08:49:37 GMT` or `Sun Nov  6 08:49:37 1994`. It is one if the host writes the same when it has read it; the
 * day of the week says nothing new.
 * @param {any} reply
 * @param {string} name
 * @returns {number} milliseconds since 1970; NaN where it is no date
 */
export function dateIn(reply, name) {
  const words = `${reply[name]}`.trim().split(/[ ,-]+/);
  const [, first, second, third = "", ...rest] = words;
  const date = (
    words.length === 5
      ? [second.padStart(2, "0"), first, rest[0], third, "GMT"]
      : // Two digits are a year from 1970 to 2069.
        [first, second, third.length === 2 ? (third < "70" ? 20 : 19) + third : third, ...rest]
  ).join(" ");
  const read = new Date(date);
  return read.toUTCString().slice(5) === date ? read.getTime() : NaN;
}

/** @param {string} name of a variable of the environment, where there is one */
export function env(name) {
  try {
    const value = /** @type {any} */ (globalThis).process?.env?.[name];
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined; // Deno without the permission
  }
}

/** @param {unknown} value */
export function isArray(value) {
  try {
    return Array.isArray(value);
  } catch {
    return false; // a revoked proxy
  }
}

/** @param {unknown} value */
const isRecord = (value) => typeof value === "object" && value !== null && !isArray(value);

/**
 * Takes an absolute URL apart, by the host's own parser.
 * @param {unknown} value
 * @returns {string[]} empty where it is no absolute URL
 */
export function parseUrl(value) {
  try {
    const url = new URL(/** @type {string | URL} */ (value));
    const extras = url.username + url.password + url.search + url.hash;
    return [url.protocol, url.hostname, `${url.protocol}//${url.host}`, url.pathname, extras];
  } catch {
    return [];
  }
}

/**
 * A number, or a `Date` as one.
 * @param {any} value
 */
export function number(value) {
  try {
    return Number(typeof value === "number" ? value : value.getTime());
  } catch {
    return NaN;
  }
}

/**
 * A `Date` as ISO 8601; undefined for anything else.
 * @param {any} value
 * @returns {string | undefined}
 */
export function isoDate(value) {
  try {
    return `${value.toISOString()}`;
  } catch {
    return undefined;
  }
}

/** @param {unknown} value */
export const isText = (value) => typeof value === "string" && value !== "";

/**
 * Whether a member, or without its name the value itself, is a list of objects, each with a text by this name, if there is one.
 * @param {any} object
 * @param {string} member
 * @param {string} name
 */
export function hasList(object, member, name) {
  try {
    const list = member ? object[member] : object;
    if (!Array.isArray(list)) return false;
    for (const item of list) {
      if (typeof item !== "object" || item === null || (name && !isText(item[name]))) return false;
    }
    return true;
  } catch {
    return false;
  }
}

/**
 * An id as it stands in a path, percent-encoded.
 * @param {unknown} id
 * @returns {string | undefined} undefined where it is none: no text, empty, a step through the path, or half of a surrogate pair
 */
export function encodeId(id) {
  if (typeof id !== "string" || id === "" || id === "." || id === "..") return undefined;
  try {
    return encodeURIComponent(id);
  } catch {
    return undefined;
  }
}

/**
 * @param {unknown} a
 * @param {unknown} b
 */
export function differs(a, b) {
  try {
    return JSON.stringify(a) !== JSON.stringify(b);
  } catch {
    return true; // nested deeper than the stack
  }
}

/**
 * @param {Uint8Array} bytes
 * @returns {unknown} undefined where they hold no JSON
 */
export function parseBytes(bytes) {
  try {
    return JSON.parse(new (textCoding().TextDecoder)().decode(bytes));
  } catch {
    return undefined;
  }
}

/**
 * Percent-encoded; half of a surrogate pair, which cannot be, as U+FFFD.
 * @param {unknown} value a string, or a number
 */
export const encode = (value) => encodeURIComponent(String(value).replace(/[\ud800-\udfff]/gu, "\ufffd"));

/** @param {any} thrown */
export function messageOf(thrown) {
  try {
    const message = String(thrown?.message ?? thrown);
    const code = thrown?.cause?.code;
    return (typeof code === "string" ? `${message} (${code})` : message).slice(0, 300);
  } catch {
    return "unknown";
  }
}

/**
 * The body of a start: `{ inputs, outputs? }` as JSON. What JSON would silently drop or change is refused instead, for a
 * paid execution would run on it.
 * @param {unknown} inputs
 * @param {unknown} outputs
 * @returns {string | { reason: string, cause?: unknown }}
 */
export function encodeBody(inputs, outputs) {
  if (inputs !== undefined && !isRecord(inputs)) {
    return { reason: "`inputs` must be an object." };
  }
  try {
    return JSON.stringify({ inputs: inputs ?? {}, outputs }, refuse);
  } catch (cause) {
    return { reason: `\`inputs\` cannot be sent as JSON: ${messageOf(cause)}`, cause };
  }
}

/**
 * @this {any} what holds the value, still without its `toJSON`, which a Buffer has
 * @param {string} key
 * @param {any} value
 */
function refuse(key, value) {
  const given = this[key];
  const problem =
    typeof value === "bigint"
      ? "is a BigInt; pass a string"
      : typeof value === "function" || typeof value === "symbol"
        ? `is a ${typeof value}`
        : typeof value === "number" && !Number.isFinite(value)
          ? "is not a finite number"
          : typeof given === "object" && given !== null
            ? notPlain(given)
            : undefined;
  if (problem) throw new TypeError(`"${key}" ${problem}.`);
  return value;
}

/** @param {any} value */
function notPlain(value) {
  if (typeof value.then === "function") return "is a promise; await it first";
  if (ArrayBuffer.isView(value) || /^\[object (Blob|File|ArrayBuffer|Map|Set|Request|Response|FormData)\]$/.test(Object.prototype.toString.call(value))) {
    return "is no plain data; upload files and pass their URL";
  }
  return undefined;
}
