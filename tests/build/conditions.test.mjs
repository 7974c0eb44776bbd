// Each host and bundler names itself by conditions; each gets the entry that is made for it (`exports` of the manifest).

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { basename } from "node:path";
import { after, test } from "node:test";
import { build } from "esbuild";
import { installPackage, workFolder } from "../support/install.mjs";

const work = workFolder((await installPackage()).folder, "conditions");
after(() => rmSync(work, { recursive: true }));

/** The names of the package's files that a bundler takes under these conditions. */
async function taken(conditions, how) {
  const contents = how === "import" ? `import { listApps } from "lamina-wasm"; listApps();` : `require("lamina-wasm").listApps();`;
  const { metafile } = await build({
    stdin: { contents, resolveDir: work },
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "neutral", // it adds no condition of its own
    conditions: [...conditions, how],
    external: ["*.wasm", "*.wasm?module"],
  });
  return Object.keys(metafile.inputs).map((path) => basename(path)).filter((name) => /\.[cm]js$/.test(name));
}

const HOSTS = [
  ["Node", ["node", "node-addons", "module-sync"], "import", "node.mjs"],
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
for (const [host, conditions, how, entry] of HOSTS) {
  test(`${host} (${how}) gets ${entry}, with one core and nothing else`, async () => {
    const core = entry.endsWith(".cjs") ? "core.cjs" : "core.mjs";
    assert.deepEqual((await taken(conditions, how)).sort(), [core, entry].sort());
  });
}
