// Builds the npm package: `node scripts/build.mjs [--features a,b] [--out pkg]`.
//
//   crate --wasm-pack--> module + glue --shrink--> small module + glue factory --bundle--> pkg/
//
// cargo knows when the crate has to be compiled again; the slow steps after it are skipped while their input stays the same.

import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { bundleAll } from "./build/bundle.mjs";
import { encode } from "./build/encode.mjs";
import { shrink, wasmPack } from "./build/module.mjs";
import { buildUnpacker } from "./build/unpacker.mjs";
import { declarations } from "./build/types.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TEXTS = ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"];

/** The module and its glue as the package needs them, from `work` if they were made there of the same input. */
function smallModule(raw, unpacker, work) {
  const scripts = readdirSync(join(ROOT, "scripts/build")).map((name) => readFileSync(join(ROOT, "scripts/build", name)));
  const key = createHash("sha256");
  for (const part of [raw.wasm, raw.glue, unpacker.packer, readFileSync(join(ROOT, "scripts/package-lock.json")), ...scripts]) key.update(part);
  const file = join(work, `${key.digest("hex").slice(0, 16)}.json`);
  if (!existsSync(file)) {
    const { wasm, named, glue, report } = shrink(raw);
    console.log(`  ${report}`);
    for (const old of existsSync(work) ? readdirSync(work) : []) if (old.endsWith(".json")) rmSync(join(work, old));
    writeFileSync(join(work, "named.wasm"), named); // for whoever looks at where the bytes are
    writeFileSync(file, JSON.stringify({ wasm: wasm.toString("base64"), glue, bytes: encode(wasm, unpacker) }));
  }
  const made = JSON.parse(readFileSync(file, "utf8"));
  return { ...made, wasm: Buffer.from(made.wasm, "base64") };
}

/** `package.json`, its version from the crate's manifest. */
function manifest() {
  const version = /^version = "(.+)"$/m.exec(readFileSync(join(ROOT, "Cargo.toml"), "utf8"))[1];
  const template = JSON.parse(readFileSync(join(ROOT, "pkg-template/package.json"), "utf8"));
  return `${JSON.stringify({ ...template, version }, null, 2)}\n`;
}

/**
 * Builds the package into the folder `out`.
 * @param {{ out?: string, features?: string[] }} [options]
 */
export async function buildPackage({ out = join(ROOT, "pkg"), features = [] } = {}) {
  const started = Date.now();
  const work = join(ROOT, "target/package", features.join("+") || "default");
  mkdirSync(work, { recursive: true });
  const env = { ...process.env, PATH: [join(ROOT, ".tools/bin"), process.env.PATH].join(delimiter) };

  const raw = wasmPack({ root: ROOT, out: join(work, "wasm-pack"), features, env });
  const { wasm, glue, bytes } = smallModule(raw, buildUnpacker({ root: ROOT, env }), work);
  const template = join(ROOT, "pkg-template");
  const files = new Map([
    ...(await bundleAll({ template, glue, bytes })),
    ...declarations(template),
    ["lamina_bg.wasm", wasm],
    ["package.json", manifest()],
  ]);

  const fresh = join(work, "pkg");
  rmSync(fresh, { recursive: true, force: true });
  for (const [name, content] of files) {
    mkdirSync(dirname(join(fresh, name)), { recursive: true });
    writeFileSync(join(fresh, name), content);
  }
  for (const name of TEXTS) cpSync(join(ROOT, name), join(fresh, name));
  rmSync(out, { recursive: true, force: true });
  renameSync(fresh, out);

  const kilobytes = (name) => `${(gzipSync(files.get(name), { level: 9 }).length / 1000).toFixed(1)} KB`;
  console.log(
    `built ${relative(ROOT, out)}/ in ${((Date.now() - started) / 1000).toFixed(1)} s; ` +
      `gzip: module ${kilobytes("lamina_bg.wasm")}, index.mjs ${kilobytes("index.mjs")}, core.mjs ${kilobytes("core.mjs")}`,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { out: { type: "string" }, features: { type: "string" } } });
  await buildPackage({ out: values.out && resolve(values.out), features: values.features?.split(",") });
}
