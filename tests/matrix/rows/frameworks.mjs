// Next.js, built and started as in production: a route handler in Node, one at the edge, and a component in the page.

import assert from "node:assert/strict";
import { checkAll } from "../lab/expected.mjs";
import { answer } from "./servers.mjs";

const ROUTE = (runtime) => `import { scenario } from "../../scenario.mjs";
export const runtime = "${runtime}";
export const POST = async (request) => Response.json(await scenario(await request.json()));`;

const FILES = {
  "app/layout.js": `export default function Layout({ children }) { return <html><body>{children}</body></html>; }`,
  "app/page.js": `"use client";
import { useEffect } from "react";
import { scenario } from "../scenario.mjs";
export default function Page() {
  useEffect(() => {
    scenario(JSON.parse(new URLSearchParams(location.search).get("options"))).then(
      (report) => (window.report = report),
      (error) => (window.report = { error: String(error.stack ?? error) }),
    );
  }, []);
  return <p>A page</p>;
}`,
  "app/in-node/route.js": ROUTE("nodejs"),
  "app/at-the-edge/route.js": ROUTE("edge"),
};

/** Vercel refuses to compile bytes, and the server here does not: what the build hands in tells whether it would work there. */
function handsTheModuleIn(project) {
  const { functions } = JSON.parse(project.read(".next/server/middleware-manifest.json"));
  const { files, wasm } = functions["/at-the-edge/route"];
  assert.equal(wasm.length, 1, "one module");
  for (const file of files) assert.doesNotMatch(project.read(`.next/${file}`), /[A-Za-z0-9+/]{4000}/, `no bytes in ${file}`);
}

/** Builds and starts the application, and runs the scenario in each part of it. */
const next = (how, ...words) => ({
  where: "Next.js",
  how,
  tools: "next",
  version: (tools) => tools.version("next"),
  check: checkAll,
  run: async ({ project, tools, node, options, page }) => {
    for (const [name, text] of Object.entries(FILES)) project.write(name, text);
    const [binary, command] = [await node(24), tools.command("next")];
    await project.run(binary, [command, "build", ...words], { timeoutMs: 300_000 });
    handsTheModuleIn(project);
    const [url] = await project.serve(binary, [command, "start", "--hostname", "127.0.0.1", "--port", "0"], /http:\/\/127\.0\.0\.1:\d+/);
    return [await answer(`${url}/in-node`, options), await answer(`${url}/at-the-edge`, options), await page(`${url}/`)];
  },
});

/** @type {import("../lab/run.mjs").Row[]} */
export const frameworks = [next("route handler in Node; route handler at the edge; client component"), next("the same, built by webpack", "--webpack")];
