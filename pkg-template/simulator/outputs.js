// @ts-check
// What an execution makes: a picture that shows its app and inputs, text that tells them, a video and a sound that play.
// Every value is a `data:` URL or text, so that it can be shown without a network.

import { audioUrl, videoUrl } from "./media.js";
import { hash } from "./random.js";

const MIME_TYPES = { image: "image/svg+xml", video: "video/mp4", audio: "audio/wav", text: "text/plain" };
const SIDE = 512;
const LONGEST_LINE = 48;
const MOST_LINES = 9;

/** @param {import("./apps.js").Output} output */
export const mimeType = (output) => MIME_TYPES[output.type];

/**
 * @param {import("./apps.js").Output} output
 * @param {import("./index.js").OutputContext} context
 * @returns {string}
 */
export function makeValue(output, context) {
  const { value } = output;
  if (typeof value === "function") return value(context);
  if (value !== undefined) return value;
  if (output.type === "video") return videoUrl();
  if (output.type === "audio") return audioUrl();
  return output.type === "text" ? story(context) : picture(output.label, context);
}

/** @param {import("./index.js").OutputContext} context */
function story({ appName, inputs }) {
  const told = Object.entries(inputs).map(([name, value]) => `${name}: ${show(value)}`);
  return [`${appName} was given ${told.length === 0 ? "nothing" : ""}`.trim(), ...told].join("\n");
}

/**
 * @param {string} label
 * @param {import("./index.js").OutputContext} context
 */
function picture(label, { appName, executionId, inputs }) {
  const hue = hash(executionId + label) % 360;
  const told = Object.entries(inputs).map(([name, value]) => cut(`${name}: ${show(value)}`));
  const line = (/** @type {string} */ text, /** @type {number} */ i) =>
    `<text x="32" y="${220 + i * 28}" font-size="16">${escape(text)}</text>`;
  const lines = told.slice(0, MOST_LINES).map(line);
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${SIDE}" height="${SIDE}" viewBox="0 0 ${SIDE} ${SIDE}">` +
    `<rect width="100%" height="100%" fill="hsl(${hue},55%,35%)"/>` +
    `<circle cx="432" cy="80" r="120" fill="hsl(${(hue + 40) % 360},65%,50%)" fill-opacity=".5"/>` +
    `<g fill="#fff" font-family="system-ui,sans-serif" xml:space="preserve">` +
    `<text x="32" y="96" font-size="32" font-weight="bold">${escape(cut(appName, 26))}</text>` +
    `<text x="32" y="140" font-size="20">${escape(cut(label))}</text>${lines.join("")}</g></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

/** @param {unknown} value */
const show = (value) => (typeof value === "string" ? value : JSON.stringify(value));

/** @param {string} line */
const cut = (line, length = LONGEST_LINE) => (line.length > length ? `${line.slice(0, length - 1)}…` : line);

/**
 * For XML, which has no control characters, and for `encodeURIComponent`, which throws on half of a surrogate pair.
 *
 * @param {string} text
 */
function escape(text) {
  return text
    .replace(/[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff\0-\x1f\ufffe\uffff]/g, (found) => (found[1] ? found : "\ufffd"))
    .replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
