// What the simulator's tests share: each can be run in the process and on a real port.

import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createSimulator } from "../../pkg-template/simulator/index.js";
import { serve } from "../../pkg-template/simulator/node.js";

export const CARTOONIFY = "3f68debe-df0a-4fc9-bdd3-9d45a4160587";
export const FULL_SET = "173692dd-0258-41bd-8a56-2cf9bbe89910";
export const TEST_SYNC = "80d4d454-8844-489f-b903-2ad65a414482";

export const fixture = (name) => JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), "utf8"));

/** A clock that stands until it is moved. */
export function handClock(start = Date.parse("2026-03-23T12:22:40.552Z")) {
  let at = start;
  return { now: () => at, move: (ms) => (at += ms) };
}

/** `api(method path, body?, init?)` of a simulator: the reply with its parsed body beside it. */
export function caller(sim, fetchFunction = sim.fetch, baseUrl = sim.baseUrl) {
  return async (line, body, { headers, ...init } = {}) => {
    const [method, path] = line.split(" ");
    const response = await fetchFunction(baseUrl + path, {
      method,
      headers: { "x-api-key": sim.apiKey, ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
      ...init,
    });
    const text = await response.text();
    const isJson = text !== "" && response.headers.get("content-type")?.startsWith("application/json");
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
  };
}

/** A simulator in the process and its caller; it ends with the test. */
export function simulate(t, options) {
  const sim = createSimulator(options);
  t.after(() => sim.close());
  return { sim, api: caller(sim) };
}

/** The same promise, checked in the process and on a real port. */
export function bothWays(name, options, check) {
  test(`${name} (in the process)`, async (t) => {
    const sim = createSimulator(options);
    t.after(() => sim.close());
    await check({ sim, api: caller(sim), fetch: sim.fetch, baseUrl: sim.baseUrl }, t);
  });
  test(`${name} (on a port)`, async (t) => {
    const sim = createSimulator(options);
    const server = await serve(sim);
    t.after(async () => {
      await server.close();
      sim.close();
    });
    await check({ sim, api: caller(sim, fetch, server.url), fetch, baseUrl: server.url, server }, t);
  });
}

/** A signal that aborts once the simulator has seen a further request: a clock could be faster than a busy machine. */
export function onceSeen({ ledger }) {
  const controller = new AbortController();
  const before = ledger.requests.length;
  const seen = until(() => ledger.requests.length > before);
  void seen.finally(() => controller.abort(new DOMException("given up", "TimeoutError")));
  return controller.signal;
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Until `look()` gives something, for 3 seconds at most. */
export async function until(look) {
  for (const end = Date.now() + 3000; Date.now() < end; await sleep(5)) {
    const found = look();
    if (found) return found;
  }
  throw new Error("It did not come about within 3 seconds");
}
