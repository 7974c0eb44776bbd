// The package's type declarations: each file twice, for ES modules and for CommonJS, since TypeScript takes the kind of a
// module from the name of its declarations.

import { readFileSync } from "node:fs";
import { join } from "node:path";

const DECLARATIONS = ["types/index", "types/slim", "server/index", "simulator/index", "simulator/node"];

/** Relative specifiers in `from "./x.js"`, `import("./x.js")` and `import "./x.js"`. */
const SPECIFIER = /(\bfrom\s*|\bimport\s*\(?\s*)"(\.{1,2}\/[^"]+?)(?:\.d\.ts|\.js)?"/g;

/** @returns {Map<string, string>} file names in the package and texts */
export function declarations(template) {
  const files = new Map();
  for (const name of DECLARATIONS) {
    const text = readFileSync(join(template, `${name}.d.ts`), "utf8");
    const to = name.replace(/^types\//, "");
    for (const kind of ["mts", "cts"]) {
      const extension = kind === "mts" ? "mjs" : "cjs";
      const rewritten = text.replace(SPECIFIER, (_, keyword, path) => `${keyword}"${path.replace("/types/", "/")}.${extension}"`);
      files.set(`${to}.d.${kind}`, rewritten);
    }
  }
  files.set("lamina_bg.wasm.d.ts", readFileSync(join(template, "types/wasm.d.ts"), "utf8"));
  return files;
}
