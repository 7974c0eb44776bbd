// A real HTTP server that answers as a test says, byte for byte, and remembers what it was asked.

import { createServer } from "node:http";

/** @typedef {(request: import("node:http").IncomingMessage, response: import("node:http").ServerResponse, record?: any) => void} Answer */

/** JSON with a status. @returns {Answer} */
export const json = (body, status = 200, headers = {}) => text(JSON.stringify(body), status, { "content-type": "application/json", ...headers });

/** The usual envelope. @returns {Answer} */
export const data = (value, status = 200, headers = {}) => json({ data: value }, status, headers);

/** Any body. @returns {Answer} */
export const text = (body, status = 200, headers = {}) => (_, response) => {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", ...headers });
  response.end(body);
};

/** @returns {Answer} */
export const redirect = (location, status = 302) => text("", status, { location });

/** Closes the connection without a word. @returns {Answer} */
export const reset = () => (request) => request.socket.destroy();

/** Never answers. @returns {Answer} */
export const stall = () => () => {};

/** Sends the head and a part of the body, and then nothing more. @returns {Answer} */
export const stallBody = (part = '{"data":', status = 200) => (_, response) => {
  response.writeHead(status, { "content-type": "application/json", "content-length": "1000" });
  response.write(part);
};

/** Announces more than it sends, and closes. @returns {Answer} */
export const truncate = (part = '{"data":[') => (_, response) => {
  response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
  response.write(part, () => response.destroy());
};

/** Sends the body in pieces. @returns {Answer} */
export const trickle = (body, pauseMs, pieces = 4, status = 200) => (_, response) => {
  response.writeHead(status, { "content-type": "application/json" });
  const size = Math.ceil(body.length / pieces);
  const next = (from) => {
    if (from >= body.length) return response.end();
    response.write(body.slice(from, from + size));
    setTimeout(next, pauseMs, from + size);
  };
  next(0);
};

/** Answers later. @param {number} ms @param {Answer} answer @returns {Answer} */
export const after = (ms, answer) => (request, response) => void setTimeout(answer, ms, request, response);

/**
 * A server on a free port of this machine, closed at the end of the test.
 * @param {{ after: (close: () => unknown) => void }} [t]
 */
export async function startServer(t) {
  /** @type {{ matches: (request: any) => boolean, answers: Answer[] }[]} */
  const routes = [];
  /** @type {any[]} */
  const requests = [];

  const server = createServer(async (request, response) => {
    const record = {
      method: request.method,
      url: request.url,
      path: request.url.split("?")[0],
      headers: request.headers,
      rawHeaders: request.rawHeaders,
      body: "",
      at: performance.now(),
      /** Whether the client went away before the answer was complete. */
      dropped: false,
    };
    requests.push(record);
    response.on("close", () => (record.dropped = !response.writableFinished));
    request.on("error", () => {});
    try {
      for await (const chunk of request.setEncoding("utf8")) record.body += chunk;
    } catch {
      return;
    }
    const route = routes.find(({ matches }) => matches(record));
    if (!route) return text(`no route for ${record.method} ${record.url}`, 599)(request, response);
    // The last answer stands for all that follow.
    const answer = route.answers.length > 1 ? route.answers.shift() : route.answers[0];
    answer(request, response, record);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

  const scripted = {
    url: `http://127.0.0.1:${server.address().port}`,
    requests,
    /** The paths and queries that were asked, in order. */
    get urls() {
      return requests.map(({ url }) => url);
    },
    /** The pauses between the requests, in milliseconds. */
    get gaps() {
      return requests.slice(1).map(({ at }, index) => at - requests[index].at);
    },
    /**
     * Answers a route (`"GET /api/apps"`, the query left out; or `"*"` for whatever is left) with these, in turn.
     * @param {string} route
     * @param {...Answer} answers
     */
    on(route, ...answers) {
      routes.push({ matches: ({ method, path }) => route === "*" || route === `${method} ${path}`, answers });
      return scripted;
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
  t?.after(() => scripted.close());
  return scripted;
}
