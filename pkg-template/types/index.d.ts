// The types of the package. They need no library but ES2022's: what comes from the host (`fetch`, `AbortSignal`, `URL`) is
// described by the members that are used, so that the ones of browsers, Node, Deno, Bun and workers all fit.

/** What an `AbortSignal` does, of whatever host or realm. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason?: any;
  addEventListener(type: "abort", listener: (this: any, event: any) => any, ...more: any[]): void;
  removeEventListener(type: "abort", listener: (this: any, event: any) => any, ...more: any[]): void;
}

/** What a `URL` is. */
export interface UrlLike {
  readonly href: string;
  toString(): string;
}

/** A `fetch` function. It is always called with a URL string and a plain init object. */
export type FetchLike = (url: string, init?: any) => Promise<any>;

/** The inputs of an execution: parameter names, exactly as the app has them, and values. */
export type Inputs = Record<string, unknown>;

/** Every code of a {@link LaminaError}. */
export type LaminaErrorCode =
  | "AUTH_MISSING_KEY"
  | "AUTH_INVALID_KEY"
  | "AUTH_INVALID_CONTEXT"
  | "AUTH_FAILED"
  | "FORBIDDEN"
  | "NOT_FOUND"
  | "VALIDATION_ERROR"
  | "RATE_LIMITED"
  | "WEBHOOK_INVALID_URL"
  | "WEBHOOK_INVALID_SECRET"
  | "RESOURCE_UNAVAILABLE"
  | "INTERNAL_ERROR"
  | "API_ERROR"
  | "NETWORK_ERROR"
  | "TIMEOUT"
  | "WAIT_TIMEOUT"
  | "INVALID_RESPONSE"
  | "INVALID_ARGUMENT"
  | "INVALID_INPUTS"
  | "EXECUTION_FAILED"
  | "EXECUTION_CANCELLED"
  | "WEBHOOK_INVALID_SIGNATURE"
  | "WEBHOOK_EXPIRED"
  | "WEBHOOK_MALFORMED"
  | "NOT_INITIALIZED"
  | "WASM_UNAVAILABLE"
  | "INTERNAL_PANIC"
  | "UNSUPPORTED";

/** The list of {@link LaminaErrorCode}. */
export const LAMINA_ERROR_CODES: readonly LaminaErrorCode[];

/**
 * What every function rejects with, but for an abort, which rejects with `signal.reason`.
 *
 * @example
 * ```js
 * try {
 *   await execute(appId, inputs);
 * } catch (error) {
 *   if (isLaminaError(error) && error.code === "RATE_LIMITED") await retryLater(error.retryAfterMs);
 *   else throw error;
 * }
 * ```
 */
export class LaminaError extends Error {
  constructor(
    code: LaminaErrorCode,
    message: string,
    more?: { cause?: unknown; retryable?: boolean | undefined; attempts?: number | undefined },
  );
  readonly name: "LaminaError";
  /** What went wrong. */
  readonly code: LaminaErrorCode;
  /** Whether the same call may be tried again. Never true for a start that may have happened. */
  readonly retryable: boolean;
  /** How many HTTP attempts were made. */
  readonly attempts: number;
  /** The HTTP status, where there was a reply. */
  readonly status?: number;
  /** The server's name of the request, for its support. */
  readonly requestId?: string;
  /** How long the server asked to be left alone, in milliseconds. */
  readonly retryAfterMs?: number;
  /** As the server sent it; for `INVALID_INPUTS` the list of {@link InputError}. */
  readonly details?: any;
  /** The execution that it is about: as it was last seen, for a wait. */
  readonly execution?: Execution;
  /** What was thrown first. */
  readonly cause?: unknown;
  /** For logs: everything but the stack and the cause. */
  toJSON(): Record<string, unknown>;
}

/** Whether `error` is a {@link LaminaError}, also of another copy of the package or another realm. */
export function isLaminaError(error: unknown): error is LaminaError;

/** What every function takes as (part of) its last argument. */
export interface RequestOptions {
  /** Aborts the call, which rejects at once with `signal.reason`. */
  signal?: AbortSignalLike | null | undefined;
  /** How long the call may take in all, retries included, in milliseconds. @default the client's, else 60 000 */
  timeoutMs?: number | undefined;
  /** How long one HTTP attempt may take, body included, in milliseconds. @default the client's, else 30 000 */
  attemptTimeoutMs?: number | undefined;
  /** How many further attempts may follow the first, where that is safe. @default the client's, else 3 */
  maxRetries?: number | undefined;
  /** Further headers; they replace the client's. */
  headers?: Record<string, string | undefined> | undefined;
}

