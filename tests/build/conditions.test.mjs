// Each host and bundler names itself by conditions; each gets the entry that is made for it (`exports` of the manifest).

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { basename } from "node:path";
import { after, test } from "node:test";
import { build } from "esbuild";
import { installPackage, workFolder } from "../support/install.mjs";

const work = workFolder((await installPackage()).folder, "conditions");
after(() => rmSync(work, { recursive: true }));

const PROGRAMS = { import: `import { listApps } from "lamina-wasm"; listApps();`, require: `require("lamina-wasm").listApps();` };

/** What stands once in the core, and in the class of errors. */
const SIGNS = { core: "A bug of lamina-wasm", errors: "lamina-wasm.error" };

/** The names of the package's files that a bundler takes under these conditions, and the bundle. */
async function taken(conditions, how, contents = PROGRAMS[how]) {
  const { metafile, outputFiles } = await build({
    stdin: { contents, resolveDir: work },
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "neutral", // it adds no condition of its own
    conditions: [...conditions, how],
    external: ["*.wasm", "*.wasm?module"],
  });
  const names = Object.keys(metafile.inputs).map((path) => basename(path)).filter((name) => /\.[cm]js$/.test(name));
  return { names, text: outputFiles[0].text };
}

const HOSTS = [
  ["Node", ["node", "node-addons", "module-sync"], "import", "node.mjs"],
  ["a bundle for Node", ["node", "module"], "import", "node-bundled.mjs"],
  ["a bundle for Node", ["node", "module"], "require", "node.cjs"],
  ["Node", ["node", "node-addons", "module-sync"], "require", "node.cjs"],
  ["Deno", ["deno", "node"], "import", "node.mjs"],
  ["Bun", ["bun", "node"], "import", "node.mjs"],
  ["Bun", ["bun", "node"], "require", "node.cjs"],
  ["Electron's main process", ["electron", "node"], "require", "node.cjs"],
  ["a bundle for a page", ["browser", "module"], "import", "index.mjs"],
  ["a bundle for a page", ["browser", "module"], "require", "index.cjs"],
  ["a worker of a page", ["worker", "browser", "module"], "import", "index.mjs"],
  ["React Native", ["react-native"], "require", "index.cjs"],
  ["no condition at all", [], "import", "index.mjs"],
  ["Wrangler", ["workerd", "worker", "browser"], "import", "workerd.mjs"],
  ["Wrangler", ["workerd", "worker", "browser"], "require", "workerd.mjs"],
  ["workerd with Node's modules", ["node", "browser", "workerd", "worker"], "import", "workerd.mjs"],
  ["Vercel Edge", ["edge-light", "worker", "browser", "module"], "import", "edge-light.mjs"],
  ["Vercel Edge with Node's modules", ["node", "edge-light"], "import", "edge-light.mjs"],
];
/** What an entry needs besides: the core, in one half or whole. */
const MORE = { "node.mjs": ["node-core.mjs"], "node.cjs": ["node-core.cjs"], "node-bundled.mjs": ["core.mjs", "errors.mjs", "node-core.mjs"], "index.cjs": ["core.cjs", "errors.cjs"] };

for (const [host, conditions, how, entry] of HOSTS) {
  test(`${host} (${how}) gets ${entry}, with one core and nothing else`, async () => {
    const { names, text } = await taken(conditions, how);
    assert.deepEqual(names.sort(), [entry, ...(MORE[entry] ?? ["core.mjs", "errors.mjs"])].sort());
    for (const [part, sign] of Object.entries(SIGNS)) assert.equal(text.split(sign).length - 1, 1, part);
  });
}

const together = `export * from "lamina-wasm"; export * as slim from "lamina-wasm/slim"; export * as server from "lamina-wasm/server";`;
for (const [host, conditions] of [["a page", ["browser", "module"]], ["Node", ["node", "module"]], ["workerd", ["workerd", "worker", "browser"]]]) {
  test(`a bundle for ${host} that uses all entries has one core, one class of errors and one module`, async () => {
    const { text } = await taken(conditions, "import", together);
    for (const [part, sign] of Object.entries(SIGNS)) assert.equal(text.split(sign).length - 1, 1, part);
    const modules = text.match(/"[^"\\\s]{20000,}"/g) ?? [];
    assert.equal(modules.length, host === "workerd" ? 0 : 1);
  });
}
