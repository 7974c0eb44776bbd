// @ts-check
// The JSON that each generation shows of apps and executions.

import { hasDefault } from "./apps.js";
import { mimeType } from "./outputs.js";

/**
 * @typedef {import("./router.js").Generation} Generation
 * @typedef {import("./apps.js").App} App
 */

/** @param {number | null} ms */
const date = (ms) => (ms === null ? null : new Date(ms).toISOString());

/**
 * @param {App} app
 * @param {Generation} generation
 */
export function appSummary(app, generation) {
  const { appId, name, description, isPublic } = app;
  if (generation === "api") return { appId, name, description, isPublic };
  const formats = unique(app.outputs.map(({ type }) => type));
  return {
    appId,
    name,
    description,
    isPublic,
    capabilities: {
      produces: formats,
      strengths: [],
      bestFor: [],
      limitations: [],
      outputFormats: formats,
      hasQualityControl: false,
      hasHumanApproval: false,
      generationStepCount: app.outputs.length,
      nodeTypes: unique(app.outputs.map(({ nodeType }) => nodeType)),
    },
    icon: null,
    modality: formats[0] ?? null,
    outputFormats: formats,
    inputSummary: {
      required: app.parameters.filter((parameter) => !hasDefault(parameter)).map(({ name, type }) => ({ name, type })),
      optional: app.parameters.filter(hasDefault).map(({ name, type }) => ({ name, type })),
      total: app.parameters.length,
    },
    thumbnail: null,
  };
}

/**
 * @param {App} app
 * @param {Generation} generation
 */
export function appDetail(app, generation) {
  const { appId, name, description } = app;
  const parameters = app.parameters.map((parameter) => parameterView(parameter, generation));
  if (generation === "api") return { appId, name, description, parameters };
  const outputs = app.outputs.map(({ label, type }, index) => ({ index, label, type }));
  return { appId, name, description, parameters, outputs };
}

/**
 * @param {import("./apps.js").Parameter} parameter
 * @param {Generation} generation
 */
function parameterView(parameter, generation) {
  const { id, givenId, key, name, type, required, multiple, description, accept, options, default: preset } = parameter;
  const rest = {
    ...(description === undefined ? {} : { description }),
    ...(accept ? { accept } : {}),
    ...(options ? { options } : {}),
    ...(preset === undefined ? {} : { default: preset }),
  };
  // Some apps of the older pages list parameters without ids.
  if (generation === "api") return { ...(givenId === undefined ? {} : { id: givenId }), name, type, required, ...rest };
  return { id, key, name, type, required: true, ...rest, ...(multiple ? { multiple } : {}) };
}

/** @param {App} app */
export function workflowView({ appId, name, outputs, edges }) {
  return { appId, name, nodes: outputs.map(({ id, nodeType }) => ({ id, type: nodeType, label: nodeType })), edges };
}

/**
 * @param {import("./executions.js").Execution} execution
 * @param {import("./executions.js").State} state
 * @param {Generation} generation
 */
export function executionView(execution, state, generation) {
  return {
    ...idView(execution, generation),
    workflowId: execution.appId,
    status: state.status,
    outputs: state.outputs.map((output) => outputView(output, generation)),
    ...lastView(execution, state),
    ...(generation === "runs" ? { progress: progressView(state) } : {}),
  };
}

/**
 * What the list shows: no outputs.
 *
 * @param {import("./executions.js").Execution} execution
 * @param {import("./executions.js").State} state
 */
export function runSummary(execution, state) {
  return {
    ...idView(execution, "runs"),
    workflowId: execution.appId,
    status: state.status,
    source: "api_app",
    ...lastView(execution, state),
  };
}

/**
 * @param {import("./executions.js").Execution} execution
 * @param {import("./executions.js").State} state
 * @param {Generation} generation
 */
export function startView(execution, state, generation) {
  const { webhookUrl } = execution;
  return {
    ...idView(execution, generation),
    workflowId: execution.appId,
    workflowName: execution.appName,
    status: state.status,
    ...(webhookUrl === undefined ? {} : { webhookUrl }),
    outputs: state.outputs.map((output) => outputView(output, generation)),
  };
}

/**
 * @param {import("./executions.js").Execution} execution
 * @param {import("./executions.js").State} state
 * @param {string} feedback
 */
export function refinedView(execution, { status, outputs, errorMessage }, feedback) {
  return {
    ...idView(execution, "runs"),
    status,
    summary: `Refined: ${feedback}`,
    refinedNodes: outputs.map(({ output }) => ({ nodeId: output.id, reason: feedback })),
    outputs: outputs.map((output) => outputView(output, "runs")),
    errorMessage,
  };
}

/**
 * @param {import("./executions.js").Execution} execution
 * @param {Generation} generation
 */
export function idView({ executionId }, generation) {
  return generation === "runs" ? { runId: executionId } : { executionId };
}

/**
 * @param {import("./executions.js").Execution} execution
 * @param {import("./executions.js").State} state
 */
function lastView({ createdAt }, { errorMessage, startedAt, completedAt }) {
  return { errorMessage, startedAt: date(startedAt), completedAt: date(completedAt), createdAt: date(createdAt) };
}

/**
 * `type` says how to read the value once there is one; until then, and for ever where it failed, it is `pending`.
 *
 * @param {import("./executions.js").OutputState} state
 * @param {Generation} generation
 */
function outputView({ output, status, value, error }, generation) {
  const done = status === "completed";
  return {
    id: output.id,
    label: output.label,
    type: done ? output.type : "pending",
    value,
    status,
    error,
    ...(done && generation === "runs" ? { mimeType: mimeType(output) } : {}),
  };
}

/** @param {import("./executions.js").State} state */
function progressView({ outputs }) {
  const count = (/** @type {string} */ status) => outputs.filter((output) => output.status === status).length;
  const completedOutputs = count("completed");
  const failedOutputs = count("error");
  const ended = completedOutputs + failedOutputs;
  const percentComplete = outputs.length === 0 ? null : Math.round((100 * ended) / outputs.length);
  return { totalOutputs: outputs.length, completedOutputs, failedOutputs, percentComplete };
}

/**
 * @template T
 * @param {T[]} items
 */
const unique = (items) => [...new Set(items)];
