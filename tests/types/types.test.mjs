// The declarations of the packed tarball, by the current TypeScript, as projects of all kinds have it set up.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { installPackage, workFolder } from "../support/install.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const TSC = here("../node_modules/typescript/bin/tsc");

const STRICT = { strict: true, exactOptionalPropertyTypes: true, noEmit: true, skipLibCheck: false, target: "es2022", types: [] };
const DOM = ["es2022", "dom", "dom.iterable", "dom.asynciterable"];
/** What the runtimes have and ES2022's library lacks, as the file needs it. */
const GLOBALS = "declare const console: { log(...words: unknown[]): void };\n";

/** Each kind of project: its settings, and the files that it compiles. */
const PROJECTS = {
  "node16, without the DOM": [{ module: "node16", moduleResolution: "node16", lib: ["es2022"] }, ["usage.ts", "usage.cts", "globals.d.ts"]],
  "nodenext, without the DOM": [{ module: "nodenext", moduleResolution: "nodenext", lib: ["es2022"] }, ["usage.ts", "usage.cts", "globals.d.ts"]],
  "nodenext, with the DOM": [{ module: "nodenext", moduleResolution: "nodenext", lib: DOM }, ["usage.ts", "usage.cts", "host.ts"]],
  "bundler, with the DOM": [{ module: "esnext", moduleResolution: "bundler", lib: DOM }, ["usage.ts", "host.ts"]],
  "bundler, in a worker": [{ module: "esnext", moduleResolution: "bundler", lib: ["es2022", "webworker"] }, ["usage.ts", "host.ts"]],
  "bundler, without exactOptionalPropertyTypes": [
    { module: "esnext", moduleResolution: "bundler", lib: DOM, exactOptionalPropertyTypes: false },
    ["usage.ts", "host.ts"],
  ],
};

describe("types", async () => {
  const { folder, root } = await installPackage();
  const work = workFolder(folder, "types");
  after(() => rmSync(work, { recursive: true, force: true }));
  for (const name of ["usage.ts", "usage.cts", "host.ts"]) copyFileSync(here(name), join(work, name));
  writeFileSync(join(work, "globals.d.ts"), GLOBALS);
  writeFileSync(join(work, "package.json"), JSON.stringify({ type: "module", private: true }));

  for (const [name, [settings, files]] of Object.entries(PROJECTS)) {
    test(`a project with ${name} compiles without an error`, async () => {
      const project = join(work, `tsconfig.${name.replaceAll(/\W+/g, "-")}.json`);
      writeFileSync(project, JSON.stringify({ compilerOptions: { ...STRICT, ...settings }, files }));
      const { code = 0, stdout, stderr } = await promisify(execFile)(process.execPath, [TSC, "-p", project]).catch((error) => error);
      assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: "", stderr: "" });
    });
  }

  test("the codes of errors are the same in the declarations, in JavaScript and in Rust", async () => {
    const { LAMINA_ERROR_CODES } = await (await installPackage()).import();
    const declared = readFileSync(join(root, "index.d.mts"), "utf8").split("export type LaminaErrorCode =")[1].split(";")[0];
    const rust = readFileSync(here("../../src/core/error.rs"), "utf8").split("codes! {")[1].split("\n}")[0];
    assert.deepEqual(declared.match(/[A-Z_]{4,}/g), [...LAMINA_ERROR_CODES]);
    assert.deepEqual([...rust.matchAll(/= "([A-Z_]+)"/g)].map(([, code]) => code), [...LAMINA_ERROR_CODES]);
  });
});
