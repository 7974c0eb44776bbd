// `make demo`: the quickstart against the simulator on a free port; with LAMINA_API_KEY set, against the real service.
// Arguments are handed on: `make demo ARGS="appId '{\"Prompt\": \"a cat\"}'"`.

import { spawn } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const example = join(root, "examples", "quickstart");

// What `npm install` makes of "file:../../pkg".
const modules = join(example, "node_modules");
mkdirSync(modules, { recursive: true });
rmSync(join(modules, "lamina-wasm"), { recursive: true, force: true });
symlinkSync(join(root, "pkg"), join(modules, "lamina-wasm"), "junction");

const env = { ...process.env };
let args = process.argv.slice(2);
let server;
if (!env.LAMINA_API_KEY) {
  const load = (name) => import(pathToFileURL(join(root, "pkg", "simulator", name)).href);
  const [{ createSimulator }, { serve }] = await Promise.all([load("index.mjs"), load("node.mjs")]);
  const simulator = createSimulator({ speed: 4 });
  // Several outputs, which come one after the other.
  if (args.length === 0) args = [simulator.apps.find(({ name }) => name === "Full Set Catalog Generation").appId];
  server = await serve(simulator, { port: 0 });
  env.LAMINA_API_KEY = simulator.apiKey;
  env.LAMINA_BASE_URL = server.url;
  console.log(`The simulator is at ${server.url}. Set LAMINA_API_KEY to use the real service.\n`);
}

const child = spawn(process.execPath, [join(example, "quickstart.js"), ...args], { env, stdio: "inherit" });
child.on("close", async (code) => {
  await server?.close();
  process.exitCode = code ?? 1;
});