/** An event of a client, for logs and metrics. It never holds the key. */
export type LaminaEvent =
  /** An HTTP attempt goes out; `url` is without its query. */
  | { type: "request"; method: "GET" | "POST"; url: string; attempt: number }
  /** An HTTP attempt was answered. */
  | { type: "response"; status: number; attempt: number; durationMs: number }
  /** Another attempt follows after a pause. */
  | { type: "retry"; code: LaminaErrorCode; attempt: number; delayMs: number }
  /** A wait looks at its execution after a pause. */
  | { type: "poll"; executionId: string; delayMs: number }
  /** The rate budget holds a request back. */
  | { type: "throttle"; delayMs: number };

/** The options of a client. */
export interface LaminaOptions {
  /**
   * The API key, or a function that gives it and is asked for every request. It belongs on a server.
   * @default the environment variable `LAMINA_API_KEY`
   */
  apiKey?: string | (() => string | Promise<string>) | undefined;
  /**
   * Where the API is; a path prefix is kept. `http:` only to this machine, unless `allowInsecureHttp`.
   * @default the environment variable `LAMINA_BASE_URL`, else "https://app.uselamina.ai"
   */
  baseUrl?: string | UrlLike | undefined;
  /** Which header carries the key. @default "x-api-key" */
  auth?: "x-api-key" | "bearer" | undefined;
  /** Sent as `x-workspace-id`; it must be the key's workspace (documented in the API's authentication page). */
  workspaceId?: string | undefined;
  /** Which generation of the API is spoken. @default "api" */
  apiVersion?: "api" | "v1" | "v1-executions" | undefined;
  /** @default the global `fetch`, looked up at each call */
  fetch?: FetchLike | undefined;
  /** Further headers on every request. */
  headers?: Record<string, string | undefined> | undefined;
  /** How long one call may take in all, in milliseconds. It settles by then, always. @default 60 000 */
  timeoutMs?: number | undefined;
  /** How long one HTTP attempt may take, body included, in milliseconds. @default 30 000 */
  attemptTimeoutMs?: number | undefined;
  /** How many further attempts may follow the first, where that is safe. @default 3 */
  maxRetries?: number | undefined;
  /**
   * The longest pause that a server may ask for, in milliseconds; for a longer one the call rejects at once.
   * @default 60 000
   */
  maxRetryAfterMs?: number | undefined;
  /**
   * How many requests all calls of this client send in any 60 seconds; `Infinity` switches it off. (The API documents 100 a
   * minute.)
   * @default 100
   */
  requestsPerMinute?: number | undefined;
  /** Your own back end, which everything is sent to instead, without a key: an absolute URL or a path of the page's origin. */
  proxyUrl?: string | UrlLike | undefined;
  /** Allows an API key in a page, where everybody who opens it can read it. @default false */
  dangerouslyAllowBrowser?: boolean | undefined;
  /** Allows `http:` to other machines. @default false */
  allowInsecureHttp?: boolean | undefined;
  /** Sees what the client does. What it throws is ignored. */
  onEvent?: ((event: LaminaEvent) => void) | undefined;
}

/** The options of {@link listApps}. */
export interface ListAppsOptions extends RequestOptions {
  /** Only apps that match. */
  search?: string | undefined;
  /** At most so many: a whole number, 1 or more. */
  limit?: number | undefined;
}

/** The options of {@link execute}. */
export interface ExecuteOptions extends RequestOptions {
  /** An http(s) URL that Lamina calls when the execution is over. */
  webhook?: string | UrlLike | undefined;
  /**
   * Checks the inputs before anything is sent: against this app, or against the app as the server has it (remembered for 5
   * minutes). @default false
   */
  validate?: boolean | App | undefined;
  /** Only the outputs with these labels; `apiVersion: "v1"` alone. @default all */
  outputs?: readonly string[] | undefined;
}

/** The options of a wait. */
export interface WaitOptions extends RequestOptions {
  /** How long the wait may take, in milliseconds. @default 1 800 000 (30 minutes) */
  timeoutMs?: number | undefined;
  /**
   * The pause between two looks, in milliseconds. A number fixes it; otherwise it is a tenth of the execution's age within
   * these bounds, ±10 %. @default { min: 3000, max: 15000 }
   */
  pollIntervalMs?: number | { min?: number | undefined; max?: number | undefined } | undefined;
  /** Called at the first look and at every change. What it throws rejects the wait. */
  onUpdate?: ((execution: Execution) => void | Promise<void>) | undefined;
  /** Whether an execution that failed or was cancelled rejects the wait. @default true */
  throwOnFailure?: boolean | undefined;
  /** How the wait learns of changes. @default "poll" */
  transport?: "poll" | undefined;
}

/** The options of {@link run}. */
export interface RunOptions extends ExecuteOptions, WaitOptions {
  /** How long the start and the wait may take together, in milliseconds. @default 1 800 000 (30 minutes) */
  timeoutMs?: number | undefined;
}

