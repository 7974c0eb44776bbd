// Bundles for a page, each made with an empty configuration and shown in a browser.

import { serveFolder } from "../lab/browsers.mjs";

/** What a page's script does with the scenario: the options come in the query, the report goes to `window.report`. */
export const MAIN = `import { scenario } from "./scenario.mjs";
scenario(JSON.parse(new URLSearchParams(location.search).get("options"))).then(
  (report) => (window.report = report),
  (error) => (window.report = { error: [error.code, error, error.stack].join(" ") }),
);`;
export const html = (body, head = "") => `<!doctype html><html><head><meta charset="utf-8"><title>page</title>${head}</head><body>${body}</body></html>`;
const script = (src, type = "module") => html(`<script type="${type}" src="${src}"></script>`);

/** Shows a folder of the project, and gives the page's report. */
export async function show({ project, page }, folder, { headers, path = "", options } = {}) {
  const server = await serveFolder(project.path(folder), headers);
  try {
    return await page(server.url + path, options);
  } finally {
    server.close();
  }
}

/** A bundler's command, which leaves in `out` what the page at `out/index.html` loads. */
const bundler = (where, name, group, args, { files = {}, out = "dist", page = script("main.js"), how = "build", browser } = {}) => ({
  where,
  how,
  tools: group,
  browser,
  version: (tools) => tools.version(name),
  run: async (context) => {
    const { project, tools, node } = context;
    project.write("main.mjs", MAIN);
    for (const [file, text] of Object.entries(files)) project.write(file, text);
    await project.run(await node(24), args(tools));
    if (page) project.write(`${out}/index.html`, page);
    return show(context, out);
  },
});

const vite = (major, quick) => [
  {
    where: "Vite",
    how: "build",
    tools: `vite-${major}`,
    quick,
    version: (tools) => tools.version("vite"),
    run: async (context) => {
      const { project, tools, node } = context;
      project.write("main.mjs", MAIN);
      project.write("index.html", script("/main.mjs"));
      await project.run(await node(24), [tools.command("vite"), "build"]);
      return show(context, "dist");
    },
  },
  {
    where: "Vite",
    how: "dev server",
    tools: `vite-${major}`,
    version: (tools) => tools.version("vite"),
    run: async ({ project, tools, node, page }) => {
      project.write("main.mjs", MAIN);
      project.write("index.html", script("/main.mjs"));
      const [url] = await project.serve(await node(24), [tools.command("vite"), "dev", "--host", "127.0.0.1", "--port", "0"], /http:\/\/127\.0\.0\.1:\d+\//);
      return page(url);
    },
  },
];

// Where a bundler looks for its entry when nothing is configured.
const src = { "src/index.js": `import "../main.mjs";` };
const esbuild = (more) =>
  bundler("esbuild", "esbuild", "bundlers", (tools) => [tools.path("esbuild/bin/esbuild"), "main.mjs", "--bundle", "--outfile=dist/main.js"], more);
const webpack = (tools) => [tools.command("webpack-cli", "webpack-cli"), "--mode", "production"];

/** @type {import("../lab/run.mjs").Row[]} */
export const bundlers = [
  ...[5, 6, 7].flatMap((major) => vite(major)),
  ...vite(8, true),
  // So early that it asks OpenSSL for a digest which newer ones only have with this word.
  bundler("webpack", "webpack", "webpack-early", (tools) => ["--openssl-legacy-provider", ...webpack(tools)], { files: src }),
  bundler("webpack", "webpack", "webpack", webpack, { files: src }),
  bundler("Rollup", "rollup", "bundlers", (tools) => [tools.path("rollup/dist/bin/rollup"), "main.mjs", "-p", "node-resolve", "-o", "dist/main.js"]),
  bundler("Rolldown", "rolldown", "bundlers", (tools) => [tools.command("rolldown"), "main.mjs", "-o", "dist/main.js"]),
  esbuild(),
  esbuild({ how: "build, in Firefox", browser: "firefox" }),
  esbuild({ how: "build, in WebKit, the engine of Safari", browser: "webkit" }),
  bundler("Rspack", "@rspack/core", "rspack", (tools) => [tools.command("@rspack/cli", "rspack"), "build"], { files: src }),
  bundler("Parcel", "parcel", "parcel", (tools) => [tools.command("parcel"), "build", "index.html", "--no-cache"], { files: { "index.html": script("main.mjs") }, page: null }),
];
