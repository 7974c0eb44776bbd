// A fresh page in Chromium: loading and evaluating the script, compiling the module, the first answer.

import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Browsers, serveFolder } from "../tests/matrix/lab/browsers.mjs";
import { bundleForPage } from "../tests/support/download.mjs";
import { installPackage, workFolder } from "../tests/support/install.mjs";
import { APP_ID, KEY } from "../tests/support/payloads.mjs";
import { beyond, interleave } from "./stats.mjs";

const LAMINA = `new Lamina({ apiKey: "${KEY}", baseUrl: origin, dangerouslyAllowBrowser: true }).getApp("${APP_ID}")`;
const SCRIPTS = {
  "bare fetch": `export const ask = (origin) => fetch(origin + "/api/apps/${APP_ID}", { headers: { "x-api-key": "${KEY}" } }).then((response) => response.json());`,
  "lamina-wasm": `import { Lamina } from "lamina-wasm"; export const ask = (origin) => ${LAMINA};`,
  "lamina-wasm/slim": `import { init, Lamina } from "lamina-wasm/slim"; init(fetch("/lamina_bg.wasm")); export const ask = (origin) => ${LAMINA};`,
};

/** The page itself: what it measures goes to `window.report`. */
const page = (script) => `<!doctype html><meta charset="utf-8"><title>start</title><script type="module">
  let compileMs = 0;
  for (const name of ["compile", "compileStreaming"]) {
    const compile = WebAssembly[name];
    WebAssembly[name] = async (source) => {
      const began = performance.now();
      const module = await compile.call(WebAssembly, source);
      compileMs = performance.now() - began;
      return module;
    };
  }
  const { origin } = JSON.parse(new URLSearchParams(location.search).get("options"));
  try {
    const began = performance.now();
    const { ask } = await import("${script}");
    const imported = performance.now();
    await ask(origin);
    const answered = performance.now();
    window.report = { importMs: imported - began, compileMs, firstCallMs: answered - imported, answerMs: answered - began };
  } catch (error) {
    window.report = { error: String(error) };
  }
</script>`;

/** @param {string} origin @returns {Promise<Record<string, ReturnType<typeof beyond>>>} by measure, by script */
export async function startInPage(origin, rounds = 9) {
  const { folder, root } = await installPackage();
  const work = workFolder(folder, "bench-page");
  const browsers = new Browsers();
  // Nothing is kept from page to page, neither the files nor their compiled code.
  const server = await serveFolder(work, { "cache-control": "no-store" });
  try {
    cpSync(join(root, "lamina_bg.wasm"), join(work, "lamina_bg.wasm"));
    const runs = {};
    for (const [index, [name, script]] of Object.entries(SCRIPTS).entries()) {
      writeFileSync(join(work, `${index}.js`), await bundleForPage(script, work));
      writeFileSync(join(work, `${index}.html`), page(`/${index}.js`));
      runs[name] = () => browsers.report(`${server.url}${index}.html`, { origin });
      await runs[name]();
    }
    const all = await interleave(runs, rounds);
    const pick = (measure) => beyond(Object.fromEntries(Object.entries(all).map(([name, samples]) => [name, samples.map((sample) => sample[measure])])), "bare fetch");
    return { importMs: pick("importMs"), compileMs: pick("compileMs"), firstCallMs: pick("firstCallMs"), answerMs: pick("answerMs") };
  } finally {
    await browsers.close();
    server.close();
    rmSync(work, { recursive: true });
  }
}
