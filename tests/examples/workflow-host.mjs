// Miniflare in a process of its own, which can be killed: it is told what to serve by its parent, says where it serves, and
// wakes an instance when it is asked to.

import { readFileSync } from "node:fs";
import { Miniflare } from "miniflare";

process.once("message", async ({ script, wasm, persist, bindings }) => {
  const miniflare = new Miniflare({
    modules: [
      { type: "ESModule", path: "worker.mjs", contents: script },
      { type: "CompiledWasm", path: wasm.name, contents: readFileSync(wasm.file) },
    ],
    compatibilityDate: "2026-04-01",
    bindings,
    workflows: { ORDERS: { name: "orders", className: "OrderWorkflow" } },
    workflowsPersist: persist,
  });
  process.send({ url: String(await miniflare.ready) });
  const { ORDERS } = await miniflare.getBindings();
  process.on("message", async ({ wake }) => (await ORDERS.get(wake)).sendEvent({ type: "wake", payload: null }));
});
process.once("disconnect", () => process.exit()); // the test is gone
