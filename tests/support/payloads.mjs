// Replies in the shapes that the API documents.

export const KEY = "lma_test_5f1c2d7e9a";
export const APP_ID = "173692dd-0258-41bd-8a56-2cf9bbe89910";
export const EXECUTION_ID = "fc32ae7d-6840-4be3-8fb1-539a60e33fc3";

/** An app with names and labels as real ones are: double spaces within, spaces at the end. */
export const APP = {
  appId: APP_ID,
  name: "Full Set Catalog Generation",
  description: "Upload the front of your garment",
  parameters: [
    { name: "Front", type: "url", required: false, accept: ["image"], default: "https://media.example.com/front.jpg" },
    { name: "Model  Ethnicity", type: "options", required: false, options: ["Caucasian", "Asian", "African"] },
    { name: "Model Body type", type: "options", required: false, options: ["Standard ", "Plus Size", "Muscular"] },
    { name: "Style", type: "text", required: false },
  ],
};

export const SUMMARY = { appId: APP_ID, name: APP.name, description: APP.description, isPublic: true };

export const WORKFLOW = {
  appId: APP_ID,
  name: "test sync",
  nodes: [{ id: "n1", type: "aiDesignerNode", label: "AI Designer" }],
  edges: [{ source: "n1", target: "n2" }],
};

/** The answer to a start. */
export const STARTED = {
  executionId: EXECUTION_ID,
  workflowId: "80d4d454-8844-489f-b903-2ad65a414482",
  workflowName: "test sync",
  status: "queued",
  outputs: [{ id: "n1", label: "AI Designer", type: "pending", value: null, status: "pending", error: null }],
};

/** The answer to a look. */
export const execution = (status, more = {}) => ({
  executionId: EXECUTION_ID,
  workflowId: STARTED.workflowId,
  status,
  outputs: STARTED.outputs,
  errorMessage: null,
  startedAt: null,
  completedAt: null,
  ...more,
});

export const COMPLETED = execution("completed", {
  outputs: [{ id: "n1", label: "AI Designer", type: "image", value: "https://media.example.com/out.png", status: "completed", error: null }],
});

/** The paths of generation A. */
export const paths = {
  apps: "GET /api/apps",
  app: `GET /api/apps/${APP_ID}`,
  workflow: `GET /api/apps/${APP_ID}/workflow`,
  start: `POST /api/apps/${APP_ID}/executions`,
  look: `GET /api/executions/${EXECUTION_ID}`,
};
