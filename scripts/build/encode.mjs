// The module as text: deflated, then base64. Over the wire, gzip undoes what base64 adds.

import { createRequire } from "node:module";
import { inflateRawSync } from "node:zlib";

const { deflateAsync } = createRequire(import.meta.url)("@gfx/zopfli");

/** The source of `#bytes`, which `load/inline.js` imports. */
export async function encode(wasm) {
  // zopfli deflates 5 % smaller than zlib does.
  const deflated = Buffer.from(await deflateAsync(wasm, { numiterations: 15 }));
  if (!inflateRawSync(deflated).equals(wasm)) throw new Error("zopfli did not give back what it was given");
  const text = deflated.toString("base64").replaceAll("=", "A");
  return `export const SIZE = ${wasm.length};\nexport const BASE64 = "${text}";\n`;
}
