// What is compared, by name.

export const OURS = "lamina-wasm";
/** What somebody writes without a client. */
export const REFERENCE = "hand-written";
/** The packages beside ours. */
export const PEERS = ["replicate", "@fal-ai/client", "@runwayml/sdk", "stripe", "openai"];
