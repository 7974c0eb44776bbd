// What a user writes, and what the types must refuse. It is checked, never run.

import { createSimulator, signWebhook, type Fault, type SimulatedApp } from "../../../pkg-template/simulator/index.js";
import { serve } from "../../../pkg-template/simulator/node.js";

const app: SimulatedApp = {
  name: "Mine",
  parameters: [{ name: "Style", type: "options", options: ["A", "B "] }],
  outputs: [{ label: "Out", type: "text", value: ({ inputs }) => String(inputs.Style) }],
};
const faults: Fault[] = [
  { kind: "status", status: 500, operation: "execute", times: 1 },
  { kind: "truncate", at: 0.3, reset: true, path: /^\/v1/ },
  { kind: "rate-limit", retryAfter: 2, probability: 0.1, processed: true },
];
const sim = createSimulator({ apps: [app], faults, speed: 100, rateLimit: { limit: 10 }, seed: "a", now: () => 0 });
const typed: typeof fetch = sim.fetch;
const response: Response = await typed(new URL("/api/apps", sim.baseUrl), { headers: { "x-api-key": sim.apiKey } });
const remove: () => void = sim.fault({ kind: "latency", ms: 5 });
const status: "queued" | "running" | "completed" | "failed" | "cancelled" | undefined = sim.executions.get("id")?.status;
const sent: string | undefined = sim.ledger.requests[0]?.headers["x-api-key"];
const headers: Record<string, string> = await signWebhook({ body: new Uint8Array(), timestamp: 1 });
const server = await serve(sim, { port: 0 });
await server.close();
sim.close();
export { response, remove, status, sent, headers };

// @ts-expect-error an operation that there is not
createSimulator({ faults: [{ kind: "network", operation: "list" }] });
// @ts-expect-error a pause needs to say how long
sim.fault({ kind: "latency" });
// @ts-expect-error an app needs a name
createSimulator({ apps: [{}] });
// @ts-expect-error the catalogue is replaced by an option, not in place
sim.apps = [];
