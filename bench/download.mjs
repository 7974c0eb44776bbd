// What a browser fetches for one import, ours and the others': bundled and minified by esbuild, packed by gzip and brotli.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleForPage, sizes } from "../tests/support/download.mjs";
import { installPackage } from "../tests/support/install.mjs";
import { breakdown } from "./breakdown.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));

/** How each package is typically imported. (`export`, so that nothing of it is left out as unused.) */
const PEERS = {
  replicate: `export { default } from "replicate";`,
  "@fal-ai/client": `export { fal } from "@fal-ai/client";`,
  "@runwayml/sdk": `export { default } from "@runwayml/sdk";`,
  stripe: `export { default } from "stripe";`,
  openai: `export { default } from "openai";`,
};

/** @returns {Promise<{ packages: Record<string, ReturnType<typeof sizes>>, crates: object[], files: object[], functions: object[] }>} */
export async function download() {
  const { folder, root } = await installPackage();
  const module = readFileSync(join(root, "lamina_bg.wasm"));
  const slim = await bundleForPage(`export { Lamina, init } from "lamina-wasm/slim";`, folder);
  const packages = {
    "lamina-wasm": sizes(await bundleForPage(`export { Lamina } from "lamina-wasm";`, folder)),
    "lamina-wasm/slim and the module": sizes(slim, module),
    "lamina-wasm/slim by itself": sizes(slim),
    "the module by itself": sizes(module),
  };
  for (const [name, program] of Object.entries(PEERS)) packages[name] = sizes(await bundleForPage(program, HERE));
  return { packages, ...breakdown() };
}
