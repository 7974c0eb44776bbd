// @ts-check
// The simulator on a real port, by `node:http`: real sockets that break and stall when a fault says so.

import { createServer } from "node:http";

/** Longer than a client keeps an idle connection: else one request now and then meets a socket that is just being closed. */
const KEEP_ALIVE_MS = 75_000;

/** @type {typeof import("./node.js").serve} */
export async function serve(simulator, { port = 0, host = "127.0.0.1", keepAlive = true, unref = false } = {}) {
  const server = createServer((request, response) => {
    if (!keepAlive) response.setHeader("connection", "close");
    void answer(simulator, request, response);
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve(undefined));
  });
  if (unref) server.unref();
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    port: address.port,
    url: `http://${address.family === "IPv6" ? `[${address.address}]` : address.address}:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * @param {import("./index.js").Simulator} simulator
 * @param {import("node:http").IncomingMessage} request
 * @param {import("node:http").ServerResponse} response
 */
async function answer(simulator, request, response) {
  const controller = new AbortController();
  // Fires at the end of every exchange; then nothing is left to abort.
  response.once("close", () => controller.abort());
  response.on("error", () => {});
  try {
    const body = await readText(request);
    const { method = "GET", url = "/", headers } = request;
    const reply = await simulator.handle({
      method,
      // Put together, not resolved: a path that begins with two slashes is a path.
      url: new URL(url.startsWith("/") ? `http://${headers.host ?? "localhost"}${url}` : url).href,
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
      body,
      signal: controller.signal,
    });
    await send(response, reply, controller.signal);
  } catch {
    // A lost connection, or a caller who has gone: there is nobody to answer to.
    request.socket.destroy();
  }
}

/** @param {import("node:http").IncomingMessage} request */
async function readText(request) {
  /** @type {Buffer[]} */
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8");
}

/**
 * @param {import("node:http").ServerResponse} response
 * @param {import("./index.js").SimulatorReply} reply
 * @param {AbortSignal} signal
 */
async function send(response, { status, headers, body }, signal) {
  if (body instanceof Uint8Array) {
    const length = status === 204 || status === 304 ? {} : { "content-length": body.length };
    response.writeHead(status, { ...headers, ...length }).end(body);
    return;
  }
  response.writeHead(status, headers);
  // The head goes out now: the first piece may be a long time coming.
  response.flushHeaders();
  for await (const piece of body) await written(response, piece, signal);
  response.end();
}

/**
 * Each piece is out before the next is asked for: a connection that breaks then takes nothing back.
 *
 * @param {import("node:http").ServerResponse} response
 * @param {Uint8Array} piece
 * @param {AbortSignal} signal
 */
function written(response, piece, signal) {
  return new Promise((resolve, reject) => {
    const gone = () => reject(signal.reason);
    if (signal.aborted) return gone();
    signal.addEventListener("abort", gone, { once: true });
    response.write(piece, () => {
      signal.removeEventListener("abort", gone);
      resolve(undefined);
    });
  });
}