/** One request of {@link runAll}; its own options replace the shared ones. */
export interface RunRequest extends RunOptions {
  appId: string;
  inputs?: Inputs | undefined;
}

/** The options of {@link runAll}. */
export interface RunAllOptions extends RunOptions {
  /** How many are started and not taken yet, at most. @default 10 */
  concurrency?: number | undefined;
}

/** How one request of {@link runAll} ended. */
export type RunOutcome<Request = RunRequest> =
  | { index: number; request: Request; execution: CompletedExecution; error?: undefined }
  | { index: number; request: Request; execution?: undefined; error: unknown };

/** An app, as a list has it. Members that this version does not know are kept. */
export interface AppSummary {
  appId: string;
  name: string;
  description?: string | null;
  isPublic?: boolean;
  [member: string]: unknown;
}

/** An app with its parameters. */
export interface App {
  appId: string;
  name: string;
  description?: string | null;
  parameters: Parameter[];
  [member: string]: unknown;
}

/** A parameter of an app. */
export interface Parameter {
  /** What inputs are named by, exactly: real names hold double and trailing spaces. */
  name: string;
  type: "text" | "options" | "url" | (string & {});
  id?: string;
  /** A name in snake case, which `apiVersion: "v1"` takes too. */
  key?: string;
  required?: boolean;
  description?: string | null;
  /** The labels to choose from, exactly as they are sent. */
  options?: string[];
  default?: unknown;
  /** What a URL may lead to. */
  accept?: string[];
  /** Whether a list is taken as well. */
  multiple?: boolean;
  [member: string]: unknown;
}

/** The graph of an app. */
export interface Workflow {
  appId?: string;
  name?: string;
  nodes: WorkflowNode[];
  edges: WorkflowEdge[];
  [member: string]: unknown;
}

/** A step of a {@link Workflow}. */
export interface WorkflowNode {
  id: string;
  type: string;
  label: string;
  [member: string]: unknown;
}

/** From one step of a {@link Workflow} to another. */
export interface WorkflowEdge {
  source: string;
  target: string;
  [member: string]: unknown;
}

/** `completed`, `failed` and `cancelled` are final; any other status, known or not, is not. */
export type ExecutionStatus = "queued" | "running" | "completed" | "failed" | "cancelled" | (string & {});

/** An execution. Members that this version does not know are kept. */
export interface Execution {
  executionId: string;
  status: ExecutionStatus;
  workflowId?: string;
  /** Only in the answer to a start. */
  workflowName?: string;
  /** Only in the answer to a start with a webhook. */
  webhookUrl?: string;
  /** Placeholders at first, which fill in one by one. */
  outputs?: Output[];
  errorMessage?: string | null;
  /** ISO 8601. */
  createdAt?: string;
  /** ISO 8601; null until it starts. */
  startedAt?: string | null;
  /** ISO 8601; null until it is over. */
  completedAt?: string | null;
  [member: string]: unknown;
}

/** An execution that is over. */
export interface CompletedExecution extends Execution {
  /** "completed", unless `throwOnFailure` is false. */
  status: "completed" | "failed" | "cancelled";
  outputs: Output[];
}

/** An output of an execution. Labels are not unique: tell outputs apart by `id`. */
export interface Output {
  id: string;
  label: string;
  /** How to read `value`, once `status` is "completed"; "pending" before. */
  type: "pending" | "image" | "video" | "audio" | "text" | (string & {});
  /** A URL or a text; null until it is there. */
  value: any;
  status?: "pending" | "completed" | "error" | "cancelled" | (string & {});
  error?: string | null;
  [member: string]: unknown;
}

/** One thing that is wrong with inputs. */
export interface InputError {
  /** The input's name, as it was given. */
  parameter: string;
  code: "invalid_option" | "invalid_type" | "invalid_url" | "unknown_parameter" | "missing_no_default";
  message: string;
  /** The nearest label, or the nearest name. */
  suggestion?: string;
}

/** What {@link validateInputs} found. */
export interface InputReport {
  /** Whether there are no errors; warnings do not count. */
  valid: boolean;
  /** What the server would refuse. */
  errors: InputError[];
  /** What it lets pass, but hardly as it was meant. */
  warnings: InputError[];
}

/** The state of a wait: plain JSON, to be stored and given back as it is. It holds no key. */
export interface PollState {
  v: 1;
  executionId: string;
  [member: string]: unknown;
}

/** What {@link pollStep} is told. */
export interface PollObservation {
  /** The time, as `Date.now()` gives it. */
  now: number;
  /** The first observation names the execution, by its id or by `execution`. */
  executionId?: string | undefined;
  /** The execution, where it was looked at. */
  execution?: Execution | undefined;
  /** The error, where the look failed: a {@link LaminaError}, or its JSON. */
  error?: unknown;
  /** With the first observation. */
  options?: Pick<WaitOptions, "timeoutMs" | "pollIntervalMs" | "throwOnFailure"> | undefined;
}

