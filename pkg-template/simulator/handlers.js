// @ts-check
// The table of all operations.

import { appHandlers } from "./app-handlers.js";
import { executionHandlers } from "./execution-handlers.js";

/**
 * @typedef {import("./reply.js").Reply} Reply
 * @typedef {(call: import("./call.js").Call) => Reply | Promise<Reply>} Handler
 */

/** @type {Record<import("./index.js").Operation, Handler>} */
export const HANDLERS = { ...appHandlers, ...executionHandlers };
