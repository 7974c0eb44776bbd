// Compiled, never run: what the declarations promise, and (by the errors that are expected) what they refuse.

import {
  type App,
  type AppSummary,
  type CompletedExecution,
  type Execution,
  type InputReport,
  LAMINA_ERROR_CODES,
  Lamina,
  LaminaError,
  type LaminaErrorCode,
  type LaminaEvent,
  type LaminaOptions,
  type PollNext,
  type PollState,
  type RunOutcome,
  type Workflow,
  configure,
  execute,
  getApp,
  getDefaultClient,
  getExecution,
  getWorkflow,
  isLaminaError,
  listApps,
  pollStep,
  run,
  runAll,
  validateInputs,
  waitForExecution,
  watchExecution,
} from "lamina-wasm";
import { createSimulator } from "lamina-wasm/simulator";
import { serve } from "lamina-wasm/simulator/node";
import { init, listApps as slimListApps } from "lamina-wasm/slim";

/** Fails to compile unless the two types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(..._: Same<A, B> extends true ? [] : ["the types differ", A, B]): void {}

export async function functions() {
  const apps = await listApps({ search: "cartoon", limit: 5, timeoutMs: 1_000 });
  same<typeof apps, AppSummary[]>();
  const app = await getApp("a", { headers: { "x-trace": "1" }, maxRetries: 0 });
  same<typeof app, App>();
  same<string, (typeof app.parameters)[number]["name"]>();
  same<Workflow, Awaited<ReturnType<typeof getWorkflow>>>();
  const report = await validateInputs(app, { Style: "Ghibli" });
  same<typeof report, InputReport>();
  await validateInputs("a", {});
  const started = await execute("a", { Style: "Ghibli" }, { webhook: "https://me.example/hook", validate: app });
  same<typeof started, Execution>();
  await execute("a");
  same<Execution, Awaited<ReturnType<typeof getExecution>>>();
  const done = await waitForExecution(started, {
    pollIntervalMs: { min: 100 },
    onUpdate: ({ status, outputs }) => console.log(status, outputs?.length),
    throwOnFailure: false,
  });
  same<typeof done, CompletedExecution>();
  same<"completed" | "failed" | "cancelled", typeof done.status>();
  // What the API adds later is kept, and `unknown`.
  same<unknown, (typeof done)["somethingNew"]>();
  console.log(done.outputs.map(({ id, label, type, value }) => [id, label, type, value]), done["progress"]);
  for await (const execution of watchExecution("e")) same<typeof execution, Execution>();
  await run("a", { Style: "Ghibli" }, { validate: true, onUpdate: async () => {} });

  const requests = [{ appId: "a", inputs: {}, tag: 7 }];
  for await (const outcome of runAll(requests, { concurrency: 2 })) {
    same<typeof outcome, RunOutcome<(typeof requests)[number]>>();
    console.log(outcome.request.tag, outcome.execution?.outputs);
  }

  const { state, next } = await pollStep(null, { now: Date.now(), executionId: "e" });
  same<typeof state, PollState>();
  same<typeof next, PollNext>();
  if (next.type === "poll") same<number, typeof next.afterMs>();
  else if (next.type === "fail") same<LaminaError, typeof next.error>();
  else same<CompletedExecution, typeof next.execution>();
  await pollStep(state, { now: Date.now(), error: new Error("x") });
  await pollStep(JSON.parse(JSON.stringify(state)), { now: Date.now(), execution: started });

  configure({ apiKey: "k" });
  same<Lamina, ReturnType<typeof getDefaultClient>>();
  await init(new Uint8Array());
  await init(Promise.resolve(new ArrayBuffer(0)));
  await slimListApps();
}

interface CartoonInputs {
  Style: string;
  "Model  Ethnicity"?: string;
}

/** Inputs whose type is an interface, and what a database gave back of an app. */
export async function ownTypes(inputs: CartoonInputs, stored: Pick<App, "parameters">) {
  await execute("a", inputs, { validate: stored });
  await validateInputs(stored, inputs);
  for await (const { execution, error } of runAll([{ appId: "a", inputs }])) {
    // Either one or the other.
    if (execution) same<CompletedExecution, typeof execution>();
    else same<unknown, typeof error>();
  }
}

export function statuses(execution: Execution) {
  const { status, outputs } = execution;
  // Known ones complete and narrow, others are no error.
  if (status === "completed" || status === "paused") console.log(outputs?.length);
  // @ts-expect-error: the server may leave the outputs out
  outputs.length;
}

export function errors(error: unknown) {
  if (isLaminaError(error)) {
    same<typeof error, LaminaError>();
    same<LaminaErrorCode, typeof error.code>();
    console.log(error.status?.toFixed(), error.retryAfterMs, error.requestId, error.execution?.status, error.toJSON());
    // @ts-expect-error: no such code
    if (error.code === "NO_SUCH_CODE") return;
  }
  same<LaminaErrorCode, (typeof LAMINA_ERROR_CODES)[number]>();
  // A tuple, as the enums of schema libraries ask for.
  const codes: readonly [LaminaErrorCode, ...LaminaErrorCode[]] = LAMINA_ERROR_CODES;
  console.log(codes);
  new LaminaError("TIMEOUT", "too late", { cause: error });
}

export function clients() {
  const onEvent = (event: LaminaEvent) => {
    if (event.type === "response") same<number, typeof event.status>();
    else if (event.type === "throttle") same<number, typeof event.delayMs>();
    else if (event.type === "retry") same<LaminaErrorCode, typeof event.code>();
    else if (event.type === "poll") same<string, typeof event.executionId>();
    else same<"GET" | "POST", typeof event.method>();
  };
  // A duck is a reply too.
  new Lamina({ fetch: async (url, init) => ({ status: 200, text: async () => url + init.headers["x-api-key"] }) });
  const options: LaminaOptions = { apiKey: async () => "k", auth: "bearer", apiVersion: "v1", onEvent };
  const simulator = createSimulator({ speed: 100, faults: [{ kind: "latency", ms: 5 }] });
  new Lamina({ ...options, fetch: simulator.fetch, requestsPerMinute: Infinity });
  new Lamina({ apiKey: undefined, baseUrl: undefined });
  new Lamina();
  return serve(simulator, { port: 0 }).then(({ url, close }) => [url, close]);
}

export function refused(lamina: Lamina) {
  // @ts-expect-error: a number is no id
  lamina.getApp(5);
  // @ts-expect-error: no such option value
  new Lamina({ auth: "basic" });
  // @ts-expect-error: a word is no time
  lamina.listApps({ timeoutMs: "1s" });
  // @ts-expect-error: the inputs are an object
  lamina.execute("a", "Ghibli");
  // @ts-expect-error: nor a list
  lamina.execute("a", ["Ghibli"]);
  // @ts-expect-error: no signal
  lamina.listApps({ signal: true });
  // @ts-expect-error: the time is missing
  lamina.pollStep(null, {});
  // @ts-expect-error: no such way
  lamina.waitForExecution("e", { transport: "websocket" });
  // @ts-expect-error: a request names its app
  lamina.runAll([{ inputs: {} }]);
  // @ts-expect-error: `fetch` is called with a string
  new Lamina({ fetch: async (count: number) => ({ status: count }) });
  // @ts-expect-error: and gives a promise of a reply
  new Lamina({ fetch: () => ({ status: 200 }) });
  // @ts-expect-error: no event has this type
  new Lamina({ onEvent: (event) => event.type === "abort" });
  // @ts-expect-error: a number holds no module
  init(5);
}
