// The first and the second request to a fresh worker in workerd.

import { readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { build } from "esbuild";
import { installPackage, workFolder } from "../tests/support/install.mjs";
import { APP_ID, KEY } from "../tests/support/payloads.mjs";
import { beyond, interleave } from "./stats.mjs";

const { Miniflare } = createRequire(new URL("../tests/package.json", import.meta.url))("miniflare");

const WORKERS = {
  "bare fetch": `export default { fetch: async (request) => {
    const { origin } = await request.json();
    const response = await fetch(origin + "/api/apps/${APP_ID}", { headers: { "x-api-key": "${KEY}" } });
    return Response.json(await response.json());
  } };`,
  "lamina-wasm": `import { Lamina } from "lamina-wasm";
  let lamina;
  export default { fetch: async (request) => {
    const { origin } = await request.json();
    lamina ??= new Lamina({ apiKey: "${KEY}", baseUrl: origin });
    return Response.json(await lamina.getApp("${APP_ID}"));
  } };`,
};

/** A worker's modules, bundled as Wrangler does it. */
async function modulesOf(contents, resolveDir, root) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir },
    bundle: true,
    write: false,
    format: "esm",
    conditions: ["workerd", "worker", "browser"],
    external: ["*.wasm"],
    logLevel: "error",
  });
  const { text } = outputFiles[0];
  const modules = [{ type: "ESModule", path: "worker.mjs", contents: text }];
  const path = /from\s*"([^"]*lamina_bg\.wasm)"/.exec(text)?.[1];
  if (path) modules.push({ type: "CompiledWasm", path: path.replace(/^\.\//, ""), contents: readFileSync(join(root, "lamina_bg.wasm")) });
  return modules;
}

/** @param {string} origin @returns {Promise<Record<string, ReturnType<typeof beyond>>>} by measure, by worker */
export async function startInWorkerd(origin, rounds = 7) {
  const { folder, root } = await installPackage();
  const work = workFolder(folder, "bench-worker");
  try {
    const runs = {};
    for (const [name, contents] of Object.entries(WORKERS)) {
      const modules = await modulesOf(contents, work, root);
      runs[name] = async () => {
        const worker = new Miniflare({ modules, compatibilityDate: "2026-04-01" });
        try {
          await worker.ready;
          const times = [];
          for (let n = 0; n < 2; n++) {
            const began = performance.now();
            const response = await worker.dispatchFetch("http://worker.example/", { method: "POST", body: JSON.stringify({ origin }) });
            if (!response.ok) throw new Error(await response.text());
            await response.json();
            times.push(performance.now() - began);
          }
          return times;
        } finally {
          await worker.dispose();
        }
      };
    }
    const all = await interleave(runs, rounds);
    const pick = (index) => beyond(Object.fromEntries(Object.entries(all).map(([name, samples]) => [name, samples.map((times) => times[index])])), "bare fetch");
    return { firstRequestMs: pick(0), secondRequestMs: pick(1) };
  } finally {
    rmSync(work, { recursive: true });
  }
}
