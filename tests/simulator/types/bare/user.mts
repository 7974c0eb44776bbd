// What a user writes where the host's types are unknown. It is checked, never run.

import { createSimulator } from "../../../../pkg-template/simulator/index.js";
import { serve } from "../../../../pkg-template/simulator/node.js";

const sim = createSimulator({ webhookFetch: async (url, init) => sim.fetch(url, { method: "POST", body: init.body ?? "" }) });
const response = await sim.fetch(`${sim.baseUrl}/api/apps`, { headers: { "x-api-key": sim.apiKey } });
const status: number = response.status;
const text: string = await response.text();
const { url } = await serve(sim);
export { status, text, url };

// @ts-expect-error a status is a number
export const wrong: string = response.status;
