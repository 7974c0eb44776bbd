// From `pkg-template/` and the built module to the JavaScript files of the package.
//
// Every entry is small and imports `core`, the shell with its glue, and `errors`, once for ES modules and once for CommonJS. The
// entries are all made of one source, `entry.js`, and differ in `#load`: where the module comes from. Two hold the shell
// themselves: the script for a page without modules all of it; Node's as much as is needed before the first call, which loads
// the rest (`node-core`).

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build, transform } from "esbuild";
import * as operations from "../../pkg-template/src/operations.js";

/** Each entry that imports `core`: its loader, and the formats it is needed in. */
const ENTRIES = {
  index: { load: "inline", formats: ["mjs", "cjs"] },
  "node-bundled": { load: "node-bundled", formats: ["mjs"] },
  slim: { load: "slim", formats: ["mjs", "cjs"] },
  workerd: { load: "workerd", formats: ["mjs"] },
  "edge-light": { load: "edge-light", formats: ["mjs"] },
};

/** The kinds of files: ES modules, CommonJS, and a script that defines one global. */
const FORMATS = {
  mjs: { format: "esm" },
  cjs: { format: "cjs", supported: { "dynamic-import": false } }, // but `require`: Jest has no other way
  iife: { format: "iife", globalName: "lamina", minify: true },
};

/**
 * Members of the shell's own objects, in files that hold the whole of it: they get names of a letter or two, which no bundler
 * can do later. None of them is, or may become, a member of anything that comes from the outside or goes there.
 */
export const OWN = [
  ..."calledAt calls cleanups clientCount collapse core disarm enter freeCalls freeClients adopt held onCollapse onSettled settle settled updating".split(" "),
  ..."askedAt gotAt unproven attach imports arrived tickClient abortAttempt armClient askKey differs dispose encodeBody".split(" "),
  ..."dateIn expectArrival flatInputs flatParameters forgetClient getMember newList ofNumber ofText listFor reserve useClient withoutQuery".split(" "),
  ..."hasText hasList isId inPage isSource isoDate messageOf newObject parseBytes parseDate parseUrl readMore separate wall".split(" "),
];
const MANGLED = { mangleProps: new RegExp(`^(${OWN.join("|")})$`) };

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

/** A plugin that writes the numbers of operations where their names are read: esbuild does so within one file only. */
const numbers = {
  name: "numbers",
  setup(build) {
    build.onLoad({ filter: /\/src\/\w+\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replace(/\boperations\.([A-Z_]+)/g, (_, name) => operations[name]),
    }));
  },
};

/**
 * A file with its long texts at the end: what packs it for the wire (zlib) has one table for code and text that stand side by side,
 * and here only one such place. A tenth of a kilobyte.
 */
function textsLast(file) {
  const long = /^var \w+ = "(?:[^"\\]|\\.){1000,}";\n/gm;
  return file.replace(long, "") + (file.match(long) ?? []).join("");
}

/**
 * A file without indentation and remarks: reading source text is most of what an import costs in Node. Lines stay, for Node shows
 * the line of an error that nobody caught, and names, for stack traces and because a client is shown by that of its class.
 */
function short(file) {
  if (/`[^`\n]*\n/.test(file.replace(/`[^`\n]*`/g, ""))) throw new Error("a text goes over lines: its indentation is a part of it");
  return file.replace(/^ +/gm, "").replace(/^(\/\/.*|\/\*\*(?:(?!\*\/)[^])*\*\/)\n/gm, "");
}

/** One file of the package: its text. */
async function bundle({ entry, contents, folder, format, to, settings }) {
  const result = await build({
    ...(contents ? { stdin: { contents, resolveDir: folder, sourcefile: entry } } : { entryPoints: [join(folder, entry)] }),
    bundle: true,
    write: false,
    ...FORMATS[format],
    ...settings,
    platform: "neutral",
    // What the parsers of the oldest bundlers in the test matrix read.
    target: "es2020",
    external: ["node:*"],
    legalComments: "none",
    logLevel: "warning",
    plugins: [answer((specifier) => to(specifier, format)), numbers],
  });
  return textsLast(result.outputFiles[0].text);
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
    const errors = { external: `./errors.${format}` };
    const to = (specifier) => ({ "./glue.js": { contents: small }, "./errors.js": errors })[specifier];
    files.set(`core.${format}`, await bundle({ entry: "core.js", folder: src, format, to, settings: MANGLED }));
    files.set(`errors.${format}`, await bundle({ entry: "errors.js", folder: src, format, to: () => undefined }));
  }

  for (const [name, { load, formats }] of Object.entries(ENTRIES)) {
    const to = (specifier, format) => {
      if (specifier === "#load") return { path: join(src, "load", `${load}.js`) };
      if (bytes[specifier]) return { contents: bytes[specifier] };
      const shared = /^\.\.?\/(core|errors|node-core)\.js$/.exec(specifier);
      if (shared) return { external: `./${shared[1]}.${format}` };
      if (specifier.startsWith("./lamina_bg.wasm")) return { external: specifier };
      return undefined;
    };
    const contents = name === "slim" ? `export * from "./entry.js";\nexport { init } from "#load";\n` : undefined;
    for (const format of formats) {
      files.set(`${name}.${format}`, await bundle({ entry: contents ? "slim.js" : "entry.js", contents, folder: src, format, to }));
    }
  }

  for (const format of ["mjs", "cjs"]) {
    const late = { path: join(src, "load/node.js") };
    const entry = { "#load": late, "./instance.js": late, "./node-core.js": { external: `./node-core.${format}` } };
    files.set(`node.${format}`, short(await bundle({ entry: "entry.js", folder: src, format, to: (specifier) => entry[specifier] })));
    const lent = { path: join(src, "load/lent-errors.js") };
    const core = { "./glue.js": { contents: small }, "#module": { contents: bytes["#module"] }, "./errors.js": lent };
    files.set(`node-core.${format}`, short(await bundle({ entry: "load/node-core.js", folder: src, format, to: (specifier) => core[specifier] })));
  }

  // For a plain <script>: everything in one file, minified, for nothing will do that later.
  const inline = { path: join(src, "load/inline.js") };
  const parts = { "./glue.js": { contents: small }, "#load": inline, "#packed": { contents: bytes["#packed"] } };
  const script = await bundle({ entry: "entry.js", folder: src, format: "iife", to: (specifier) => parts[specifier], settings: MANGLED });
  files.set("lamina.iife.js", script);

  for (const format of ["mjs", "cjs"]) {
    // The errors' class is the one that the client's errors are of.
    const to = (specifier) => (specifier === "../src/errors.js" ? { external: `../errors.${format}` } : undefined);
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
