// Next.js, built and started as in production: a route handler in Node, one at the edge, and a component in the page.

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

/** Builds and starts the whole application, and asks one part of it. */
const next = (how, ask, bundler) => ({
  where: "Next.js",
  how: `${how}${bundler ? `, built by ${bundler}` : ""}`,
  tools: "next",
  version: (tools) => tools.version("next"),
  run: async (context) => {
    const { project, tools, node } = context;
    for (const [name, text] of Object.entries(FILES)) project.write(name, text);
    const command = [await node(24), tools.command("next")];
    await project.run(command[0], [command[1], "build", ...(bundler ? [`--${bundler}`] : [])], { timeoutMs: 240_000 });
    const [url] = await project.serve(command[0], [command[1], "start", "--hostname", "127.0.0.1", "--port", "0"], /http:\/\/127\.0\.0\.1:\d+/);
    return ask(context, url);
  },
});

const post = (path) => async ({ options }, url) => {
  const response = await fetch(url + path, { method: "POST", body: JSON.stringify(options) });
  return response.ok ? response.json() : { error: await response.text() };
};

/** @type {import("../lab/run.mjs").Row[]} */
export const frameworks = [
  next("route handler in Node", post("/in-node")),
  next("route handler at the edge", post("/at-the-edge")),
  next("client component", ({ page }, url) => page(`${url}/`)),
  next("route handler at the edge", post("/at-the-edge"), "webpack"),
];
