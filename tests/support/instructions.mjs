// How many instructions the module executes for what users do. Time, chance and the network are the program's own, so that the
// numbers repeat exactly.

import { runChild } from "./child.mjs";

const here = (file) => JSON.stringify(new URL(file, import.meta.url).href);

const PROGRAM = `
import { countInstructions } from ${here("count-instructions.mjs")};
import { APP, APP_ID, COMPLETED, execution, EXECUTION_ID, STARTED, SUMMARY } from ${here("payloads.mjs")};
import { virtualTime } from ${here("virtual-time.mjs")};

let instance;
// At once, for the time of this process stands still meanwhile.
WebAssembly.compile = async (bytes) => new WebAssembly.Module(countInstructions(bytes));
WebAssembly.instantiate = async (module, imports) => (instance = new WebAssembly.Instance(module, imports));
const count = () => Number(Object.values(instance.exports).find((one) => one instanceof WebAssembly.Global && typeof one.value === "bigint").value);
Math.random = () => 0.5;

const { Lamina } = await import("lamina-wasm");
let answers;
const fetch = async () => {
  const data = answers.length > 1 ? answers.shift() : answers[0];
  return { status: 200, headers: { get: () => null }, text: async () => JSON.stringify({ data }) };
};
const lamina = new Lamina({ apiKey: "k", baseUrl: "https://api.example.com", requestsPerMinute: 1_000, fetch });
answers = [APP];
// Before time is the program's own, for this loads the module.
await lamina.getApp(APP_ID);
const firstCall = count();
const time = virtualTime({ after() {} });
/** What one more \`call\` executes, when the module has its memory and the client is open. The last answer is for all that follow. */
const cost = async (call, ...given) => {
  const act = () => {
    answers = [...given];
    return call();
  };
  for (let n = 0; n < 3; n++) await time.pass(600_000, act());
  await time.pass(600_000);
  const before = count();
  await time.pass(600_000, act());
  return count() - before;
};

const inputs = { "Model  Ethnicity": "Asian", Style: "Ghibli" };
const list = (length) => Array.from({ length }, (_, n) => ({ ...SUMMARY, appId: "app-" + n }));
console.log(JSON.stringify({
  firstCall,
  getApp: await cost(() => lamina.getApp(APP_ID), APP),
  listApps: await cost(() => lamina.listApps({ search: "a b", limit: 100 }), list(100)),
  validateInputs: await cost(() => lamina.validateInputs(APP, inputs)),
  execute: await cost(() => lamina.execute(APP_ID, inputs), STARTED),
  getExecution: await cost(() => lamina.getExecution(EXECUTION_ID), execution("running")),
  waitFor20Looks: await cost(() => lamina.waitForExecution(EXECUTION_ID, { pollIntervalMs: 1_000 }), ...Array(19).fill(execution("running")), COMPLETED),
}));
`;

/**
 * @param {{ folder: string }} installed
 * @returns {Promise<Record<string, number>>}
 */
export async function instructions({ folder }) {
  const { status, stdout, stderr } = await runChild(folder, PROGRAM, { timeoutMs: 60_000 });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
