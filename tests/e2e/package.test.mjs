// The package as npm installs it: what a user's tools meet. (What is in the tarball is checked in tests/build/.)

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { build } from "esbuild";
import { install, pack } from "../../scripts/pack.mjs";
import { runChild } from "../support/child.mjs";
import { installPackage, workFolder } from "../support/install.mjs";

const installed = await installPackage();
const work = workFolder(installed.folder, "package");
after(() => rmSync(work, { recursive: true }));

const NAMES = ["Lamina", "LaminaError", "LAMINA_ERROR_CODES", "isLaminaError", "configure", "getDefaultClient", "listApps", "getApp", "getWorkflow", "validateInputs",
  "execute", "getExecution", "waitForExecution", "watchExecution", "run", "runAll", "pollStep", "cancelExecution", "listExecutions",
  "iterateExecutions", "estimateCost", "getUsage", "getSigningKeys", "verifyWebhook"];

/** One file of what a bundler makes of `contents`. */
async function bundle(contents, options = {}) {
  const result = await build({ stdin: { contents, resolveDir: work }, bundle: true, minify: true, write: false, format: "esm", logLevel: "error", ...options });
  return result.outputFiles[0].text;
}

const LIST = `const lamina = new Lamina({ apiKey: "k", fetch: async () => new Response('{"data":[{"appId":"a"}]}') });
  lamina.listApps().then((apps) => console.log(JSON.stringify(apps)));`;

