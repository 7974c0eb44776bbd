// @ts-check
// What a page may ask of the proxy: the paths of the API, as one table. A request passes only as a row of it, and its path
// upstream is put together anew from the row and the id.

/**
 * @typedef {object} Route
 * @property {string} operation the client's method that sends it
 * @property {"GET" | "POST"} method
 * @property {string} before the path up to the id
 * @property {string} [after] the path after the id; absent where the path holds none
 * @property {"app" | "execution"} [id] what the id is of
 * @property {string[]} [query] the parameters that pass
 * @property {boolean} [starts] whether it goes on when the visitor has gone, since it changes something
 * @property {boolean} [sends] whether it takes a body
 */

/** How each version of the API calls an execution: `[version, prefix, noun]`. */
const VERSIONS = [
  ["api", "/api", "/executions"],
  ["v1", "/v1", "/runs"],
  ["v1-executions", "/v1", "/executions"],
];

/** What a page needs to list apps, start one and wait. */
const DEFAULT_OPERATIONS = ["listApps", "getApp", "execute", "getExecution"];

/** Methods of the client that send what others send. @type {Record<string, string[]>} */
const MADE_OF = {
  waitForExecution: ["getExecution"],
  watchExecution: ["getExecution"],
  validateInputs: ["getApp"],
  run: ["execute", "getExecution"],
  runAll: ["execute", "getExecution"],
  iterateExecutions: ["listExecutions"],
};

/** @type {Route[]} */
const ROUTES = VERSIONS.flatMap(([version, prefix, noun]) => {
  /** @type {Route[]} */
  const all = [
    { operation: "listApps", method: "GET", before: `${prefix}/apps`, query: ["search", "limit"] },
    { operation: "getApp", method: "GET", before: `${prefix}/apps/`, after: "", id: "app" },
    { operation: "getWorkflow", method: "GET", before: `${prefix}/apps/`, after: "/workflow", id: "app" },
    { operation: "execute", method: "POST", before: `${prefix}/apps/`, after: noun, id: "app", query: ["webhook"], starts: true, sends: true },
    { operation: "getExecution", method: "GET", before: `${prefix}${noun}/`, after: "", id: "execution" },
    { operation: "getSigningKeys", method: "GET", before: `${prefix}/webhooks/signing-key` },
  ];
  /** @type {Route[]} */
  const runs = [
    { operation: "getExecution", method: "GET", before: "/v1/runs/", after: "/wait", id: "execution", query: ["timeout"] },
    { operation: "getExecution", method: "GET", before: "/v1/runs/", after: "/stream", id: "execution" },
    { operation: "cancelExecution", method: "POST", before: "/v1/runs/", after: "/cancel", id: "execution", starts: true },
    { operation: "listExecutions", method: "GET", before: "/v1/runs", query: ["status", "appId", "limit", "offset", "since"] },
    { operation: "estimateCost", method: "POST", before: "/v1/apps/", after: "/estimate", id: "app" },
    { operation: "getUsage", method: "GET", before: "/v1/account/usage" },
  ];
  return version === "v1" ? [...all, ...runs] : all;
});

const KNOWN = new Set(ROUTES.map(({ operation }) => operation));

/**
 * The operations that a list of the client's methods comes to.
 * @param {unknown} names
 * @returns {Set<string> | undefined} undefined where the list has what is no method that sends something
 */
export function operationsOf(names = DEFAULT_OPERATIONS) {
  if (!Array.isArray(names)) return undefined;
  const operations = names.flatMap((name) => MADE_OF[name] ?? [name]);
  return operations.every((name) => KNOWN.has(name)) ? new Set(operations) : undefined;
}

/** An id as the service makes them, or nearly: nothing that a path, a header or a log could be misled by. */
const ID = /^[\w-][\w.~:-]{0,199}$/;

/**
 * @param {Route} route
 * @param {string} path
 * @returns {string | undefined} the id, or "" where the route has none
 */
function match({ before, after }, path) {
  if (after === undefined) return path.endsWith(before) ? "" : undefined;
  if (!path.endsWith(after)) return undefined;
  const rest = path.slice(0, path.length - after.length);
  const start = rest.lastIndexOf("/") + 1;
  return rest.slice(0, start).endsWith(before) ? rest.slice(start) : undefined;
}

/**
 * What a request asks for. The proxy does not know where it is mounted: what stands before the API's path is free.
 * @param {string} method
 * @param {string} path as it came, still encoded
 * @returns {{ route: Route, id: string } | { methods: string[] }} the route, or the methods that the path knows: none where
 *   it is not of the API
 */
export function findRoute(method, path) {
  /** @type {string[]} */
  const methods = [];
  for (const route of ROUTES) {
    const id = decode(match(route, path));
    if (id === undefined || (route.id && !ID.test(id))) continue;
    if (route.method === method) return { route, id };
    methods.push(route.method);
  }
  return { methods };
}

/** @param {string | undefined} text */
function decode(text) {
  try {
    return text && decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/**
 * The path and query that go to the service.
 * @param {Route} route
 * @param {string} id
 * @param {URLSearchParams} given
 */
export function upstreamPath({ before, after = "", query = [] }, id, given) {
  const passed = new URLSearchParams();
  for (const name of query) {
    const value = given.get(name);
    if (value !== null) passed.set(name, value);
  }
  return before + encodeURIComponent(id) + after + (passed.size ? `?${passed}` : "");
}
