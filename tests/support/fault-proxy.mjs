// A proxy on a real port that stands before a server and breaks what passes through it, byte for byte, on raw sockets.
//
//   const proxy = await startFaultProxy(t, server.url, { seed: 7 });
//   proxy.fault({ method: "GET", probability: 0.3 }, { kind: "reset", stage: "in-body" }, { kind: "status", status: 503 });
//   new Lamina({ baseUrl: proxy.url, … });
//
// The seed alone decides whether the n-th request of a path meets a fault, and which one: however requests are interleaved.

import { Agent, request as ask } from "node:http";
import { createServer } from "node:net";
import { chance } from "./chance.mjs";
import { chunk, endToEnd, headBytes, readRequests } from "./http-wire.mjs";

/**
 * How far a request gets before its connection ends or falls silent:
 * - `before-read`: its head is there, nothing else is waited for
 * - `before-forward`: it is read, and the server does not see it
 * - `before-reply`: the server has answered, and nothing of that is passed on
 * - `in-head`: half of the reply's head is passed on
 * - `in-body`: the head is passed on, and `at` of the body: a share below 1 (default 0.5), else so many bytes; of a
 *   stream of events, bytes (default 64)
 * @typedef {"before-read" | "before-forward" | "before-reply" | "in-head" | "in-body"} Stage
 *
 * - `reset`: the connection breaks (RST); `close`: it is closed (FIN); `stall`: nothing more comes, ever
 * - `status`: this reply instead of the server's; `processed`: the server has carried the request out all the same
 * - `truncate`: the body ends at `at`, with a length that fits
 * - `corrupt`: the body's first bytes are overwritten; it keeps its length
 * - `flip`: one bit of the reply, head or body, is another
 * - `garbage`: the server's reply is replaced by bytes that are no HTTP
 * - `trickle`: the whole reply, `bytes` (default 16) every `everyMs` (default 5)
 * - `latency`: `ms` pass before the request is forwarded
 * @typedef {{ kind: "reset" | "close" | "stall", stage: Stage, at?: number }
 *   | { kind: "status", status: number, headers?: Record<string, string>, body?: string, processed?: boolean }
 *   | { kind: "truncate", at?: number } | { kind: "corrupt" } | { kind: "flip" } | { kind: "garbage" }
 *   | { kind: "trickle", bytes?: number, everyMs?: number } | { kind: "latency", ms: number }} Fault
 *
 * Which requests it is for: all that fit. A preflight (`OPTIONS`) only where the method says so.
 * @typedef {object} Rule
 * @property {string} [method]
 * @property {string | RegExp} [path] its beginning, or a pattern
 * @property {number} [times] how often it strikes at most
 * @property {number} [after] how many fitting requests are let pass first
 * @property {number} [probability]
 */

const CORS = { "access-control-allow-origin": "*", "access-control-expose-headers": "Retry-After, X-Request-Id" };
/** What was written is on its way by then: a reset takes back what still waits. */
const FLUSH_MS = 5;
const STREAM_BYTES = 64;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
/** Events are passed on as they come; every other body is whole before. */
const isStream = ({ headers }) => /event-stream/.test(headers["content-type"] ?? "");
const text = (fault) => (fault.stage ? `${fault.kind} ${fault.stage}` : fault.kind === "status" ? `status ${fault.status}` : fault.kind);

/**
 * @param {{ after: (close: () => unknown) => void } | undefined} t closes it at the end of the test
 * @param {string} target the URL of the server that it stands before
 * @param {{ seed?: number, keepAlive?: boolean }} [options]
 */
