// @ts-check
// The values of users and servers, which the core knows by their numbers only: their places in the list of the call that runs.
// Nothing here throws.

import { isArray, isText } from "./values.js";

/** A list that a call, or a client, holds its values in. The first three are the same in all. @returns {any[]} */
export const newValues = () => [undefined, false, true];

/**
 * The number of a value in a list.
 * @param {unknown[]} list
 * @param {unknown} value
 */
export const holdIn = (list, value) => (value === undefined ? 0 : list.push(value) - 1);

/** What the core tells values apart by (`host/value.rs`). @type {Record<string, number>} */
const KINDS = { undefined: 0, boolean: 2, number: 4, string: 5, function: 6, object: 8 };
const NULL = 1;
const OTHER = 7;

/**
 * Not by assignment, which takes `__proto__` for something else.
 * @param {object} object
 * @param {string} name
 * @param {unknown} value
 */
const setMember = (object, name, value) =>
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });

export function createHeld() {
  /** The list of what runs. */
  let list = newValues();
  const hold = (/** @type {unknown} */ value) => holdIn(list, value);
  /** The lists of the clients, by their numbers. @type {unknown[][]} */
  const clients = [];

  /** What the core calls. */
  const functions = {
    /** @param {number} object @param {string} name */
    get(object, name) {
      try {
        return hold(list[object]?.[name] ?? undefined);
      } catch {
        return 0;
      }
    },

    /** As above; what a getter throws comes by its number below zero. @param {number} object @param {string} name */
    getMember(object, name) {
      try {
        return hold(list[object]?.[name] ?? undefined);
      } catch (cause) {
        return 1 - list.push(cause);
      }
    },

    /** @param {number} object @param {string} name */
    hasText(object, name) {
      try {
        return isText(list[object]?.[name]);
      } catch {
        return false;
      }
    },

    /** @param {number} place */
    kind(place) {
      const value = list[place];
      if (value === null) return NULL;
      return (KINDS[typeof value] ?? OTHER) + Number(value === true);
    },

    number: (/** @type {number} */ place) => (typeof list[place] === "number" ? list[place] : NaN),
    text: (/** @type {number} */ place) => (typeof list[place] === "string" ? list[place] : undefined),
    ofText: hold,
    ofNumber: hold,
    newObject: () => hold({}),
    newList: () => hold([]),

    /** @param {number} object @param {string} name @param {number} place */
    set(object, name, place) {
      setMember(list[object], name, list[place]);
    },

    /** Where a getter throws, nothing is set. @param {number} object @param {number} other */
    assign(object, other) {
      try {
        for (const [name, value] of Object.entries(list[other] ?? {})) setMember(list[object], name, value);
      } catch {}
    },

    /** @param {number} array @param {number} place */
    push(array, place) {
      list[array].push(list[place]);
    },

    /** @param {number} array */
    count(array) {
      try {
        return isArray(list[array]) ? Number(list[array].length) : 0;
      } catch {
        return 0;
      }
    },

    /** @param {number} array @param {number} index */
    item(array, index) {
      try {
        return hold(list[array]?.[index]);
      } catch {
        return 0;
      }
    },

    reserve: () => list.push(undefined) - 1,

    /** @param {number} place @param {number} other */
    replace(place, other) {
      list[place] = list[other];
    },

    mark: () => list.length,

    /** @param {number} mark */
    release(mark) {
      list.length = mark;
    },
  };

  return {
    functions,
    hold,
    /** The value with this number. @param {number} place */
    at: (place) => list[place],

    /** From here on, numbers are those of this list. @param {any[]} values */
    use(values) {
      list = values;
    },

    /** The list that a client keeps. @param {number} client */
    useClient(client) {
      list = clients[client] = newValues();
    },

    /** A list for a call of a client: what that keeps has the same numbers there. @param {number} client */
    listFor: (client) => clients[client].slice(),

    /** @param {number} client */
    forgetClient(client) {
      delete clients[client];
    },
  };
}
