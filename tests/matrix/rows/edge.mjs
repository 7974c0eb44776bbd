// Cloudflare workerd and Vercel Edge: hosts that refuse to compile bytes, and get the module by a static import.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { answer, reportIn } from "./servers.mjs";

const OLD = "2024-09-23";
const NEW = "2026-07-30";

const WORKER = `import { scenario } from "./scenario.mjs";
export default {
  async fetch(request) {
    return Response.json(await scenario(await request.json()));
  },
};`;
const HONO = `import { Hono } from "hono";
import { scenario } from "./scenario.mjs";
const app = new Hono();
app.post("/", async (context) => context.json(await scenario(await context.req.json())));
export default app;`;

const HOST = readFileSync(fileURLToPath(new URL("../lab/worker-host.mjs", import.meta.url)));

/** Bundled by Wrangler with no setting but the two that it demands, and run by Miniflare. */
const worker = (source, compatibilityDate) => async ({ project, tools, node, options }) => {
  project.write("worker.mjs", source);
  project.write("wrangler.json", { name: "a-worker", main: "worker.mjs", compatibility_date: compatibilityDate });
  project.write("host.mjs", HOST);
  const binary = await node(24); // Wrangler needs 22 or newer
  await project.run(binary, [tools.command("wrangler"), "deploy", "--dry-run", "--outdir", "dist"]);
  return reportIn(await project.run(binary, ["host.mjs", project.path("dist"), compatibilityDate, JSON.stringify(options)]));
};
const workerd = (tools) => tools.version("workerd");
const cloudflare = (compatibilityDate, more = {}) => ({
  where: "Cloudflare workerd",
  how: `Wrangler, compatibility date ${compatibilityDate}`,
  tools: "cloudflare",
  version: workerd,
  run: worker(WORKER, compatibilityDate),
  ...more,
});

