// Replies of the newest API: runs, and streams of their events.

import { APP_ID, COMPLETED, execution, EXECUTION_ID, KEY, STARTED } from "./payloads.mjs";
import { startServer } from "./scripted-server.mjs";

export const RUN_ID = EXECUTION_ID;

/** As the server names it. */
export const asRun = ({ executionId, ...rest }) => ({ runId: executionId, ...rest });
/** As the client gives it: by both names. */
export const both = (run) => ({ ...run, executionId: run.runId });

export const run = (status, more) => asRun(execution(status, more));
export const DONE = asRun(COMPLETED);
export const QUEUED_RUN = asRun(STARTED);

/** The paths of generation C. */
export const v1 = {
  start: `POST /v1/apps/${APP_ID}/runs`,
  look: `GET /v1/runs/${RUN_ID}`,
  wait: `GET /v1/runs/${RUN_ID}/wait`,
  stream: `GET /v1/runs/${RUN_ID}/stream`,
  cancel: `POST /v1/runs/${RUN_ID}/cancel`,
  list: "GET /v1/runs",
  estimate: `POST /v1/apps/${APP_ID}/estimate`,
  usage: "GET /v1/account/usage",
};

/** The bytes of one event. */
export const event = (name, data) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

/** Ends the response. */
export const end = (response) => response.end();
/** Breaks the connection. */
export const cut = (response) => response.socket.destroy();

/**
 * Answers with a stream: of texts and bytes, of pauses (numbers, in milliseconds), and of what is done to the response. It
 * stays open unless the last piece ends it.
 * @param {...(string | Uint8Array | number | ((response: import("node:http").ServerResponse) => void))} pieces
 * @returns {import("./scripted-server.mjs").Answer}
 */
export const stream = (...pieces) => async (_, response) => {
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" });
  response.flushHeaders();
  for (const piece of pieces) {
    if (typeof piece === "number") await new Promise((resolve) => setTimeout(resolve, piece));
    else if (typeof piece === "function") piece(response);
    // Each on its way before the next, so that what is cut arrives as it was cut.
    else await new Promise((resolve) => response.write(piece, () => setTimeout(resolve, 2)));
    if (response.destroyed) return;
  }
};

/** Which way each request went: "stream", "wait", "look", "start", "cancel" … */
export const ways = ({ requests }) => requests.map(({ method, path }) => Object.keys(v1).find((name) => v1[name] === `${method} ${path}`) ?? path);

/**
 * A server that answers each way (`"look"`, `"wait"` …) with these in turn, and a client of it.
 * @param {any} Lamina
 */
export const scripted = (Lamina) => async (t, answers, options = {}) => {
  const server = await startServer(t);
  for (const [way, answer] of Object.entries(answers)) server.on(v1[way], ...[answer].flat());
  return { server, lamina: new Lamina({ apiKey: KEY, baseUrl: server.url, apiVersion: "v1", ...options }) };
};
