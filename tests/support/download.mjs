// What a browser downloads: a program as esbuild bundles it for a page, and what is left of it on the wire.

import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "esbuild";

/**
 * One file: what a bundler makes of a program for a page.
 * @param {string} contents
 * @param {string} resolveDir where its packages are found
 */
export async function bundleForPage(contents, resolveDir) {
  const options = { bundle: true, minify: true, write: false, format: "esm", platform: "browser", logLevel: "error" };
  const { outputFiles } = await build({ stdin: { contents, resolveDir }, ...options });
  return outputFiles[0].contents;
}

/**
 * How many bytes files have, each packed by itself as a server sends it.
 * @param {...Uint8Array} files
 */
export function sizes(...files) {
  const sum = (size) => files.reduce((total, file) => total + size(file), 0);
  return {
    bytes: sum((file) => file.length),
    gzip: sum((file) => gzipSync(file, { level: 9 }).length),
    brotli: sum((file) => brotliCompressSync(file).length),
  };
}
