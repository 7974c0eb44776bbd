// The ways a module comes to the shell (pkg-template/src/load/).

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { encode } from "../../scripts/build/encode.mjs";
import { buildUnpacker } from "../../scripts/build/unpacker.mjs";

/** A module with one export: `answer() = 42`. */
const WASM = Buffer.from("0061736d010000000105016000017f030201000" + "70a0106616e7377657200000a06010400412a0b", "hex");

const unpacker = buildUnpacker({ root: fileURLToPath(new URL("../..", import.meta.url)), env: process.env });

/** What a file of load/ exports, with the bytes as the build makes them. */
async function loader(name) {
  const made = { ...encode(WASM, unpacker), "./glue.js": "export const createGlue = undefined;" };
  const result = await build({
    entryPoints: [fileURLToPath(new URL(`../../pkg-template/src/load/${name}.js`, import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    plugins: [
      {
        name: "made",
        setup(build) {
          build.onResolve({ filter: /^(#packed|#module|\.\/glue\.js)$/ }, ({ path }) => ({ path, namespace: "made" }));
          build.onLoad({ filter: /./, namespace: "made" }, ({ path }) => ({ contents: made[path] }));
        },
      },
    ],
  });
  // Each time another URL, so that each time it is another module.
  return import(`data:text/javascript,${encodeURIComponent(result.outputFiles[0].text)}//${Math.random()}`);
}

const answer = (module) => new WebAssembly.Instance(module).exports.answer();

for (const name of ["inline", "node", "node-bundled"]) {
  test(`${name}: compiles the bytes that are in the file`, async () => {
    const { load } = await loader(name);
    assert.equal(answer(await load()), 42);
  });

  test(`${name}: a host without Buffer reads the same`, async (t) => {
    const { load } = await loader(name);
    const { Buffer } = globalThis;
    t.after(() => (globalThis.Buffer = Buffer));
    delete globalThis.Buffer;
    assert.equal(answer(await load()), 42);
  });

  test(`${name}: a host that refuses to compile is not hidden`, async (t) => {
    const { load } = await loader(name);
    t.mock.method(WebAssembly, "compile", () => Promise.reject(new WebAssembly.CompileError("refused by the policy")));
    await assert.rejects(async () => load(), { name: "CompileError", message: "refused by the policy" });
  });
}

let server;
let url;
let folder;
let file;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "lamina-wasm-loaders-"));
  file = pathToFileURL(join(folder, "a b.wasm"));
  await writeFile(file, WASM);
  const types = { "/right": "application/wasm", "/wrong": "application/octet-stream" };
  server = createServer(({ url }, response) => {
    response.writeHead(types[url] ? 200 : 404, { "content-type": types[url] ?? "text/plain" });
    response.end(types[url] ? WASM : "not here");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${server.address().port}`;
});
after(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

const SOURCES = {
  "a Uint8Array": () => new Uint8Array(WASM),
  "a Buffer": () => Buffer.from(WASM),
  "an ArrayBuffer": () => new Uint8Array(WASM).buffer,
  "a WebAssembly.Module": () => new WebAssembly.Module(WASM),
  "a promise of bytes": () => Promise.resolve(WASM),
  "a response with the right type": () => fetch(`${url}/right`),
  "a response with another type": () => fetch(`${url}/wrong`),
  "a response object of another realm": () => ({ ok: true, headers: new Headers(), arrayBuffer: async () => WASM }),
  "a URL": () => new URL(`${url}/right`),
  "a URL as a string": () => `${url}/wrong`,
  "a URL of a file": () => file,
  "a URL of a file as a string": () => file.href,
};
for (const [name, source] of Object.entries(SOURCES)) {
  test(`slim: init takes ${name}`, async () => {
    const { init, load } = await loader("slim");
    assert.equal(await init(source()), undefined);
    assert.equal(answer(await load()), 42);
  });
}

test("slim: load before init throws NOT_INITIALIZED, with what to do", async () => {
  const { load } = await loader("slim");
  assert.throws(() => load(), { name: "LaminaError", code: "NOT_INITIALIZED", message: /await init\(source\)/ });
});

test("slim: load waits for an init that is under way", async () => {
  const { init, load } = await loader("slim");
  const { promise, resolve } = Promise.withResolvers?.() ?? later();
  const done = init(promise);
  const loading = load();
  resolve(WASM);
  assert.equal(answer(await loading), 42);
  await done;
});

test("slim: a second init compiles nothing again", async (t) => {
  const { init } = await loader("slim");
  const compile = t.mock.method(WebAssembly, "compile");
  await Promise.all([init(WASM), init(WASM)]);
  await init(WASM);
  assert.equal(compile.mock.callCount(), 1);
});

test("slim: after an init that failed, another may succeed", async () => {
  const { init, load } = await loader("slim");
  await assert.rejects(init(`${url}/missing`), /HTTP status 404/);
  assert.throws(() => load(), { code: "NOT_INITIALIZED" });
  await assert.rejects(init(Buffer.from("no module")), { name: "CompileError" });
  await assert.rejects(init(42), /init\(\) takes/);
  await init(WASM);
  assert.equal(answer(await load()), 42);
});

/** `Promise.withResolvers` for Node 20. */
function later() {
  let resolve;
  const promise = new Promise((fulfil) => (resolve = fulfil));
  return { promise, resolve };
}
