// @ts-check
// What a fault does to a stream of server-sent events. Each piece of the stream is one whole event.

import { ConnectionLost } from "./errors.js";

/** @typedef {AsyncIterable<Uint8Array>} Stream */

/**
 * Ends in the middle of the event after `events` whole ones.
 *
 * @param {Stream} stream
 * @param {number} events
 * @param {boolean} [reset] whether the connection breaks; else it ends as if that were all
 */
export async function* cutStream(stream, events, reset = false) {
  let count = 0;
  for await (const event of stream) {
    if (count++ < events) {
      yield event;
      continue;
    }
    yield event.subarray(0, event.length >> 1);
    if (reset) throw new ConnectionLost();
    return;
  }
}

/**
 * Says nothing more after `events` whole ones, not even a ping.
 *
 * @param {Stream} stream
 * @param {number} events
 * @param {() => Promise<never>} silence
 */
export async function* stallStream(stream, events, silence) {
  let count = 0;
  if (events > 0) {
    for await (const event of stream) {
      yield event;
      if (++count >= events) break;
    }
  }
  await silence();
}

/**
 * In pieces of 1 to 7 bytes, which cut through lines, words and characters.
 *
 * @param {Stream} stream
 * @param {import("./random.js").Random} random
 */
export async function* chunked(stream, random) {
  for await (const event of stream) {
    for (let at = 0; at < event.length; ) {
      const end = at + 1 + Math.floor(random.next() * 7);
      yield event.subarray(at, end);
      at = end;
    }
  }
}

/**
 * Each second event before the first, which waits for it.
 *
 * @param {Stream} stream
 */
export async function* reordered(stream) {
  /** @type {Uint8Array | undefined} */
  let held;
  for await (const event of stream) {
    if (held === undefined) {
      held = event;
      continue;
    }
    yield event;
    yield held;
    held = undefined;
  }
  if (held !== undefined) yield held;
}
