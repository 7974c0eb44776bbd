// @ts-check
// Apps by what is wanted: the more of its words an app's texts have, the better it fits.

import { cost } from "./call.js";
import { appSummary } from "./views.js";

/** How many are told where nobody asks for a number; what the service does is not documented. */
const MATCHES = 5;

/** Words of an intent, without the shortest, which every text has. @param {string} text */
const wordsOf = (text) => text.toLowerCase().match(/[\p{L}\p{N}]{4,}/gu) ?? [];

/**
 * @param {import("./apps.js").App[]} apps
 * @param {{ intent: string, constraints?: any, limit?: unknown }} asked
 */
export function discoverApps(apps, { intent, constraints, limit }) {
  const { maxCredits = Infinity, outputFormat } = constraints ?? {};
  const words = [...new Set(wordsOf(intent))];
  const matches = apps
    .filter(({ outputs }) => cost(outputs) <= maxCredits)
    .filter(({ outputs }) => outputFormat === undefined || outputs.some(({ type }) => type === outputFormat))
    .map((app) => match(app, words))
    .filter(({ relevanceScore }) => relevanceScore > 0)
    .sort((a, b) => b.relevanceScore - a.relevanceScore);
  const medium = outputFormat ?? matches[0]?.capabilities?.produces[0] ?? "image";
  return { matches: matches.slice(0, typeof limit === "number" ? limit : MATCHES), intent: { medium, summary: intent } };
}

/**
 * @param {import("./apps.js").App} app
 * @param {string[]} words
 */
function match(app, words) {
  const { appId, name, description, outputs } = app;
  const text = `${name} ${description ?? ""} ${outputs.map(({ label, type }) => `${label} ${type}`).join(" ")}`.toLowerCase();
  const shared = words.filter((word) => text.includes(word));
  return {
    appId,
    name,
    description,
    relevanceScore: words.length === 0 ? 0 : shared.length / words.length,
    capabilities: appSummary(app, "runs").capabilities,
    estimatedCredits: cost(outputs),
    whyMatch: `It is about ${shared.join(", ")}`,
    thumbnail: null,
  };
}
