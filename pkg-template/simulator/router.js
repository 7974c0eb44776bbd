// @ts-check
// From a method and a path to an operation, in the three generations of the API that share one host.

/**
 * Which of the documented shapes a route speaks: `api` (`/api/…`), `executions` (`/v1/…/executions`) or `runs`, the rest
 * of `/v1`. `/v1/apps` belongs to both of the latter; it answers in the newer one's shape, which holds all of the older's.
 *
 * @typedef {"api" | "executions" | "runs"} Generation
 */

/** @typedef {import("./index.js").Operation} Operation */

/**
 * @typedef {object} Route
 * @property {Generation} generation
 * @property {Operation} [operation] none where the path is unknown
 * @property {string} [id] of the app or the execution
 * @property {string[]} [allow] the methods that the path knows, where the method is none of them
 */

/** Paths with `*` for an id, in the order of the documentation. */
const ROUTES = /** @type {[method: string, path: string, generation: Generation, operation: Operation][]} */ ([
  ["GET", "/api/apps", "api", "listApps"],
  ["GET", "/api/apps/*", "api", "getApp"],
  ["GET", "/api/apps/*/workflow", "api", "getWorkflow"],
  ["POST", "/api/apps/*/executions", "api", "execute"],
  ["GET", "/api/executions/*", "api", "getExecution"],
  ["GET", "/api/webhooks/signing-key", "api", "signingKey"],
  ["GET", "/v1/apps", "runs", "listApps"],
  ["GET", "/v1/apps/*", "runs", "getApp"],
  ["GET", "/v1/apps/*/workflow", "runs", "getWorkflow"],
  ["POST", "/v1/apps/*/executions", "executions", "execute"],
  ["GET", "/v1/executions/*", "executions", "getExecution"],
  ["GET", "/v1/webhooks/signing-key", "runs", "signingKey"],
  ["POST", "/v1/apps/*/estimate", "runs", "estimate"],
  ["POST", "/v1/apps/discover", "runs", "discover"],
  ["POST", "/v1/apps/*/runs", "runs", "execute"],
  ["GET", "/v1/runs", "runs", "listExecutions"],
  ["GET", "/v1/runs/*", "runs", "getExecution"],
  ["GET", "/v1/runs/*/wait", "runs", "wait"],
  ["GET", "/v1/runs/*/stream", "runs", "stream"],
  ["POST", "/v1/runs/*/cancel", "runs", "cancel"],
  ["POST", "/v1/runs/*/feedback", "runs", "feedback"],
  ["GET", "/v1/account", "runs", "account"],
  ["GET", "/v1/account/usage", "runs", "usage"],
]);

/**
 * @param {string} method
 * @param {string} path
 * @returns {Route | undefined} nothing where the path is not one of an API at all
 */
export function route(method, path) {
  const parts = path.split("/");
  /** @type {Route | undefined} */
  let other;
  for (const [allowed, pattern, generation, operation] of ROUTES) {
    const id = match(pattern.split("/"), parts);
    if (id === undefined) continue;
    if (allowed === method) return { generation, operation, id };
    other = { generation, allow: [...(other?.allow ?? []), allowed] };
  }
  if (other) return other;
  if (parts[1] === "api") return { generation: "api" };
  return parts[1] === "v1" ? { generation: "runs" } : undefined;
}

/**
 * @param {string[]} pattern
 * @param {string[]} parts
 * @returns {string | undefined} the id, empty where the pattern has none
 */
function match(pattern, parts) {
  if (pattern.length !== parts.length) return undefined;
  let id = "";
  for (const [i, part] of pattern.entries()) {
    if (part !== "*" && part !== parts[i]) return undefined;
    if (part === "*") id = decode(parts[i] ?? "");
    if (part === "*" && id === "") return undefined;
  }
  return id;
}

/** @param {string} part */
function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
