// Compiled, never run: what browsers, workers and Node have fits where the declarations ask for it.

import { Lamina, listApps, run } from "lamina-wasm";
import { init } from "lamina-wasm/slim";
import module from "lamina-wasm/lamina_bg.wasm";

export async function host() {
  const controller = new AbortController();
  await listApps({ signal: controller.signal });
  await run("a", {}, { signal: AbortSignal.timeout(1_000), webhook: new URL("https://me.example/hook") });
  new Lamina({ fetch, baseUrl: new URL("https://gateway.example/lamina") });
  new Lamina({ fetch: globalThis.fetch, proxyUrl: "/api/lamina" });
  new Lamina({ fetch: async () => new Response("{}") });
  new Lamina({ fetch: (url, init) => fetch(url, { ...init }) });
  await init(fetch("https://cdn.example/lamina_bg.wasm"));
  await init(new URL("https://cdn.example/lamina_bg.wasm"));
  await init(module);
}
