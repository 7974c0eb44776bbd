// From the crate to `{ wasm, glue }`: wasm-pack, then everything that makes its result small and its glue a factory.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cutPanics } from "./cut-panics.mjs";
import { glueFactory, neededExports, readGlue } from "./glue.mjs";
import { optimise, removeExports } from "./optimise.mjs";
import { constants } from "./wasm-file.mjs";

/** Runs wasm-pack on the crate at `root`; answers the folder with its result. cargo knows what has changed. */
export function wasmPack({ root, out, features, env }) {
  const args = ["build", "--target", "bundler", "--release", "--no-pack", "--no-typescript", "--mode", "no-install"];
  args.push("--out-name", "lamina", "--out-dir", out);
  if (features.length) args.push("--", "--features", features.join(","));
  execFileSync("wasm-pack", ["--log-level", "warn", ...args], { cwd: root, env, stdio: ["ignore", "inherit", "inherit"] });
  return { wasm: readFileSync(join(out, "lamina_bg.wasm")), glue: readFileSync(join(out, "lamina_bg.js"), "utf8") };
}

const importNames = (bytes) => WebAssembly.Module.imports(new WebAssembly.Module(bytes)).map(({ name }) => name);

/** `{ wasm, named, glue, report }`: the module and the source of its glue, ready for the package; the module with names, to be read. */
export function shrink({ wasm, glue: source }) {
  const glue = readGlue(source);
  const allImports = importNames(wasm);
  const { bytes, functions, locations } = cutPanics(wasm);

  // The module keeps what the glue calls, and the glue what the module calls: each loses what the other no longer needs.
  let module = bytes;
  let needed;
  for (let size = Infinity; module.length < size; ) {
    size = module.length;
    needed = neededExports(glue, allImports, importNames(module));
    module = removeExports(module, needed);
  }

  const { bytes: small, named, names, importModule } = optimise(module);
  const oldNames = new Map([...names].map(([name, short]) => [short, name]));
  const imports = importNames(small).map((name) => oldNames.get(name));
  return {
    wasm: small,
    named,
    glue: glueFactory(glue, { allImports, imports, names, importModule, constants: constants(small) }),
    report: `${functions} panic functions and ${locations} source locations cut; ${imports.length} of ${allImports.length} imports left`,
  };
}
