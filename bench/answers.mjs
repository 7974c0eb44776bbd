// What the compared clients are answered: the same bodies for all, in the process itself or by a server in another one, whose
// work is not counted.

import { fork } from "node:child_process";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { APP, execution, STARTED, SUMMARY } from "../tests/support/payloads.mjs";

const list = (count) => Array.from({ length: count }, (_, n) => ({ ...SUMMARY, appId: `${SUMMARY.appId.slice(0, -5)}${10_000 + n}` }));

/** The body of each operation's answer. */
export const BODIES = {
  getApp: JSON.stringify({ data: APP }),
  listApps10: JSON.stringify({ data: list(10) }),
  listApps100: JSON.stringify({ data: list(100) }),
  listApps10000: JSON.stringify({ data: list(10_000) }),
  execute: JSON.stringify({ data: STARTED }),
  poll: JSON.stringify({ data: execution("running") }),
};

const HEADERS = { "content-type": "application/json" };

/** A `fetch` within the process that always gives the body of this operation. */
export const fetchOf = (operation) => {
  const body = BODIES[operation];
  return async () => new Response(body, { headers: HEADERS });
};

/**
 * Servers in a process of their own, one port for each operation.
 * @returns {Promise<{ origins: Record<string, string>, close: () => void }>}
 */
export async function serveAnswers() {
  const child = fork(fileURLToPath(import.meta.url), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const origins = await new Promise((resolve, reject) => child.once("message", resolve).once("error", reject).once("exit", reject));
  return { origins, close: () => child.kill() };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const origins = {};
  for (const [operation, body] of Object.entries(BODIES)) {
    const bytes = Buffer.from(body);
    const headers = { ...HEADERS, "content-length": bytes.length, "access-control-allow-origin": "*", "access-control-allow-headers": "*" };
    const server = createServer((request, response) => {
      request.resume();
      response.writeHead(200, headers).end(request.method === "OPTIONS" ? undefined : bytes);
    });
    server.keepAliveTimeout = 60_000;
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    origins[operation] = `http://127.0.0.1:${server.address().port}`;
  }
  process.send(origins);
  process.once("disconnect", () => process.exit());
}
