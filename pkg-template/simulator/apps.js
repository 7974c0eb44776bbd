// @ts-check
// An app as the simulator holds it: what was given, with everything filled in that may be left out.

/**
 * @typedef {import("./index.js").CompleteApp["parameters"][number] & { givenId?: string }} Parameter
 * @typedef {import("./index.js").CompleteApp["outputs"][number]} Output
 * @typedef {Omit<import("./index.js").CompleteApp, "parameters"> & { parameters: Parameter[] }} App
 */

/** How long each kind takes in life, what it costs, and the node that makes it. */
const KINDS = {
  text: { durationMs: 3_000, credits: 1, nodeType: "aiWriterNode" },
  image: { durationMs: 9_000, credits: 5, nodeType: "aiDesignerNode" },
  audio: { durationMs: 6_000, credits: 3, nodeType: "aiVoiceNode" },
  video: { durationMs: 30_000, credits: 40, nodeType: "klingVideoNode" },
};

/**
 * @param {import("./index.js").SimulatedApp} app
 * @param {import("./random.js").Random} random
 * @returns {App}
 */
export function completeApp(app, random) {
  if (typeof app?.name !== "string") throw new TypeError("An app needs a name");
  const outputs = app.outputs ?? [{ label: "Image", type: "image" }];
  return {
    appId: app.appId ?? random.uuid(),
    name: app.name,
    description: app.description ?? null,
    isPublic: app.isPublic ?? true,
    denied: app.denied ?? false,
    queueMs: app.queueMs ?? 1_000,
    onOutputError: app.onOutputError ?? "fail",
    errorMessage: app.errorMessage,
    edges: app.edges ?? [],
    parameters: (app.parameters ?? []).map((parameter) => completeParameter(parameter, random)),
    outputs: outputs.map((output, index) => completeOutput(output, index, random)),
  };
}

/**
 * @param {import("./index.js").SimulatedParameter} parameter
 * @param {import("./random.js").Random} random
 * @returns {Parameter}
 */
function completeParameter(parameter, random) {
  return {
    ...parameter,
    id: parameter.id ?? random.uuid(),
    givenId: parameter.id,
    key: parameter.key ?? snakeCase(parameter.name),
    required: parameter.required ?? false,
    multiple: parameter.multiple ?? false,
  };
}

/**
 * @param {import("./index.js").SimulatedOutput} output
 * @param {number} index
 * @param {import("./random.js").Random} random
 * @returns {Output}
 */
function completeOutput(output, index, random) {
  const kind = KINDS[output.type];
  if (!kind) throw new TypeError(`An output's type is one of ${Object.keys(KINDS).join(", ")}`);
  const nodeType = output.nodeType ?? output.id?.split("-")[0] ?? kind.nodeType;
  const id = output.id ?? `${nodeType}-${1_773_051_929_782 + index}-${random.uuid().slice(-9)}`;
  return { credits: kind.credits, durationMs: kind.durationMs, ...output, id, nodeType };
}

/** @param {string} name */
function snakeCase(name) {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^_|_$/g, "");
}

/**
 * An empty default is one too.
 *
 * @param {Pick<Parameter, "default">} parameter
 */
export function hasDefault({ default: preset }) {
  return preset !== undefined && preset !== null;
}