/** Cloudflare's own plugin for Vite; it puts what it builds, and what it serves, into workerd. */
const plugin = (how, served, ...before) => ({
  where: "Cloudflare's Vite plugin",
  how,
  tools: "cloudflare-vite",
  version: (tools) => tools.version("@cloudflare/vite-plugin"),
  run: async ({ project, tools, node, options }) => {
    project.write("worker.mjs", WORKER);
    project.write("wrangler.json", { name: "a-worker", main: "worker.mjs", compatibility_date: NEW });
    // The port of its debugger is always the same: rows side by side would fight for it.
    const plugins = "[cloudflare({ inspectorPort: false })]";
    project.write("vite.config.mjs", `import { cloudflare } from "@cloudflare/vite-plugin";\nexport default { plugins: ${plugins} };`);
    const [binary, vite] = [await node(24), tools.command("vite")];
    for (const command of before) await project.run(binary, [vite, command]);
    const [url] = await project.serve(binary, [vite, served, "--host", "127.0.0.1", "--port", "0"], /http:\/\/127\.0\.0\.1:\d+\//);
    return answer(url, options);
  },
});

const REFUSED = `import { scenario } from "./scenario.mjs";
export default {
  fetch: async (request) => Response.json(await scenario(await request.json()).catch(({ code, message }) => ({ code, message }))),
};`;

/** A bundler that does not know the condition takes the default entry, whose bytes workerd refuses. */
const withoutCondition = {
  where: "Cloudflare workerd",
  how: "bundled without the condition `workerd`: `WASM_UNAVAILABLE`, which names it",
  tools: "cloudflare",
  version: workerd,
  check: ({ code, message }) => {
    assert.equal(code, "WASM_UNAVAILABLE");
    assert.match(message, /workerd/);
  },
  run: async ({ project, tools, node, options }) => {
    project.write("worker.mjs", REFUSED);
    project.write("host.mjs", HOST);
    await project.run(process.execPath, [tools.path("esbuild/bin/esbuild"), "worker.mjs", "--bundle", "--format=esm", "--outfile=dist/worker.js"]);
    return reportIn(await project.run(await node(24), ["host.mjs", project.path("dist"), NEW, JSON.stringify(options)]));
  },
};

const TEST = (options) => `import { expect, test } from "vitest";
import { scenario } from "./scenario.mjs";
test("it runs", async () => {
  console.log("REPORT " + JSON.stringify(await scenario(${JSON.stringify(options)})));
});`;
const CONFIG = (plugin) => `import { cloudflareTest } from "${plugin}";
export default { plugins: [cloudflareTest({ wrangler: { configPath: "./wrangler.json" } })] };`;

/** A test that runs inside workerd. */
const pool = (name, tools) => ({
  where: name,
  how: "Vitest inside Cloudflare workerd",
  tools,
  version: (tools) => tools.version(`@cloudflare/${name}`),
  run: async ({ project, tools, node, options }) => {
    project.write("package.json", { name: "a-users-project", private: true, type: "module" });
    project.write("a.test.js", TEST(options));
    project.write("wrangler.json", { name: "a-worker", compatibility_date: NEW, compatibility_flags: ["nodejs_compat"] });
    project.write("vitest.config.js", CONFIG(`@cloudflare/${name}`));
    return reportIn(await project.run(await node(24), [tools.command("vitest"), "run", "--reporter=default", "--disable-console-intercept"]));
  },
});

const EDGE = `import { scenario } from "./scenario.mjs";
addEventListener("fetch", (event) => {
  event.respondWith(event.request.json().then(scenario).then((report) => Response.json(report)));
});`;

const REFUSE_BYTES = `{
  const refuse = () => { throw new WebAssembly.CompileError("Wasm code generation disallowed by embedder"); };
  const { instantiate } = WebAssembly;
  WebAssembly.compile = WebAssembly.compileStreaming = WebAssembly.instantiateStreaming = refuse;
  WebAssembly.instantiate = (module, ...rest) => (module === handedIn ? instantiate(module, ...rest) : refuse());
}`;

/** Vercel's build takes \`?module\` imports out of the bundle and hands the modules in; bytes are refused there, as here. */
async function vercelEdge({ project, tools, options }) {
  project.write("edge.mjs", EDGE);
  const { build } = await tools.import("esbuild", "lib/main.js").then((esbuild) => esbuild.default ?? esbuild);
  const asked = [];
  const handIn = {
    name: "hand-in",
    setup(build) {
      build.onResolve({ filter: /\.wasm\?module$/ }, ({ path, kind, resolveDir }) => {
        asked.push({ kind, file: `${resolveDir}/${path.replace("?module", "")}` });
        return { path, namespace: "wasm" };
      });
      build.onLoad({ filter: /./, namespace: "wasm" }, () => ({ contents: "export default globalThis.handedIn;" }));
    },
  };
  const { outputFiles } = await build({
    entryPoints: [project.path("edge.mjs")],
    bundle: true,
    write: false,
    format: "iife",
    conditions: ["edge-light"],
    plugins: [handIn],
  });
  const [{ text }] = outputFiles;
  assert.deepEqual(asked.map(({ kind }) => kind), ["import-statement"], "one static import of the module");
  assert.ok(text.length < 150_000 && !/[A-Za-z0-9+/]{4000}/.test(text), "no bytes in the bundle");

  const { EdgeVM } = await tools.import("@edge-runtime/vm", "dist/index.js").then((vm) => vm.default ?? vm);
  const handedIn = await WebAssembly.compile(readFileSync(asked[0].file));
  const vm = new EdgeVM({ extend: (context) => Object.assign(context, { handedIn }) });
  vm.evaluate(REFUSE_BYTES);
  vm.evaluate(text);
  const response = await vm.dispatchFetch("http://edge.example/", { method: "POST", body: JSON.stringify(options) });
  return response.json();
}

/** @type {import("../lab/run.mjs").Row[]} */
export const edge = [
  cloudflare(OLD),
  cloudflare(NEW, { quick: true }),
  withoutCondition,
  {
    where: "Hono",
    how: "in Cloudflare workerd",
    tools: "cloudflare",
    version: (tools) => tools.version("hono"),
    run: worker(HONO, NEW),
  },
  plugin("build", "preview", "build"),
  plugin("dev server", "dev"),
  pool("vitest-pool-workers", "cloudflare"),
  pool("vitest-plugin", "vitest-plugin"),
  {
    where: "Vercel Edge",
    how: "`edge-light`, the module by `?module`; bytes are refused",
    tools: "edge",
    version: (tools) => `@edge-runtime/vm ${tools.version("@edge-runtime/vm")}`,
    run: vercelEdge,
  },
];
