// Runs what Wrangler bundled in workerd, and prints what the worker answers: node worker-host.mjs FOLDER DATE OPTIONS.
// It is copied into the project, where Miniflare is found.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Miniflare } from "miniflare";

const [folder, compatibilityDate, options] = process.argv.slice(2);
const files = readdirSync(folder);
const module = (type) => (name) => ({ type, path: join(folder, name) });
const modules = [
  ...files.filter((name) => name.endsWith(".js")).map(module("ESModule")),
  ...files.filter((name) => name.endsWith(".wasm")).map(module("CompiledWasm")),
];
const worker = new Miniflare({ modules, modulesRoot: folder, compatibilityDate });
const response = await worker.dispatchFetch("http://worker.example/", { method: "POST", body: options });
console.log(`REPORT ${JSON.stringify(response.ok ? await response.json() : await response.text())}`);
await worker.dispose();
