// A user's projects in TypeScript, of every kind: what each compiles, and with which settings.

import { execFile } from "node:child_process";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const SOURCES = ["usage.ts", "usage.cts", "host.ts", "module.ts", "server.ts"];
const STRICT = { strict: true, exactOptionalPropertyTypes: true, noEmit: true, skipLibCheck: false, target: "es2022", types: [] };
const DOM = ["es2022", "dom", "dom.iterable"];
/** What the runtimes have and ES2022's library lacks, as the file needs it. */
const GLOBALS = "declare const console: { log(...words: unknown[]): void };\n";

/** Each kind of project: its settings, and the files that it compiles. */
export const PROJECTS = {
  "node16, without the DOM": [
    { module: "node16", moduleResolution: "node16", lib: ["es2022"] },
    ["usage.ts", "usage.cts", "globals.d.ts"],
  ],
  "nodenext, without the DOM": [
    { module: "nodenext", moduleResolution: "nodenext", lib: ["es2022"] },
    ["usage.ts", "usage.cts", "globals.d.ts"],
  ],
  "nodenext, with Node's own types": [
    { module: "nodenext", moduleResolution: "nodenext", lib: ["es2022"], types: ["node"] },
    ["usage.ts", "usage.cts", "host.ts", "server.ts"],
  ],
  "nodenext, with the DOM": [
    { module: "nodenext", moduleResolution: "nodenext", lib: DOM },
    ["usage.ts", "usage.cts", "host.ts", "module.ts", "server.ts"],
  ],
  "bundler, with the DOM": [{ module: "esnext", moduleResolution: "bundler", lib: DOM }, ["usage.ts", "host.ts", "module.ts", "server.ts"]],
  "bundler, in a worker": [
    { module: "esnext", moduleResolution: "bundler", lib: ["es2022", "webworker"] },
    ["usage.ts", "host.ts", "module.ts", "server.ts"],
  ],
  "bundler, without exactOptionalPropertyTypes": [
    { module: "esnext", moduleResolution: "bundler", lib: DOM, exactOptionalPropertyTypes: false },
    ["usage.ts", "host.ts", "server.ts"],
  ],
};

/** Puts the sources of all projects into a folder where `lamina-wasm` is found. */
export function prepare(folder) {
  for (const name of SOURCES) copyFileSync(here(name), join(folder, name));
  writeFileSync(join(folder, "globals.d.ts"), GLOBALS);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module", private: true }));
}

/**
 * Compiles files in a prepared folder; rejects with what the compiler says.
 * @param {string} folder
 * @param {string} tsc the compiler's script
 * @param {string} typeRoots where `@types` are
 */
export async function compile(folder, tsc, typeRoots, name, settings, files) {
  const project = join(folder, `tsconfig.${name.replaceAll(/\W+/g, "-")}.json`);
  writeFileSync(project, JSON.stringify({ compilerOptions: { ...STRICT, typeRoots: [typeRoots], ...settings }, files }));
  await promisify(execFile)(process.execPath, [tsc, "-p", project]).catch(({ stdout, stderr }) => {
    throw new Error(`${name}: ${stdout}${stderr}`);
  });
}
