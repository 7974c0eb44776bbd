// The declarations of the packed tarball, by every TypeScript that tests/package.json names, in projects of all kinds.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { installPackage, workFolder } from "../support/install.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
/** `typescript`, and older versions under names that begin so: "typescript-5.0": "npm:typescript@5.0.4". */
const COMPILERS = Object.keys(JSON.parse(readFileSync(here("../package.json"), "utf8")).devDependencies)
  .filter((name) => name.startsWith("typescript"))
  .map((name) => [name, here(`../node_modules/${name}/bin/tsc`)]);

const STRICT = { strict: true, exactOptionalPropertyTypes: true, noEmit: true, skipLibCheck: false, target: "es2022", types: [] };
const DOM = ["es2022", "dom", "dom.iterable", "dom.asynciterable"];
/** What the runtimes have and ES2022's library lacks, as the file needs it. */
const GLOBALS = "declare const console: { log(...words: unknown[]): void };\n";

/** Each kind of project: its settings, and the files that it compiles. */
const PROJECTS = {
  "node16, without the DOM": [
    { module: "node16", moduleResolution: "node16", lib: ["es2022"] },
    ["usage.ts", "usage.cts", "globals.d.ts"],
  ],
  "nodenext, without the DOM": [
    { module: "nodenext", moduleResolution: "nodenext", lib: ["es2022"] },
    ["usage.ts", "usage.cts", "globals.d.ts"],
  ],
  "nodenext, with Node's own types": [
    { module: "nodenext", moduleResolution: "nodenext", lib: ["es2022"], types: ["node"], typeRoots: [here("../node_modules/@types")] },
    ["usage.ts", "usage.cts", "host.ts"],
  ],
  "nodenext, with the DOM": [
    { module: "nodenext", moduleResolution: "nodenext", lib: DOM },
    ["usage.ts", "usage.cts", "host.ts", "module.ts"],
  ],
  "bundler, with the DOM": [{ module: "esnext", moduleResolution: "bundler", lib: DOM }, ["usage.ts", "host.ts", "module.ts"]],
  "bundler, in a worker": [
    { module: "esnext", moduleResolution: "bundler", lib: ["es2022", "webworker"] },
    ["usage.ts", "host.ts", "module.ts"],
  ],
  "bundler, without exactOptionalPropertyTypes": [
    { module: "esnext", moduleResolution: "bundler", lib: DOM, exactOptionalPropertyTypes: false },
    ["usage.ts", "host.ts"],
  ],
};

/** What is declared, held against what is there: a name too many or too few does not compile. */
function names(exports, slim) {
  const record = (list) => JSON.stringify(Object.fromEntries(list.map((name) => [name, true])));
  const methods = Object.getOwnPropertyNames(exports.Lamina.prototype).filter((name) => name !== "constructor");
  return `import * as lamina from "lamina-wasm";
import * as slim from "lamina-wasm/slim";
export const main: Record<keyof typeof lamina, true> = ${record(Object.keys(exports))};
export const loaded: Record<keyof typeof slim, true> = ${record(Object.keys(slim))};
export const methods: Record<keyof lamina.Lamina, true> = ${record(methods)};
export const codes: typeof lamina.LAMINA_ERROR_CODES = ${JSON.stringify(exports.LAMINA_ERROR_CODES)};
`;
}

describe("types", async () => {
  const { folder, import: load } = await installPackage();
  const work = workFolder(folder, "types");
  after(() => rmSync(work, { recursive: true, force: true }));
  for (const name of ["usage.ts", "usage.cts", "host.ts", "module.ts"]) copyFileSync(here(name), join(work, name));
  const exports = await load();
  writeFileSync(join(work, "names.ts"), names(exports, await load("/slim")));
  writeFileSync(join(work, "globals.d.ts"), GLOBALS);
  writeFileSync(join(work, "package.json"), JSON.stringify({ type: "module", private: true }));

  const compile = async (tsc, name, settings, files) => {
    const project = join(work, `tsconfig.${name.replaceAll(/\W+/g, "-")}.json`);
    writeFileSync(project, JSON.stringify({ compilerOptions: { ...STRICT, ...settings }, files }));
    const run = promisify(execFile)(process.execPath, [tsc, "-p", project]);
    const { code = 0, stdout, stderr } = await run.catch((error) => error);
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: "", stderr: "" });
  };

  for (const [compiler, tsc] of COMPILERS) {
    for (const [name, [settings, files]] of Object.entries(PROJECTS)) {
      test(`a project with ${name} compiles without an error, by ${compiler}`, () => compile(tsc, `${compiler} ${name}`, settings, files));
    }
  }

  test("what is declared is what is there: the exports, the methods of a client, the codes of errors", () =>
    compile(COMPILERS[0][1], "names", { module: "esnext", moduleResolution: "bundler", lib: ["es2022"] }, ["names.ts"]));

  test("the codes of errors are the same in JavaScript and in Rust", () => {
    const rust = readFileSync(here("../../src/core/error.rs"), "utf8").split("codes! {")[1].split("\n}")[0];
    assert.deepEqual([...rust.matchAll(/= "([A-Z_]+)"/g)].map(([, code]) => code), [...exports.LAMINA_ERROR_CODES]);
  });
});
