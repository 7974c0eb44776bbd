// The life of an app's execution as one function, for every runtime: list, inspect, execute, wait; one bad input, one wrong
// key. It is sent there as text, so it may use nothing but its arguments.

/**
 * @param {any} Lamina
 * @param {object} options of the client
 * @returns {Promise<object>} plain JSON, equal everywhere
 */
export async function lifeCycle(Lamina, options) {
  const codeOf = (promise) => promise.then(() => "resolved", (error) => error.code ?? String(error));
  const lamina = new Lamina(options);
  const apps = await lamina.listApps({ search: "full set" });
  const app = await lamina.getApp(apps[0].appId);
  const { nodes, edges } = await lamina.getWorkflow(app.appId);
  const inputs = { "Model  Ethnicity": "Asian", "Model Body type": "Standard " };
  const report = await lamina.validateInputs(app, inputs);
  const started = await lamina.execute(app.appId, inputs, { validate: app });
  const look = await lamina.getExecution(started.executionId);
  const statuses = [];
  const done = await lamina.waitForExecution(started, {
    pollIntervalMs: 20,
    onUpdate: ({ status }) => statuses.at(-1) !== status && statuses.push(status),
  });
  const watched = [];
  for await (const { status } of lamina.watchExecution(done.executionId)) watched.push(status);
  const bad = { "Model Body type": "Standard" };
  return {
    apps: apps.map(({ name }) => name),
    parameters: app.parameters.map(({ name }) => name),
    workflow: [nodes.length > 0, Array.isArray(edges)],
    valid: report.valid,
    started: started.status,
    look: look.executionId === started.executionId,
    last: statuses.at(-1),
    outputs: done.outputs.map(({ type, status, value }) => [type, status, typeof value]),
    watched,
    badInput: await codeOf(lamina.execute(app.appId, bad)),
    badInputHere: await codeOf(lamina.execute(app.appId, bad, { validate: true })),
    wrongKey: await codeOf(new Lamina({ ...options, apiKey: "lma_wrong" }).listApps()),
    noApp: await codeOf(lamina.getApp("no-such-app")),
    timedOut: await codeOf(lamina.waitForExecution((await lamina.execute(app.appId, {})).executionId, { timeoutMs: 30, pollIntervalMs: 10 })),
  };
}

/** What it gives for the simulator's own apps. */
export const EXPECTED = {
  apps: ["Full Set Catalog Generation"],
  parameters: ["Front", "Back", "Model Gender", "Model  Ethnicity", "Model Body type", "Model Hair color", "Model Hair Style"],
  workflow: [true, true],
  valid: true,
  started: "queued",
  look: true,
  last: "completed",
  outputs: [
    ["image", "completed", "string"],
    ["image", "completed", "string"],
    ["video", "completed", "string"],
    ["text", "completed", "string"],
  ],
  watched: ["completed"],
  badInput: "VALIDATION_ERROR",
  badInputHere: "INVALID_INPUTS",
  wrongKey: "AUTH_INVALID_KEY",
  noApp: "NOT_FOUND",
  timedOut: "WAIT_TIMEOUT",
};

/** How much faster than life the simulator runs: what takes half a minute there is over in a tenth of a second. */
export const SPEED = 300;
