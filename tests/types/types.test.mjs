// The declarations of the packed tarball, in projects of all kinds, by the current TypeScript. (Older ones: tests/matrix/.)

import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { installPackage, workFolder } from "../support/install.mjs";
import { compile, prepare, PROJECTS } from "./projects.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const TSC = here("../node_modules/typescript/bin/tsc");

/** What is declared, held against what is there: a name too many or too few does not compile. */
function names(exports, slim, server) {
  const record = (list) => JSON.stringify(Object.fromEntries(list.map((name) => [name, true])));
  const methods = Object.getOwnPropertyNames(exports.Lamina.prototype).filter((name) => name !== "constructor");
  return `import * as lamina from "lamina-wasm";
import * as slim from "lamina-wasm/slim";
import * as server from "lamina-wasm/server";
export const main: Record<keyof typeof lamina, true> = ${record(Object.keys(exports))};
export const loaded: Record<keyof typeof slim, true> = ${record(Object.keys(slim))};
export const backEnd: Record<keyof typeof server, true> = ${record(Object.keys(server))};
export const methods: Record<keyof lamina.Lamina, true> = ${record(methods)};
export const codes: typeof lamina.LAMINA_ERROR_CODES = ${JSON.stringify(exports.LAMINA_ERROR_CODES)};
`;
}

describe("types", async () => {
  const { folder, import: load } = await installPackage();
  const work = workFolder(folder, "types");
  after(() => rmSync(work, { recursive: true, force: true }));
  prepare(work);
  const exports = await load();
  writeFileSync(join(work, "names.ts"), names(exports, await load("/slim"), await load("/server")));
  const run = (name, settings, files) => compile(work, TSC, here("../node_modules/@types"), name, settings, files);

  for (const [name, [settings, files]] of Object.entries(PROJECTS)) {
    test(`a project with ${name} compiles without an error`, () => run(name, settings, files));
  }

  test("what is declared is what is there: the exports, the methods of a client, the codes of errors", () =>
    run("names", { module: "esnext", moduleResolution: "bundler", lib: ["es2022"] }, ["names.ts"]));

  test("the codes of errors are the same in JavaScript and in Rust", () => {
    const rust = readFileSync(here("../../src/core/error.rs"), "utf8").split("codes! {")[1].split("\n}")[0];
    assert.deepEqual([...rust.matchAll(/= "([A-Z_]+)"/g)].map(([, code]) => code), [...exports.LAMINA_ERROR_CODES]);
  });
});