export async function startFaultProxy(t, target, { seed = 1, keepAlive = true } = {}) {
  const agent = new Agent({ keepAlive: true });
  /** @type {Set<{ rule: Rule, faults: Fault[], met: number, struck: number, asked: Map<string, number> }>} */
  const rules = new Set();
  const sockets = new Set();
  const requests = [];
  let ruleCount = 0;

  /** @returns {Fault | undefined} */
  function meet({ method, path }) {
    for (const entry of rules) {
      const { rule, faults } = entry;
      if (rule.method === undefined ? method === "OPTIONS" : rule.method !== method) continue;
      if (rule.path !== undefined && !(typeof rule.path === "string" ? path.startsWith(rule.path) : path.search(rule.path) >= 0)) continue;
      if (entry.struck >= (rule.times ?? Infinity) || entry.met++ < (rule.after ?? 0)) continue;
      const key = `${method} ${path}`;
      const nth = (entry.asked.get(key) ?? 0) + 1;
      entry.asked.set(key, nth);
      if (chance(seed, entry.number, key, nth) >= (rule.probability ?? 1)) continue;
      entry.struck++;
      return faults[Math.floor(chance("which", seed, entry.number, key, nth) * faults.length)];
    }
    return undefined;
  }

  /** The server's reply, once its head is there; its connection ends with the client's. */
  const forward = ({ method, url, headers }, body, socket) =>
    new Promise((resolve, reject) => {
      const kept = endToEnd(headers).filter(([name]) => name.toLowerCase() !== "content-length");
      const length = body.length > 0 || method === "POST" ? [["content-length", String(body.length)]] : [];
      const outgoing = ask(target, { agent, method, path: url, headers: [...kept, ...length].flat() });
      const gone = () => outgoing.destroy();
      socket.once("close", gone);
      outgoing.once("close", () => socket.off("close", gone));
      outgoing.on("response", resolve).on("error", reject).end(body);
    });

  const send = (socket, bytes) => new Promise((resolve, reject) => socket.write(bytes, (error) => (error ? reject(error) : resolve())));

  /** Ends the exchange as the fault says; a stall is over when the client goes. */
  async function end(socket, { kind }) {
    await sleep(FLUSH_MS);
    if (kind === "reset") socket.resetAndDestroy();
    else if (kind === "close") socket.end();
    await new Promise((resolve) => (socket.destroyed ? resolve() : socket.once("close", resolve)));
  }

  /** @returns {Promise<boolean>} whether the connection may be used again */
  async function exchange(socket, request) {
    const fault = meet(request) ?? { kind: "none" };
    const { method, url, path } = request;
    const record = { method, url, path, at: performance.now(), fault: fault.kind === "none" ? undefined : text(fault), forwarded: false, status: undefined };
    requests.push(record);
    const ends = (stage) => fault.stage === stage && end(socket, fault).then(() => true);

    if (await ends("before-read")) return false;
    const body = await request.body();
    if (await ends("before-forward")) return false;
    if (fault.kind === "latency") await sleep(fault.ms);
    if (fault.kind === "status" && !fault.processed) return reply(socket, record, fault);
    record.forwarded = true;
    const incoming = await forward(request, body, socket);
    const drop = () => void (isStream(incoming) ? incoming.destroy() : incoming.resume());
    if (fault.stage === "before-reply") {
      drop();
      return !(await ends("before-reply"));
    }
    if (fault.kind === "status") return drop(), reply(socket, record, fault);
    record.status = incoming.statusCode;
    if (fault.kind === "garbage") {
      drop();
      await send(socket, Buffer.from("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03HTTP?\r\n\r\n", "latin1"));
      return !(await end(socket, { kind: "close" }));
    }
    return pass(socket, incoming, fault, `${method} ${url} ${requests.length}`);
  }

  async function reply(socket, record, { status, headers = {}, body = "" }) {
    record.status = status;
    const bytes = Buffer.from(body);
    await send(socket, Buffer.concat([headBytes(status, Object.entries({ ...CORS, ...headers }), { length: bytes.length, keepAlive }), bytes]));
    return keepAlive;
  }

  /** Passes the server's reply on, and breaks it on the way. */
  async function pass(socket, incoming, fault, key) {
    const { statusCode: status, rawHeaders } = incoming;
    const headers = rawHeaders.flatMap((name, n) => (n % 2 ? [] : [[name, rawHeaders[n + 1]]]));
    const streamed = isStream(incoming);
    let body = Buffer.alloc(0);
    if (!streamed) body = Buffer.concat(await incoming.toArray());
    const { at = streamed ? STREAM_BYTES : 0.5 } = fault;
    const cut = at < 1 ? Math.floor(body.length * at) : at;
    if (fault.kind === "truncate") body = body.subarray(0, cut);
    if (fault.kind === "corrupt") body = Buffer.concat([Buffer.from("\xff\x00}{".slice(0, body.length), "latin1"), body.subarray(4)]);
    const head = headBytes(status, headers, { length: streamed ? undefined : body.length, keepAlive });

    if (fault.stage === "in-head") {
      await send(socket, head.subarray(0, head.length >> 1));
      return !(await end(socket, fault).then(() => true));
    }
    if (streamed) return stream(socket, incoming, head, fault, cut);
    if (fault.stage === "in-body") {
      await send(socket, Buffer.concat([head, body.subarray(0, cut)]));
      return !(await end(socket, fault).then(() => true));
    }
    const whole = Buffer.concat([head, body]);
    if (fault.kind === "flip") whole[Math.floor(chance(seed, "byte", key) * whole.length)] ^= 1 << Math.floor(chance(seed, "bit", key) * 8);
    const { bytes = fault.kind === "trickle" ? 16 : whole.length, everyMs = 5 } = fault;
    for (let from = 0; from < whole.length; from += bytes) {
      if (from > 0) await sleep(everyMs);
      await send(socket, whole.subarray(from, from + bytes));
    }
    return keepAlive;
  }

  /** A body without a length, as it comes. */
  async function stream(socket, incoming, head, fault, cut) {
    await send(socket, head);
    let left = fault.stage === "in-body" ? cut : Infinity;
    for await (const piece of incoming) {
      const part = piece.subarray(0, left);
      left -= part.length;
      if (part.length > 0) await send(socket, chunk(part));
      if (left > 0) continue;
      return !(await end(socket, fault).then(() => true));
    }
    await send(socket, chunk(Buffer.alloc(0)));
    return keepAlive;
  }

  async function serve(socket) {
    sockets.add(socket);
    socket.setNoDelay(true).on("error", () => {}).on("close", () => sockets.delete(socket));
    try {
      for await (const request of readRequests(socket)) if (!(await exchange(socket, request))) break;
      socket.end();
    } catch {
      // The server's connection broke, or the client has gone.
      if (!socket.destroyed) socket.resetAndDestroy();
    }
  }

  const listening = createServer((socket) => void serve(socket));
  const listen = (port) => new Promise((resolve) => listening.listen(port, "127.0.0.1", resolve));
  await listen(0);
  const { port } = listening.address();

  const proxy = {
    url: `http://127.0.0.1:${port}`,
    /** What passed: method, path, the fault it met (as text), whether the server saw it, the status that was passed on. */
    requests,
    /**
     * Adds a fault; of several, the seed picks one each time. The result takes it out again.
     * @param {Rule} rule
     * @param {...Fault} faults
     */
    fault(rule, ...faults) {
      const entry = { number: ruleCount++, rule, faults, met: 0, struck: 0, asked: new Map() };
      rules.add(entry);
      return () => void rules.delete(entry);
    },
    clearFaults: () => rules.clear(),
    /** Breaks every connection that is open. */
    cut() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    /** Nobody listens any more, until `up()`: connections are refused. */
    async down() {
      const closed = new Promise((resolve) => listening.close(resolve));
      proxy.cut();
      await closed;
    },
    up: () => listen(port),
    async close() {
      if (listening.listening) await proxy.down();
      agent.destroy();
    },
  };
  t?.after(() => proxy.close());
  return proxy;
}
