// Puts the hosts of the WebAssembly tests, and what they import of the shell, into one file: target/wasm-tests/hosts.js.

import { fileURLToPath } from "node:url";
import { build } from "esbuild";

await build({
  absWorkingDir: fileURLToPath(new URL("..", import.meta.url)),
  entryPoints: ["tests/wasm/hosts.js"],
  outfile: "target/wasm-tests/hosts.js",
  bundle: true,
  format: "esm",
  logLevel: "warning",
});