describe("the package", () => {
  test("everything that is documented is exported, and nothing else, by import and by require", async () => {
    const sorted = [...NAMES].sort();
    assert.deepEqual(Object.keys(await installed.import()).sort(), sorted);
    assert.deepEqual(Object.keys(installed.require()).sort(), sorted);
    assert.deepEqual(Object.keys(await installed.import("/slim")).sort(), [...sorted, "init"].sort());
    assert.deepEqual(Object.keys(installed.require("/slim")).sort(), [...sorted, "init"].sort());
  });

  test("`npm install` of the tarball is all that is needed", async (t) => {
    const folder = install(pack().tarball);
    t.after(() => rmSync(folder, { recursive: true }));
    const list = execFileSync("npm", ["ls", "--all", "--json"], { cwd: folder, encoding: "utf8" });
    assert.deepEqual(JSON.parse(list).dependencies["lamina-wasm"].dependencies, undefined);
    for (const [type, load] of [["mjs", `import { Lamina } from "lamina-wasm";`], ["cjs", `const { Lamina } = require("lamina-wasm");`]]) {
      const { stdout, stderr } = await runChild(folder, load + LIST, { type });
      assert.equal(stdout, '[{"appId":"a"}]\n', stderr);
    }
  });

  test("nothing runs at import but the definitions: no timer, no fetch, no random number, no WebAssembly", async () => {
    const { status, stdout, stderr } = await runChild(
      installed.folder,
      `const used = [];
       const trap = (object, name) => {
         const real = object[name];
         Object.defineProperty(object, name, { configurable: true, get() { used.push(name); return real; } });
       };
       for (const name of ["fetch", "setTimeout", "setInterval", "setImmediate", "queueMicrotask", "WebAssembly", "crypto", "performance", "atob", "DecompressionStream"]) trap(globalThis, name);
       trap(Math, "random");
       trap(Date, "now");
       await import("lamina-wasm");
       await import("lamina-wasm/slim");
       if (used.length) throw new Error("used at import: " + used);
       const { Lamina } = await import("lamina-wasm");
       new Lamina({ apiKey: "k" });
       if (used.includes("WebAssembly")) throw new Error("compiled before the first call");`,
    );
    assert.equal(status, 0, stdout + stderr);
  });

  test("what is not used is left out of a bundle", async () => {
    assert.equal((await bundle(`import "lamina-wasm"; import {} from "lamina-wasm/slim";`)).trim(), "");
    const errors = await bundle(`import { LaminaError } from "lamina-wasm"; export { LaminaError };`);
    assert.ok(errors.length < 4_000, `${errors.length} characters`);
    assert.ok(!(await bundle(`export { Lamina } from "lamina-wasm";`)).includes("getDefaultClient"));
  });

  for (const format of ["esm", "cjs"]) {
    test(`a server bundle (${format}) that is moved to another folder still works`, async () => {
      const load = format === "esm" ? `import { Lamina } from "lamina-wasm";` : `const { Lamina } = require("lamina-wasm");`;
      const code = await bundle(load + LIST, { platform: "node", format });
      const elsewhere = mkdtempSync(join(realpathSync(tmpdir()), "moved-"));
      const file = join(elsewhere, format === "esm" ? "server.mjs" : "server.cjs");
      writeFileSync(file, code);
      assert.equal(execFileSync(process.execPath, [file], { encoding: "utf8", cwd: elsewhere }), '[{"appId":"a"}]\n');
      rmSync(elsewhere, { recursive: true });
    });
  }

  test("a bundle never holds the simulator or a Node module", async () => {
    const code = await bundle(`export * from "lamina-wasm";`);
    assert.doesNotMatch(code, /createSimulator|node:|require\(/);
  });

  test("slim: a call before init rejects with NOT_INITIALIZED; after init with the raw module it works", async () => {
    const { json, stderr } = await runChild(
      installed.folder,
      `import { init, Lamina } from "lamina-wasm/slim";
       import { readFile } from "node:fs/promises";
       import { createRequire } from "node:module";
       const lamina = new Lamina({ apiKey: "k", fetch: async () => new Response('{"data":[{"appId":"a"}]}') });
       const before = await lamina.listApps().catch((error) => error.code);
       await init(readFile(createRequire(import.meta.url).resolve("lamina-wasm/lamina_bg.wasm")));
       console.log(JSON.stringify([before, await lamina.listApps()]));`,
    );
    assert.deepEqual(json, ["NOT_INITIALIZED", [{ appId: "a" }]], stderr);
  });

  test("a host that refuses to compile is WASM_UNAVAILABLE, with the word that a policy needs, and the next call may succeed", async () => {
    const { json, stderr } = await runChild(
      installed.folder,
      `import { Lamina } from "lamina-wasm";
       const lamina = new Lamina({ apiKey: "k", fetch: async () => new Response('{"data":[]}') });
       const { compile } = WebAssembly;
       WebAssembly.compile = async () => { throw new WebAssembly.CompileError("refused by the policy"); };
       const error = await lamina.listApps().catch((error) => error);
       WebAssembly.compile = compile;
       console.log(JSON.stringify([error.code, error.message, error.cause?.message, await lamina.listApps()]));`,
    );
    const [code, message, cause, apps] = json ?? stderr;
    assert.equal(code, "WASM_UNAVAILABLE");
    assert.match(message, /wasm-unsafe-eval/);
    assert.match(message, /workerd/);
    assert.equal(cause, "refused by the policy");
    assert.deepEqual(apps, []);
  });

  for (const [what, lacks, code, way] of [
    ["WebAssembly", "WebAssembly", "WASM_UNAVAILABLE", /a host without WebAssembly needs a back end/],
    ["fetch", "fetch", "INVALID_ARGUMENT", /give one as the option `fetch`/],
  ]) {
    test(`a host without ${what} rejects the first call at once, with the way out`, async () => {
      const { json, stderr, ms } = await runChild(
        installed.folder,
        `delete globalThis.${lacks};
         const { Lamina } = await import("lamina-wasm");
         const error = await new Lamina({ apiKey: "k" }).listApps().catch((error) => error);
         console.log(JSON.stringify([error.code, error.message]));`,
      );
      const [got, message] = json ?? stderr;
      assert.equal(got, code);
      assert.match(message, way);
      assert.ok(ms < 10_000, "no retries");
    });
  }

  test("many first calls at once compile the module once", async () => {
    const { json } = await runChild(
      installed.folder,
      `import { Lamina } from "lamina-wasm";
       let compiled = 0;
       const { compile } = WebAssembly;
       WebAssembly.compile = (...args) => (compiled++, compile(...args));
       const fetch = async () => ({ status: 200, text: async () => '{"data":[]}' }); // a Response of Node compiles a module too
       const clients = [1, 2, 3].map(() => new Lamina({ apiKey: "k", fetch }));
       await Promise.all(clients.flatMap((lamina) => [lamina.listApps(), lamina.listApps()]));
       console.log(compiled);`,
    );
    assert.equal(json, 1);
  });

  test("the manifest can be read, and promises no more than it holds", () => {
    const manifest = installed.require("/package.json");
    assert.equal(manifest.name, "lamina-wasm");
    assert.equal(manifest.license, "MIT OR Apache-2.0");
    assert.equal(manifest.sideEffects, false);
    assert.equal(manifest.dependencies, undefined);
    assert.equal(manifest.scripts?.postinstall, undefined);
    assert.match(readFileSync(join(installed.root, "README.md"), "utf8"), /npm install lamina-wasm/);
  });
});
