// From `pkg-template/` and the built module to the JavaScript files of the package.
//
// Every entry is small and imports `core`: the shell with its glue, once for ES modules and once for CommonJS. The entries
// are all made of one source, `entry.js`, and differ in `#load`: where the module comes from. The script for a page without
// modules holds all of it.

import { join } from "node:path";
import { build, transform } from "esbuild";

/** Each entry: its loader, and the formats it is needed in. */
const ENTRIES = {
  index: { load: "inline", formats: ["mjs", "cjs"] },
  node: { load: "node", formats: ["mjs", "cjs"] },
  slim: { load: "slim", formats: ["mjs", "cjs"] },
  workerd: { load: "workerd", formats: ["mjs"] },
  "edge-light": { load: "edge-light", formats: ["mjs"] },
};

/** The kinds of files: ES modules, CommonJS, and a script that defines one global. */
const FORMATS = {
  mjs: { format: "esm" },
  cjs: { format: "cjs" },
  iife: { format: "iife", globalName: "lamina", minify: true },
};

/** A plugin that answers imports: `to(specifier)` gives `{ path }`, `{ contents }`, `{ external }` or nothing. */
const answer = (to) => ({
  name: "answer",
  setup(build) {
    build.onResolve({ filter: /^[#.]/ }, ({ path: specifier }) => {
      const found = to(specifier);
      if (!found) return undefined;
      if (found.external) return { path: found.external, external: true };
      return found.path ? { path: found.path } : { path: specifier, namespace: "made", pluginData: found.contents };
    });
    build.onLoad({ filter: /./, namespace: "made" }, ({ pluginData }) => ({ contents: pluginData, loader: "js" }));
  },
});

/** One file of the package: its text. */
async function bundle({ entry, contents, folder, format, to }) {
  const result = await build({
    ...(contents ? { stdin: { contents, resolveDir: folder, sourcefile: entry } } : { entryPoints: [join(folder, entry)] }),
    bundle: true,
    write: false,
    ...FORMATS[format],
    platform: "neutral",
    // What the parsers of the oldest bundlers in the test matrix read.
    target: "es2020",
    external: ["node:*"],
    legalComments: "none",
    logLevel: "warning",
    plugins: [answer((specifier) => to(specifier, format))],
  });
  return result.outputFiles[0].text;
}

/**
 * @param {object} parts
 * @param {string} parts.template the folder `pkg-template`
 * @param {string} parts.glue the source of the glue's factory
 * @param {Record<string, string>} parts.bytes the sources of `#packed` and `#module`
 * @returns {Promise<Map<string, string>>} file names and texts
 */
export async function bundleAll({ template, glue, bytes }) {
  const src = join(template, "src");
  const files = new Map();

  const { code: small } = await transform(glue, { minify: true, target: "es2020" });
  for (const format of ["mjs", "cjs"]) {
    const to = (specifier) => (specifier === "./glue.js" ? { contents: small } : undefined);
    files.set(`core.${format}`, await bundle({ entry: "core.js", folder: src, format, to }));
  }

  for (const [name, { load, formats }] of Object.entries(ENTRIES)) {
    const to = (specifier, format) => {
      if (specifier === "#load") return { path: join(src, "load", `${load}.js`) };
      if (bytes[specifier]) return { contents: bytes[specifier] };
      if (specifier === "./core.js") return { external: `./core.${format}` };
      if (specifier.startsWith("./lamina_bg.wasm")) return { external: specifier };
      return undefined;
    };
    const contents = name === "slim" ? `export * from "./entry.js";\nexport { init } from "#load";\n` : undefined;
    for (const format of formats) {
      files.set(`${name}.${format}`, await bundle({ entry: contents ? "slim.js" : "entry.js", contents, folder: src, format, to }));
    }
  }

  // For a plain <script>: everything in one file, minified, for nothing will do that later.
  const inline = { path: join(src, "load/inline.js") };
  const parts = { "./glue.js": { contents: small }, "#load": inline, "#packed": { contents: bytes["#packed"] } };
  const script = await bundle({ entry: "entry.js", folder: src, format: "iife", to: (specifier) => parts[specifier] });
  files.set("lamina.iife.js", script);

  for (const format of ["mjs", "cjs"]) {
    // The errors' class is the one that the client's errors are of.
    const to = (specifier) => (specifier === "../src/errors.js" ? { external: `../core.${format}` } : undefined);
    files.set(`server/index.${format}`, await bundle({ entry: "index.js", folder: join(template, "server"), format, to }));
  }

  for (const format of ["mjs", "cjs"]) {
    const folder = join(template, "simulator");
    const to = (specifier) => (specifier === "./index.js" ? { external: `./index.${format}` } : undefined);
    files.set(`simulator/index.${format}`, await bundle({ entry: "index.js", folder, format, to: () => undefined }));
    files.set(`simulator/node.${format}`, await bundle({ entry: "node.js", folder, format, to }));
  }
  return files;
}
