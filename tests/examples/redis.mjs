// A Redis of its own for a test, which keeps everything in memory.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** @returns {Promise<{ url: string, stop: () => Promise<void> }>} */
export async function startRedis() {
  const folder = mkdtempSync(join(tmpdir(), "lamina-wasm-redis-"));
  const port = await freePort();
  const options = { port, bind: "127.0.0.1", save: "", appendonly: "no", dir: folder };
  const server = spawn("redis-server", Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]), {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  await new Promise((resolve, reject) => {
    server.once("error", () => (removeFolder(), reject(new Error("redis-server is missing: scripts/setup.sh test installs it"))));
    server.once("exit", (code) => reject(new Error(`redis-server ended with ${code} while it started`)));
    server.stdout.setEncoding("utf8").on("data", (text) => text.includes("Ready to accept connections") && resolve());
  });
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      server.kill("SIGKILL");
      await once(server, "exit");
      removeFolder();
    },
  };
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
