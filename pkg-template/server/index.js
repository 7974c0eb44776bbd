// @ts-check
// What only a back end needs: `lamina-wasm/server`. Web standards only, so that it runs on any Fetch-API host; `toNodeHandler`
// takes Node's objects as they are and imports nothing of Node.

export { toNodeHandler } from "./node-handler.js";
export { createProxyHandler } from "./proxy.js";
export { createWebhookHandler } from "./webhook-handler.js";