/** What to do next. */
export type PollNext =
  /** Look at the execution after so many milliseconds, and tell what was seen. */
  | { type: "poll"; afterMs: number }
  /** The wait is over. */
  | { type: "done"; execution: CompletedExecution }
  /** The wait failed. */
  | { type: "fail"; error: LaminaError };

/**
 * A client. The constructor never throws: a bad option, or no key at all, rejects every call before anything is sent. Nor do the
 * methods throw; they reject.
 */
export class Lamina {
  constructor(options?: LaminaOptions);
  /** See {@link listApps}. */
  listApps(options?: ListAppsOptions): Promise<AppSummary[]>;
  /** See {@link getApp}. */
  getApp(appId: string, options?: RequestOptions): Promise<App>;
  /** See {@link getWorkflow}. */
  getWorkflow(appId: string, options?: RequestOptions): Promise<Workflow>;
  /** See {@link validateInputs}. */
  validateInputs(app: App | string, inputs: Inputs, options?: RequestOptions): Promise<InputReport>;
  /** See {@link execute}. */
  execute(appId: string, inputs?: Inputs, options?: ExecuteOptions): Promise<Execution>;
  /** See {@link getExecution}. */
  getExecution(executionId: string, options?: RequestOptions): Promise<Execution>;
  /** See {@link waitForExecution}. */
  waitForExecution(execution: Execution | string, options?: WaitOptions): Promise<CompletedExecution>;
  /** See {@link watchExecution}. */
  watchExecution(execution: Execution | string, options?: WaitOptions): AsyncIterableIterator<Execution>;
  /** See {@link run}. */
  run(appId: string, inputs?: Inputs, options?: RunOptions): Promise<CompletedExecution>;
  /** See {@link runAll}. */
  runAll<Request extends RunRequest>(
    requests: Iterable<Request> | AsyncIterable<Request>,
    options?: RunAllOptions,
  ): AsyncIterableIterator<RunOutcome<Request>>;
  /** See {@link pollStep}. */
  pollStep(state: PollState | null | undefined, observation: PollObservation): Promise<{ state: PollState; next: PollNext }>;
}

/** Replaces the default client, which the functions below use. */
export function configure(options?: LaminaOptions): void;

/** The default client: made on first use, from the environment, unless {@link configure} made it. */
export function getDefaultClient(): Lamina;

/**
 * The apps that the key may use.
 * @example
 * ```js
 * for (const { appId, name } of await listApps({ search: "cartoon" })) console.log(appId, name);
 * ```
 */
export const listApps: Lamina["listApps"];

/** One app, with its parameters. Rejects with `NOT_FOUND` where there is none. */
export const getApp: Lamina["getApp"];

/** The graph of an app. */
export const getWorkflow: Lamina["getWorkflow"];

/**
 * Checks inputs as the server is documented to, without sending them. An app's id is looked up (and remembered for 5 minutes).
 */
export const validateInputs: Lamina["validateInputs"];

/**
 * Starts an execution, and resolves as soon as it is queued. It is never sent twice unless the server refused it before any
 * work: after a lost answer it may run already, and be billed.
 *
 * @example
 * ```js
 * const { executionId } = await execute(appId, { Style: "Ghibli" }, { validate: true });
 * ```
 */
export const execute: Lamina["execute"];

/** One look at an execution. */
export const getExecution: Lamina["getExecution"];

/**
 * Waits until an execution is over. Rejects with `EXECUTION_FAILED` or `EXECUTION_CANCELLED` where it ended so, and with
 * `WAIT_TIMEOUT` when its time is over; the execution is on `error.execution`.
 *
 * @example
 * ```js
 * const { outputs } = await waitForExecution(executionId, { onUpdate: ({ status }) => console.log(status) });
 * ```
 */
export const waitForExecution: Lamina["waitForExecution"];

/**
 * The changes of an execution, one after the other, the final one last; then it ends, or throws as {@link waitForExecution}
 * rejects. Leaving the loop ends the wait.
 */
export const watchExecution: Lamina["watchExecution"];

/** {@link execute}, then {@link waitForExecution}. */
export const run: Lamina["run"];

/**
 * Many runs side by side, given out in the order in which they end. One failure never ends the others. Leaving the loop ends the
 * waits; executions that were started go on.
 */
export const runAll: Lamina["runAll"];

/**
 * The polling state machine as a pure step, for durable engines: no clock, no timer, no request. A state of a newer version is
 * refused with `INVALID_ARGUMENT`.
 */
export const pollStep: Lamina["pollStep"];
