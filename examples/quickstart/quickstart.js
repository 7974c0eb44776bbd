// The whole life cycle of a Lamina app: list, inspect, execute, wait, and what a refusal looks like.
//
//   LAMINA_API_KEY=lma_… node quickstart.js [appId] ['{"Parameter": "value"}']
//
// The key and, if set, LAMINA_BASE_URL are read from the environment by the client itself.

import { Lamina, execute, getApp, isLaminaError, listApps, waitForExecution } from "lamina-wasm";
import { present } from "./outputs.js";
import { showProgress } from "./progress.js";

const [appId, inputsAsJson] = process.argv.slice(2);

async function main() {
  const apps = await listApps({ limit: 10 });
  console.log("Apps:");
  for (const { appId, name } of apps) console.log(`  ${appId}  ${name}`);
  if (apps.length === 0) throw new Error("This key sees no app.");

  const app = await getApp(appId ?? apps[0].appId);
  console.log(`\nInputs of ${app.name}:`);
  for (const { name, type, options, default: preset } of app.parameters) {
    const hints = [type, options && `one of ${JSON.stringify(options)}`, preset && `default ${preset}`];
    console.log(`  ${JSON.stringify(name)}  ${hints.filter(Boolean).join(", ")}`);
  }

  const inputs = inputsAsJson ? JSON.parse(inputsAsJson) : exampleInputs(app);
  console.log(`\nExecuting with ${JSON.stringify(inputs)}`);
  const started = await execute(app.appId, inputs, { validate: app });
  const progress = showProgress(process.stdout);
  const done = await waitForExecution(started, { onUpdate: progress.update }).finally(progress.end);

  console.log(`\nExecution ${done.executionId} is ${done.status}:`);
  for (const output of done.outputs) console.log(`  ${output.label} (${output.type}): ${await present(output)}`);

  await showRefusals(app);
  return done.status === "completed";
}

/** Bad input costs nothing: it is refused here, before anything is sent. So is an unknown key, by the server. */
async function showRefusals(app) {
  const choice = app.parameters.find(({ type }) => type === "options");
  console.log("\nWhat a refusal looks like:");
  if (choice) await refused("a bad input", execute(app.appId, { [choice.name]: "no such option" }, { validate: app }));
  await refused("a wrong key", new Lamina({ apiKey: "lma_wrong" }).listApps());
}

async function refused(what, call) {
  try {
    await call;
    throw new Error(`${what} was not refused.`);
  } catch (error) {
    if (!isLaminaError(error)) throw error;
    console.log(`  ${what}: ${error.code}: ${error.message}`);
  }
}

/** The defaults, the first option, or a text or picture that every app can take. */
function exampleInputs({ parameters }) {
  const example = ({ name, type, options }) =>
    type === "options" ? options?.[0] : type === "url" ? "https://picsum.photos/id/237/512" : `An example ${name}`;
  const open = parameters.filter((parameter) => parameter.default === undefined || parameter.default === null);
  return Object.fromEntries(open.map((parameter) => [parameter.name, example(parameter)]));
}

main().then(
  (completed) => {
    process.exitCode = completed ? 0 : 1;
  },
  (error) => {
    console.error(isLaminaError(error) ? `${error.code}: ${error.message}` : error);
    process.exitCode = 1;
  },
);
