// @ts-check
// Keeps the key out of what goes to a page, even where the service repeats it.

const INSTEAD = "[redacted]";

/** What is shorter is no secret, and may be part of any word. @param {string} key */
const isSecret = (key) => key.length >= 8;

/** @param {string} text @param {string} key */
export const holds = (text, key) => isSecret(key) && text.includes(key);

/**
 * @param {ArrayBuffer} bytes
 * @param {string} key
 * @returns {ArrayBuffer | string}
 */
export function withoutKey(bytes, key) {
  const text = new TextDecoder().decode(bytes);
  return holds(text, key) ? text.replaceAll(key, INSTEAD) : bytes;
}

/**
 * The same for text that comes in pieces. Only a piece's end with which the key may begin waits for the next piece.
 * @param {ReadableStream} stream
 * @param {string} key
 * @returns {ReadableStream}
 */
export function streamWithoutKey(stream, key) {
  if (!isSecret(key)) return stream;
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const encoder = new TextEncoder();
  let held = "";
  /** @type {Transformer<Uint8Array, Uint8Array>} */
  const filter = {
    transform(bytes, controller) {
      const text = (held + decoder.decode(bytes, { stream: true })).replaceAll(key, INSTEAD);
      let most = Math.min(key.length - 1, text.length);
      while (most > 0 && !text.endsWith(key.slice(0, most))) most--;
      const end = text.length - most;
      held = text.slice(end);
      if (end > 0) controller.enqueue(encoder.encode(text.slice(0, end)));
    },
    flush(controller) {
      const text = held + decoder.decode();
      if (text) controller.enqueue(encoder.encode(text));
    },
  };
  return stream.pipeThrough(new TransformStream(filter));
}
