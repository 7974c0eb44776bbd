// A proxy as a back end has it: on a port, behind node:http, with a scripted service behind it; and requests to it that no
// client makes.

import { createServer, request as ask } from "node:http";
import { connect } from "node:net";
import { installPackage } from "./install.mjs";
import { APP, COMPLETED, paths, STARTED, SUMMARY } from "./payloads.mjs";
import { data, startServer } from "./scripted-server.mjs";

const installed = await installPackage();
const { Lamina } = await installed.import();
const { createProxyHandler, toNodeHandler } = await installed.import("/server");

/** The key that no page may see. */
export const SECRET = "lma_secret_0123456789abcdef";
/** Where the proxy is mounted. */
export const MOUNT = "/api/lamina";

/** A listener of requests on a free port, closed with the test. */
export async function listenOn(t, listener, host = "127.0.0.1") {
  const server = createServer(listener);
  await new Promise((resolve) => server.listen(0, host, resolve));
  t.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return server.address().port;
}

/** Answers the five requests of an execution's life as the service does. */
export const serveLife = (server) =>
  server
    .on(paths.apps, data([SUMMARY]))
    .on(paths.app, data(APP))
    .on(paths.start, data(STARTED, 202))
    .on(paths.look, data(COMPLETED));

/**
 * @param {{ after: (close: () => unknown) => void }} t
 * @param {object} [options] of the proxy
 * @param {(handler: any) => any} [mount] what makes a listener of node:http of it
 */
export async function startProxy(t, options, mount = toNodeHandler) {
  const upstream = await startServer(t);
  /** What the server's own log has heard. */
  const errors = [];
  const handler = createProxyHandler({
    apiKey: SECRET,
    baseUrl: upstream.url,
    authorize: () => true,
    onError: (error) => errors.push(error),
    ...options,
  });
  const port = await listenOn(t, mount(handler));
  const origin = `http://127.0.0.1:${port}`;
  return {
    upstream,
    errors,
    handler,
    port,
    origin,
    /** The client as a page has it. */
    page: (more) => new Lamina({ proxyUrl: origin + MOUNT, ...more }),
    /** A request with any path and any headers; the path is below the mount, unless it is absolute. */
    send: (method, path, given) => send(port, method, MOUNT + path, given),
  };
}

/**
 * @param {number} port
 * @param {string} method
 * @param {string} path as it is sent
 * @param {{ headers?: Record<string, string | string[]>, body?: string | Uint8Array }} [given]
 * @returns {Promise<{ status: number, headers: Record<string, string>, text: string, json: any }>}
 */
export function send(port, method, path, { headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const outgoing = ask({ port, host: "127.0.0.1", method, path, headers, agent: false }, async (incoming) => {
      let text = "";
      try {
        for await (const chunk of incoming.setEncoding("utf8")) text += chunk;
      } catch (error) {
        return reject(error);
      }
      const json = () => JSON.parse(text);
      resolve({ status: incoming.statusCode, headers: incoming.headers, text, get json() { return json(); } });
    });
    outgoing.on("error", reject).end(body);
  });
}

/**
 * Bytes on a socket of their own, as they are.
 * @param {number} port
 * @param {string | Uint8Array} bytes
 * @returns {Promise<{ status: number | undefined, text: string }>} what came before the server closed, or fell silent
 */
export function sendRaw(port, bytes, silentMs = 1_000) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    const done = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1]) || undefined, text });
    };
    let timer = setTimeout(done, silentMs);
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      // A whole head with an empty body, or a body with a whole JSON object.
      if (/\r\n\r\n$/.test(text) || /\}(\r\n0\r\n\r\n)?$/.test(text)) done();
    });
    socket.on("close", done).on("error", () => {});
    socket.write(bytes);
  });
}

/** A start as the client in a page sends it. */
export const START = { headers: { "content-type": "application/json" }, body: '{"inputs":{"Style":"x"}}' };
