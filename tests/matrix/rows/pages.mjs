// Pages without a bundler, pages under a policy, and workers of a page.

import assert from "node:assert/strict";
import { html, MAIN, show } from "./bundlers.mjs";

const IMPORT_MAP = `<script type="importmap">{ "imports": { "lamina-wasm": "/node_modules/lamina-wasm/index.mjs", "lamina-wasm/slim": "/node_modules/lamina-wasm/slim.mjs" } }</script>`;
const shown = { tools: "bundlers", version: () => "" };
/** The same row in each browser. */
const everywhere = (row) => ["chromium", "firefox", "webkit"].map((browser) => ({ ...row, browser }));

/** A page as its author wrote it, served with the project's node_modules; `entry` is where it has the functions from. */
const page = (how, main, entry = "lamina-wasm") => ({
  where: "No bundler",
  how,
  ...shown,
  run: async (context) => {
    const { project } = context;
    project.write("index.html", html(`<script type="module" src="main.mjs"></script>`, IMPORT_MAP));
    project.write("main.mjs", main);
    project.write("scenario.mjs", project.read("scenario.mjs").replace(`"lamina-wasm"`, `"${entry}"`));
    return show(context, ".");
  },
});

/** The scenario where the package is a global. */
const asScript = (text) => text.replace(/^import (.*) from .*;$/m, "const $1 = lamina;").replace(/^export /m, "");

const plainScript = {
  where: "No bundler",
  how: "plain `<script>`, the global `lamina`",
  ...shown,
  run: async (context) => {
    const { project } = context;
    project.write("scenario.js", asScript(project.read("scenario.mjs")));
    project.write("main.js", MAIN.replace(/^import .*$/m, ""));
    project.write("index.html", html(`<script src="/node_modules/lamina-wasm/lamina.iife.js"></script><script src="scenario.js"></script><script src="main.js"></script>`));
    return show(context, ".");
  },
};

const SLIM = `import { init } from "lamina-wasm/slim";
await init(new URL("/node_modules/lamina-wasm/lamina_bg.wasm", location.href));
${MAIN}`;

const bundled = (context) => {
  const { project, tools } = context;
  project.write("main.mjs", MAIN);
  project.write("dist/index.html", html(`<script type="module" src="main.js"></script>`));
  return project.run(process.execPath, [tools.path("esbuild/bin/esbuild"), "main.mjs", "--bundle", "--outfile=dist/main.js"]);
};
const policy = (words, how, check) => ({
  where: "Content-Security-Policy",
  how,
  ...shown,
  check,
  run: async (context) => {
    await bundled(context);
    const csp = `default-src 'none'; script-src ${words}; connect-src ${context.options.baseUrl}`;
    return show(context, "dist", { headers: { "content-security-policy": csp } }).catch((error) => ({ error: error.message }));
  },
});
const namesTheWord = ({ error }) => {
  assert.match(error, /WASM_UNAVAILABLE LaminaError/);
  assert.match(error, /'wasm-unsafe-eval'/);
};

/** Each kind of worker of a page: how it is started, and how it is spoken to. */
const WORKERS = {
  "dedicated Worker": {
    page: `const worker = new Worker("worker.js");
      worker.onmessage = ({ data }) => (window.report = data);
      worker.onerror = ({ message }) => (window.report = { error: message });
      worker.postMessage(options);`,
    worker: `onmessage = ({ data }) => answer(data, (report) => postMessage(report));`,
  },
  SharedWorker: {
    page: `const { port } = new SharedWorker("worker.js");
      port.onmessage = ({ data }) => (window.report = data);
      port.postMessage(options);`,
    worker: `onconnect = ({ ports: [port] }) => (port.onmessage = ({ data }) => answer(data, (report) => port.postMessage(report)));`,
  },
  "Service Worker": {
    page: `navigator.serviceWorker.onmessage = ({ data }) => (window.report = data);
      navigator.serviceWorker.register("worker.js").then(() => navigator.serviceWorker.ready).then(({ active }) => active.postMessage(options));`,
    worker: `onmessage = (event) => event.waitUntil(answer(event.data, (report) => event.source.postMessage(report)));`,
  },
};
const worker = ([how, sources]) => ({
  where: "Worker of a page",
  how,
  ...shown,
  run: async (context) => {
    const { project, tools, options } = context;
    project.write("worker.mjs", `import { scenario } from "./scenario.mjs";
      const answer = (options, reply) => scenario(options).then(reply, (error) => reply({ error: String(error.stack ?? error) }));
      ${sources.worker}`);
    project.write("dist/index.html", html(`<script src="main.js"></script>`));
    project.write("dist/main.js", `const options = JSON.parse(new URLSearchParams(location.search).get("options"));\n${sources.page}`);
    await project.run(process.execPath, [tools.path("esbuild/bin/esbuild"), "worker.mjs", "--bundle", "--outfile=dist/worker.js"]);
    // No page, no \`dangerouslyAllowBrowser\`.
    return show(context, "dist", { options });
  },
});

/** @type {import("../lab/run.mjs").Row[]} */
export const pages = [
  page('`<script type="module">` with an import map', MAIN),
  page("`lamina-wasm/slim`, the module streamed from its URL", SLIM, "lamina-wasm/slim"),
  plainScript,
  policy("'self' 'wasm-unsafe-eval'", "`script-src 'self' 'wasm-unsafe-eval'`"),
  policy("'self'", "without `'wasm-unsafe-eval'`: `WASM_UNAVAILABLE`, which names the word", namesTheWord),
  ...Object.entries(WORKERS).map(worker),
].flatMap(everywhere);
