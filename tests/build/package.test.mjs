// What is in the tarball: only what is needed, in the shape that every resolver takes, and nothing that runs at import.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { before, after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { OWN } from "../../scripts/build/bundle.mjs";
import { wasmOpt } from "../../scripts/build/optimise.mjs";
import { install, pack } from "../../scripts/pack.mjs";

const ATTW = fileURLToPath(new URL("../node_modules/@arethetypeswrong/cli/dist/index.js", import.meta.url));

let packed;
let folder;
let root;
before(() => {
  packed = pack();
  folder = install(packed.tarball);
  root = join(folder, "node_modules/lamina-wasm");
});
after(() => rmSync(folder, { recursive: true }));

const scripts = () => packed.files.map(({ path }) => path).filter((path) => /\.[mc]js$/.test(path));
const read = (path) => readFileSync(join(root, path), "utf8");

test("the tarball holds what is needed and nothing else", () => {
  const both = (name) => [`${name}.cjs`, `${name}.d.cts`, `${name}.d.mts`, `${name}.mjs`];
  assert.deepEqual(
    packed.files.map(({ path }) => path).sort(),
    [
      ...["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "README.md", "package.json"],
      ...["core.cjs", "core.mjs", "edge-light.mjs", "errors.cjs", "errors.mjs", "workerd.mjs"],
      ...["node.mjs", "node.cjs", "node-bundled.mjs", "node-core.mjs", "node-core.cjs"],
      ...["lamina_bg.wasm", "lamina_bg.wasm.d.ts", "lamina.iife.js"],
      ...both("index"),
      ...both("slim"),
      ...both("server/index"),
      ...both("simulator/index"),
      ...both("simulator/node"),
    ].sort(),
  );
});

test("the tarball is small", () => {
  const { size } = statSync(packed.tarball);
  assert.ok(size <= 425_000, `${size} bytes`);
});

test("publint --strict has nothing to say", async () => {
  const { messages, pkg } = await publint({ pkgDir: root, strict: true });
  assert.deepEqual(
    messages.map((message) => formatMessage(message, pkg)),
    [],
  );
});

test("are-the-types-wrong has nothing to say", () => {
  // The raw module is no JavaScript: no resolver imports it as such.
  const args = [ATTW, packed.tarball, "--exclude-entrypoints", "lamina_bg.wasm", "--no-color", "--no-emoji"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  assert.equal(status, 0, stdout + stderr);
});

test("the module says nothing of the machine that built it, and imports functions of one name only", () => {
  const bytes = readFileSync(join(root, "lamina_bg.wasm"));
  const module = new WebAssembly.Module(bytes);
  assert.doesNotMatch(bytes.toString("latin1"), /\.rs\b|\/rustc\/|\.cargo|\/home\/|\/root\//);
  for (const section of ["name", "producers", "target_features"]) {
    assert.deepEqual(WebAssembly.Module.customSections(module, section), [], section);
  }
  const imports = WebAssembly.Module.imports(module);
  assert.deepEqual([...new Set(imports.map(({ kind }) => kind))], ["function"]);
  assert.equal(new Set(imports.map(({ module }) => module)).size, 1);
});

test("the module needs no newer WebAssembly than Chrome 96, Firefox 79 and Safari 15 have", () => {
  const features = ["bulk-memory", "mutable-globals", "nontrapping-float-to-int", "reference-types", "sign-ext"];
  // wasm-opt refuses a module that needs more.
  wasmOpt(readFileSync(join(root, "lamina_bg.wasm")), ["--mvp-features", ...features.map((name) => `--enable-${name}`)]);
});

test("no file uses what some runtime or bundler lacks", () => {
  for (const path of scripts()) {
    const text = read(path);
    assert.doesNotMatch(text, /\bimport\.meta\b|\b__dirname\b|\bnew Function\b|\beval\(/, path);
    if (path !== "simulator/node.mjs" && path !== "simulator/node.cjs") {
      assert.doesNotMatch(text, /["']node:|\brequire\("(?!\.)/, path);
    }
  }
});

test("no member that gets a short name is one that users know, or that a host has", () => {
  const declared = packed.files.filter(({ path }) => path.endsWith(".d.mts")).map(({ path }) => read(path)).join();
  const ofTheHost = [globalThis, Request, Response, Headers, AbortController, AbortSignal, Promise, Map, WeakMap, Set, Array, Uint8Array, URL, Date, Error, WebAssembly.Memory]
    .flatMap((object) => [object, object.prototype ?? {}])
    .flatMap((object) => Reflect.ownKeys(object));
  for (const name of OWN) {
    assert.doesNotMatch(declared, new RegExp(`(?<!\\.)\\b${name}\\??[:(<]`), name);
    assert.ok(!ofTheHost.includes(name), name);
  }
});

test("what Node shows of an error that nobody caught is a line, not the file", () => {
  for (const path of ["node.mjs", "node.cjs"]) {
    const longest = Math.max(...read(path).split("\n").map((line) => line.length));
    assert.ok(longest < 400, `${path}: ${longest} characters`);
  }
});

test("an import runs nothing of the host", () => {
  const program = `
    const touched = [];
    const trap = (object, name) => {
      const real = object[name];
      Object.defineProperty(object, name, { configurable: true, get() { touched.push(name); return real; } });
    };
    for (const name of ["fetch", "setTimeout", "setInterval", "WebAssembly", "TextDecoder", "TextEncoder", "crypto", "performance",
      "FinalizationRegistry", "AbortController", "document", "window"]) trap(globalThis, name);
    trap(Math, "random");
    trap(Date, "now");
    process.env = new Proxy(process.env, {
      get(env, name) { if (/^LAMINA/.test(String(name))) touched.push(name); return env[name]; },
    });
    const globals = () => Reflect.ownKeys(globalThis).map(String).join();
    const before = globals();
    await import(process.argv[1]);
    if (globals() !== before) touched.push("the globals");
    if (touched.length) { console.log("touched", touched); process.exit(1); }
  `;
  for (const path of ["index.mjs", "index.cjs", "node.mjs", "node.cjs", "node-bundled.mjs", "slim.mjs", "slim.cjs", "server/index.mjs", "server/index.cjs", "simulator/index.mjs"]) {
    const url = pathToFileURL(join(root, path)).href;
    const args = ["--input-type=module", "--eval", program, "--", url];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    assert.equal(status, 0, `${path}: ${stdout}${stderr}`);
  }
});

for (const platform of ["browser", "node"]) {
  test(`a bundler drops what is not used (for ${platform}), and takes the module once`, async () => {
    const bundle = async (contents) => {
      const result = await build({
        stdin: { contents, resolveDir: folder },
        bundle: true,
        minify: true,
        write: false,
        platform,
        format: "esm",
        logLevel: "error",
      });
      return result.outputFiles[0].text;
    };
    assert.equal(await bundle(`import "lamina-wasm"; import "lamina-wasm/slim"; import "lamina-wasm/server"; import "lamina-wasm/simulator";`), "");
    const error = await bundle(`export { LaminaError, isLaminaError, LAMINA_ERROR_CODES } from "lamina-wasm";`);
    assert.ok(error.length < 4000, `${error.length} characters for the errors alone`);
    const all = await bundle(`export * from "lamina-wasm"; export * as slim from "lamina-wasm/slim"; export * as server from "lamina-wasm/server";`);
    assert.equal(all.match(/"[^"\\\s]{20000,}"/g).length, 1, "the module's text");
  });
}

test("require gives the same names as import", async () => {
  for (const name of ["index", "node", "slim", "server/index", "simulator/index", "simulator/node"]) {
    const program = `console.log(JSON.stringify(Object.keys(require(process.argv[1])).sort()))`;
    const stdout = execFileSync(process.execPath, ["--eval", program, "--", join(root, `${name}.cjs`)], { encoding: "utf8" });
    const esm = await import(pathToFileURL(join(root, `${name}.mjs`)).href);
    assert.deepEqual(JSON.parse(stdout), Object.keys(esm).sort(), name);
  }
});
