// Next.js, built and started as in production: a route handler in Node, one at the edge, a component in the page, and a route
// with both handlers of a back end.

import assert from "node:assert/strict";
import { BACK_END, exercise, STARTS } from "../lab/back-end.mjs";
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
  "back-end.mjs": BACK_END,
  "app/back-end/[...path]/route.js": `import { backEnd } from "../../../back-end.mjs";
const handler = backEnd({ apiKey: process.env.LAMINA_API_KEY, baseUrl: process.env.LAMINA_BASE_URL });
export { handler as GET, handler as POST };`,
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
  check: (reports, { starts }) => checkAll(reports, { starts: starts.slice(STARTS) }),
  run: async ({ project, tools, node, options, page }) => {
    for (const [name, text] of Object.entries(FILES)) project.write(name, text);
    const [binary, command] = [await node(24), tools.command("next")];
    await project.run(binary, [command, "build", ...words], { timeoutMs: 300_000 });
    handsTheModuleIn(project);
    const env = { LAMINA_API_KEY: options.apiKey, LAMINA_BASE_URL: options.baseUrl };
    const [url] = await project.serve(binary, [command, "start", "--hostname", "127.0.0.1", "--port", "0"], /http:\/\/127\.0\.0\.1:\d+/, { env });
    const reports = [await answer(`${url}/in-node`, options), await answer(`${url}/at-the-edge`, options), await page(`${url}/`)];
    await exercise(`${url}/back-end`, options);
    return reports;
  },
});

/** @type {import("../lab/run.mjs").Row[]} */
export const frameworks = [next("route handler in Node; route handler at the edge; client component; the proxy and webhooks in a route"), next("the same, built by webpack", "--webpack")];
