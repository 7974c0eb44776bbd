// The types of the package. They need no library but ES2022's: what comes from the host (`fetch`, `AbortSignal`, `URL`) is
// described by the members that are used, so that the ones of browsers, Node, Deno, Bun and workers all fit.

/** What an `AbortSignal` does, of whatever host or realm. */
export interface AbortSignalLike {
  /** Whether it has fired. */
  readonly aborted: boolean;
  /** What the call rejects with. */
  readonly reason?: any;
  addEventListener(type: "abort", listener: (this: any, event: any) => any, ...more: any[]): void;
  removeEventListener(type: "abort", listener: (this: any, event: any) => any, ...more: any[]): void;
}

/** What a `URL` is. */
export interface UrlLike {
  readonly href: string;
  toString(): string;
}

/** What a {@link FetchLike} is called with beside the URL: a plain object. */
export interface FetchInit {
  method: "GET" | "POST";
  /** Names in lower case. One of them holds the key. */
  headers: Record<string, string>;
  /** JSON, with POST only. */
  body?: string;
  /** No redirect is followed: it would carry the key to another host. */
  redirect: "manual";
  /**
   * The host's own `AbortSignal`, of one attempt. Its type is the host's too, so that `init` can be handed on to `fetch`.
   */
  signal: any;
}

/** What is read of a reply: a `Response`, of any realm, or an object like one. */
export interface ResponseLike {
  readonly status: number;
  readonly headers?:
    | { get(name: string): string | null | undefined }
    | Readonly<Record<string, string | undefined>>
    | undefined;
  /** The body. */
  text?(): PromiseLike<string>;
  /** The body parsed, where there is no `text`. */
  json?(): PromiseLike<unknown>;
}

/** A `fetch` function. It is always called with a URL string and a plain init object. */
export type FetchLike = (url: string, init: FetchInit) => PromiseLike<ResponseLike>;

/**
 * The inputs of an execution: parameter names, exactly as the app has them, and values that JSON can carry. No list.
 *
 * The values are `any` because `unknown` would refuse an object whose type is an interface.
 */
export type Inputs = Record<string, any> & { readonly [Symbol.iterator]?: never };

/**
 * Every code of a {@link LaminaError}, frozen. The first twelve are the server's own (documented in the API's errors page),
 * or mapped from the HTTP status where a reply names none: 401, 403, 404, 400 and 422, 429, 503, other 5xx.
 */
export const LAMINA_ERROR_CODES: readonly [
  /** No key: neither in the options, nor in the environment, nor (says the server) in the request. */
  "AUTH_MISSING_KEY",
  /** The server does not know the key, or it was revoked. */
  "AUTH_INVALID_KEY",
  /** The key's record lacks a workspace or a user. */
  "AUTH_INVALID_CONTEXT",
  /** The server could not check the key; no work was done. */
  "AUTH_FAILED",
  /** Another workspace's, or not allowed. */
  "FORBIDDEN",
  /** No such app or execution in this workspace. */
  "NOT_FOUND",
  /** The server refused the inputs or the body. */
  "VALIDATION_ERROR",
  /** More requests than the server's limit allows; `retryAfterMs` says how long to stay away. */
  "RATE_LIMITED",
  /** The server refused the webhook's URL. */
  "WEBHOOK_INVALID_URL",
  /** The secret of an inbound trigger does not match. */
  "WEBHOOK_INVALID_SECRET",
  /** The service is not configured, or down for the moment. */
  "RESOURCE_UNAVAILABLE",
  /** The server failed. */
  "INTERNAL_ERROR",
  /** Any other status. */
  "API_ERROR",
  /** `fetch` rejected or threw; the original is `cause`. */
  "NETWORK_ERROR",
  /** The call's `timeoutMs`, or its last attempt's `attemptTimeoutMs`, ran out. */
  "TIMEOUT",
  /** A wait's `timeoutMs` ran out; the execution goes on. */
  "WAIT_TIMEOUT",
  /** Not JSON, not the promised shape, or a redirect. */
  "INVALID_RESPONSE",
  /** A bad option, id, key or URL; nothing was sent. */
  "INVALID_ARGUMENT",
  /** The local check refused the inputs; `details` lists them, and nothing was sent. */
  "INVALID_INPUTS",
  /** The execution ended in failure; it is on `execution`. */
  "EXECUTION_FAILED",
  /** The execution was cancelled; it is on `execution`. */
  "EXECUTION_CANCELLED",
  /** A received webhook whose signature is not Lamina's. */
  "WEBHOOK_INVALID_SIGNATURE",
  /** A received webhook that is too old, or from the future. */
  "WEBHOOK_EXPIRED",
  /** A received webhook that is not one. */
  "WEBHOOK_MALFORMED",
  /** `lamina-wasm/slim` was used before its `init`. */
  "NOT_INITIALIZED",
  /** The host refuses to compile WebAssembly; the message says what it needs. */
  "WASM_UNAVAILABLE",
  /** A bug of ours: every call in flight rejects with it, and the next one works again. */
  "INTERNAL_PANIC",
  /** The function, or the option, does not exist in this `apiVersion`. */
  "UNSUPPORTED",
];

/** One of {@link LAMINA_ERROR_CODES}, where each is explained. */
export type LaminaErrorCode = (typeof LAMINA_ERROR_CODES)[number];

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
  /** For tests and for wrappers: an error like those that calls reject with. */
  constructor(
    code: LaminaErrorCode,
    message: string,
    more?: { cause?: unknown; retryable?: boolean | undefined; attempts?: number | undefined },
  );
  readonly name: "LaminaError";
  /** What went wrong, to branch on. `message` is for people and may change. */
  readonly code: LaminaErrorCode;
  /**
   * Whether the same call may be tried again. Never true for a start that may have happened: the API documents no key that
   * would make a second one harmless.
   */
  readonly retryable: boolean;
  /** How many HTTP attempts were made. 0 where nothing was sent. */
  readonly attempts: number;
  /** The HTTP status, where there was a reply. */
  readonly status?: number;
  /** The server's name of the request, for its support. */
  readonly requestId?: string;
  /** How long the server asked to be left alone, in milliseconds. */
  readonly retryAfterMs?: number;
  /**
   * As the server sent it (its shape is not fixed: a list of texts, or an object); for `INVALID_INPUTS` the list of
   * {@link InputError}.
   */
  readonly details?: any;
  /** The execution that it is about: as it was last seen, for a wait. */
  readonly execution?: Execution;
  /** What was thrown first. */
  readonly cause?: unknown;
  /** For logs: everything but the stack and the cause. */
  toJSON(): Record<string, unknown>;
}

/** Whether `error` is a {@link LaminaError}, also of another copy of the package or another realm. It never throws. */
export function isLaminaError(error: unknown): error is LaminaError;

/**
 * What every function that sends something takes as (part of) its last argument. A bad value rejects with `INVALID_ARGUMENT`
 * before anything is sent.
 */
export interface RequestOptions {
  /** Aborts the call, which rejects at once with `signal.reason`. */
  signal?: AbortSignalLike | null | undefined;
  /**
   * How long the call may take in all, retries and the module's first compilation included, in milliseconds. It settles by
   * then, always; with `TIMEOUT`, if it must.
   * @default the client's, else 60 000
   */
  timeoutMs?: number | undefined;
  /** How long one HTTP attempt may take, body included, in milliseconds. @default the client's, else 30 000 */
  attemptTimeoutMs?: number | undefined;
  /**
   * How many further attempts may follow the first, where that is safe: reads after a network error, a time-out of the
   * attempt, 408, 429 and 5xx; a start only where it was refused before any work. A wait looks again whatever this says.
   * @default the client's, else 3
   */
  maxRetries?: number | undefined;
  /** Further headers; they replace the client's of the same name. */
  headers?: Record<string, string | undefined> | undefined;
}

/** An event of a client, for logs and metrics, told apart by `type`. It never holds the key. Times are in milliseconds. */
export type LaminaEvent =
  | {
      /** An HTTP attempt goes out. */
      type: "request";
      method: "GET" | "POST";
      /** Without its query. */
      url: string;
      /** 1 for the first attempt of the call. A wait counts its looks. */
      attempt: number;
    }
  | {
      /** An HTTP attempt was answered. */
      type: "response";
      /** The HTTP status. */
      status: number;
      attempt: number;
      /** From the sending to the end of the body. */
      durationMs: number;
    }
  | {
      /** Another attempt follows after a pause. */
      type: "retry";
      /** Why the last attempt was not the last. */
      code: LaminaErrorCode;
      /** The attempt that failed. */
      attempt: number;
      delayMs: number;
    }
  | {
      /** A wait looks at its execution after a pause. */
      type: "poll";
      executionId: string;
      delayMs: number;
    }
  | {
      /** The rate budget holds a request back. */
      type: "throttle";
      /** For how long, as far as is known; for a look of a wait, for how long it was. */
      delayMs: number;
    };

/**
 * The options of a client, which are copied when it is made; a bad one rejects every call with `INVALID_ARGUMENT`.
 *
 * @example
 * ```js
 * new Lamina({ apiKey: () => secrets.get("lamina"), timeoutMs: 20_000, onEvent: (event) => log.debug(event) });
 * ```
 */
export interface LaminaOptions {
  /**
   * The API key, or a function that gives it and is asked for every request. It belongs on a server. Without one, every call
   * rejects with `AUTH_MISSING_KEY`.
   * @default the environment variable `LAMINA_API_KEY`
   */
  apiKey?: string | (() => string | Promise<string>) | undefined;
  /**
   * Where the API is; a path prefix is kept. `http:` only to this machine, unless `allowInsecureHttp`.
   * @default the environment variable `LAMINA_BASE_URL`, else "https://app.uselamina.ai"
   */
  baseUrl?: string | UrlLike | undefined;
  /**
   * Which header carries the key: `x-api-key`, which the API's authentication page advises, or `authorization: Bearer`.
   * @default "x-api-key"
   */
  auth?: "x-api-key" | "bearer" | undefined;
  /**
   * Sent as `x-workspace-id`. It must be the key's workspace, else the server answers `FORBIDDEN` (documented in the API's
   * authentication page).
   * @default none
   */
  workspaceId?: string | undefined;
  /**
   * Which generation of the API is spoken: `/api/apps` and `/api/executions`, `/v1/apps` and `/v1/runs`, or `/v1/apps` and
   * `/v1/executions`.
   * @default "api"
   */
  apiVersion?: "api" | "v1" | "v1-executions" | undefined;
  /** What sends the requests. @default the global `fetch`, looked up at each call */
  fetch?: FetchLike | undefined;
  /** Further headers on every request. In a page, the server has to allow each of them (CORS). */
  headers?: Record<string, string | undefined> | undefined;
  /**
   * How long one call may take in all, retries included, in milliseconds. It settles by then, always. Waits have a time of
   * their own ({@link WaitOptions.timeoutMs}).
   * @default 60 000
   */
  timeoutMs?: number | undefined;
  /** How long one HTTP attempt may take, body included, in milliseconds. @default 30 000 */
  attemptTimeoutMs?: number | undefined;
  /** How many further attempts may follow the first, where that is safe. @default 3 */
  maxRetries?: number | undefined;
  /**
   * The longest pause that a server may ask for, in milliseconds; 0 and `Infinity` are possible. For a longer one, or one
   * longer than the time left, the call rejects at once with what the server said. It is never tried sooner than asked.
   * @default 60 000
   */
  maxRetryAfterMs?: number | undefined;
  /**
   * How many requests all calls of this client together send in any 60 seconds, at most; `Infinity` switches it off. (The
   * API documents 100 a minute for an IP address.)
   * @default 100
   */
  requestsPerMinute?: number | undefined;
  /**
   * Your own back end, which everything is sent to instead, without a key: an absolute URL, or a path of the page's origin.
   * The API's paths are appended to it. `apiKey` and `baseUrl` are not used then. A start has a query parameter `once` there,
   * by which `createProxyHandler` knows it again: when a connection breaks, browsers send a request again by themselves.
   */
  proxyUrl?: string | UrlLike | undefined;
  /**
   * Allows an API key in a page, where everybody who opens it can read it; else that is `INVALID_ARGUMENT`.
   * @default false
   */
  dangerouslyAllowBrowser?: boolean | undefined;
  /** Allows `http:` to other machines, where the key travels in clear text. @default false */
  allowInsecureHttp?: boolean | undefined;
  /** Sees what the client does. What it throws is ignored. */
  onEvent?: ((event: LaminaEvent) => void) | undefined;
}

/** The options of {@link listApps}. */
export interface ListAppsOptions extends RequestOptions {
  /** Only apps that match, by the server's own search. */
  search?: string | undefined;
  /** At most so many: a whole number, 1 or more. @default the server's, which is not documented */
  limit?: number | undefined;
}

/** The options of {@link execute}. */
export interface ExecuteOptions extends RequestOptions {
  /** An absolute http(s) URL that Lamina calls when the execution is over. @default none */
  webhook?: string | UrlLike | undefined;
  /**
   * Checks the inputs before anything is sent: against this app, or against the app as the server has it (remembered for 5
   * minutes). Bad ones reject with `INVALID_INPUTS`.
   * @default false
   */
  validate?: boolean | Pick<App, "parameters"> | undefined;
  /** Only the outputs with these labels. With another `apiVersion` than "v1" it is `UNSUPPORTED`. @default all */
  outputs?: readonly string[] | undefined;
}

/** The options of a wait. `attemptTimeoutMs` and `headers` are those of each look at the execution. */
export interface WaitOptions extends RequestOptions {
  /**
   * How long the wait may take, in milliseconds; the client's `timeoutMs` plays no part. Then it rejects with
   * `WAIT_TIMEOUT`, the last seen execution on `error.execution`.
   * @default 1 800 000 (30 minutes)
   */
  timeoutMs?: number | undefined;
  /**
   * The pause between two looks, in milliseconds. A number fixes it; otherwise it is a tenth of the execution's age within
   * these bounds, ±10 %: as the API's guide to long-running executions asks for, 3 to 5 seconds for images and 10 to 15 for
   * videos.
   * @default { min: 3000, max: 15000 }
   */
  pollIntervalMs?: number | { min?: number | undefined; max?: number | undefined } | undefined;
  /** Called at the first look and at every change. What it throws rejects the wait. */
  onUpdate?: ((execution: Execution) => void | Promise<void>) | undefined;
  /**
   * Whether an execution that failed or was cancelled rejects the wait, with `EXECUTION_FAILED` or `EXECUTION_CANCELLED`;
   * else it resolves it.
   * @default true
   */
  throwOnFailure?: boolean | undefined;
  /**
   * How the wait learns of changes: by plain reads; by reads that the server holds until the execution is over; by
   * server-sent events. "auto" streams where that works, else holds, else reads, and remembers which for ten minutes. While
   * the chosen way is broken, plain reads take its place. All but "poll" and "auto" need `apiVersion: "v1"`, else they are
   * `UNSUPPORTED`.
   * @default "poll"
   */
  transport?: "poll" | "long-poll" | "stream" | "auto" | undefined;
  /**
   * Whether the execution is also cancelled on the server when the wait is given up: by an abort, by `WAIT_TIMEOUT`, by an
   * `onUpdate` that throws, by leaving a loop over it. Needs `apiVersion: "v1"`.
   * @default false
   */
  cancelOnAbort?: boolean | undefined;
  /**
   * Executions that arrive by another way: a promise of this one, or an async iterable of any (`createWebhookHandler`'s
   * `events`, for example). Whichever comes first ends the wait. What it rejects with is ignored: the wait goes on looking.
   * @default none
   */
  arrival?: PromiseLike<Arrival> | AsyncIterable<Arrival> | undefined;
}

/** An execution, or the event of a webhook with one. */
export type Arrival = Execution | { execution: Execution };

/** The options of {@link listExecutions}, which needs `apiVersion: "v1"`. */
export interface ListExecutionsOptions extends RequestOptions {
  /** Only those with this status. */
  status?: "queued" | "running" | "completed" | "failed" | "cancelled" | (string & {}) | undefined;
  /** Only those of this app. */
  appId?: string | undefined;
  /** How many a page has: a whole number from 1 to 100. @default 25, the server's */
  limit?: number | undefined;
  /** How many of the newest are passed over. @default 0 */
  offset?: number | undefined;
  /** Only those created after this: a `Date`, or ISO 8601. */
  since?: string | { toISOString(): string } | undefined;
}

/** The options of {@link verifyWebhook}. */
export interface VerifyWebhookOptions extends RequestOptions {
  /**
   * The keys that may have signed: a JWK set, a list, or one key; a JWK, or base64 SPKI as older pages of the API's
   * documentation show it. Keys of other kinds are passed over.
   * @default the service's own, fetched and remembered for an hour
   */
  keys?: { readonly keys: readonly VerifyingKey[] } | readonly VerifyingKey[] | VerifyingKey | undefined;
  /** How far the delivery's time may be from `now`, either way, in milliseconds. @default 300 000 (5 minutes) */
  toleranceMs?: number | undefined;
  /** The time, in milliseconds since 1970, or as a `Date`. @default the host's clock */
  now?: number | { getTime(): number } | undefined;
}

/** A webhook as it was received: a `Request`, or its raw body and its headers. */
export type WebhookDelivery =
  | { readonly headers: WebhookHeaders; arrayBuffer(): PromiseLike<ArrayBuffer> }
  | { readonly headers: WebhookHeaders; readonly body: string | Uint8Array | ArrayBuffer };

/** `Headers`, or an object of names and values as Node has it. */
export type WebhookHeaders =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | null | undefined>>;

/** What a webhook that can be trusted says. */
export interface WebhookEvent {
  /** The execution, which is over. */
  execution: Execution;
  /** Its id: the same for each delivery, so that each execution is handled once. */
  requestId: string;
  /** Who started the execution, where the delivery says so. */
  userId?: string;
  /** When the delivery was signed, in seconds since 1970. */
  timestamp: number;
  /** The `kid` of the key that signed. */
  keyId?: string;
}

/** The options of {@link run}. */
export interface RunOptions extends ExecuteOptions, WaitOptions {
  /**
   * How long the start and the wait may take together, in milliseconds. Where you do not say, the start also has no more
   * than the client's `timeoutMs`.
   * @default 1 800 000 (30 minutes)
   */
  timeoutMs?: number | undefined;
}

/** One request of {@link runAll}; its own options replace the shared ones. */
export interface RunRequest extends RunOptions {
  /** Which app. */
  appId: string;
  /** @default {} */
  inputs?: Inputs | undefined;
}

/** The options of {@link runAll}: its own, and what every run has where its request does not say otherwise. */
export interface RunAllOptions extends RunOptions {
  /**
   * How many are started and not taken yet, at most, so that a loop that is left early has not paid for the whole list: a
   * whole number, 1 or more.
   * @default 10
   */
  concurrency?: number | undefined;
}

/** How one request of {@link runAll} ended: with an `execution` or with an `error`. */
export type RunOutcome<Request = RunRequest> =
  | {
      /** The place among the requests, from 0. */
      index: number;
      /** The request itself, as it was given. */
      request: Request;
      execution: CompletedExecution;
      error?: undefined;
    }
  | {
      index: number;
      request: Request;
      execution?: undefined;
      /** What `run` rejected with: a {@link LaminaError}, unless an `onUpdate` of yours threw or a signal of yours fired. */
      error: unknown;
    };

// What the server sends. A reply that lacks what is called checked here rejects with `INVALID_RESPONSE`; the rest is as the
// API documents it. Members that this version does not know are kept, and are `unknown` here.

/** An app, as a list has it. */
export interface AppSummary {
  /** Checked. */
  appId: string;
  name: string;
  description?: string | null;
  /** Whether other workspaces see it too. */
  isPublic?: boolean;
  [member: string]: unknown;
}

/** An app with its parameters. */
export interface App {
  /** Checked. */
  appId: string;
  name: string;
  description?: string | null;
  /** Checked; it may be empty. */
  parameters: Parameter[];
  [member: string]: unknown;
}

/** A parameter of an app. */
export interface Parameter {
  /**
   * What inputs are named by, exactly: real names hold double and trailing spaces. Checked, but for the later versions of
   * the API, which may have a `key` instead.
   */
  name: string;
  /** A text, one of `options`, or a public http(s) URL. */
  type: "text" | "options" | "url" | (string & {});
  id?: string;
  /** A name in snake case, which `apiVersion: "v1"` takes too. */
  key?: string;
  /**
   * Not to be relied on: "v1" sets it on every parameter, and what has a `default` may be left out all the same (documented
   * in the API's inputs page).
   */
  required?: boolean;
  description?: string | null;
  /** The labels to choose from, exactly as they are sent. */
  options?: string[];
  /** What is taken where the input is left out. An empty text is a default too; null is none. */
  default?: unknown;
  /** What a URL may lead to: "image", "video", "audio". */
  accept?: string[];
  /** Whether a list is taken as well. */
  multiple?: boolean;
  [member: string]: unknown;
}

/** The graph of an app. */
export interface Workflow {
  appId?: string;
  name?: string;
  /** Checked. */
  nodes: WorkflowNode[];
  /** Checked. */
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
  /** A node's `id`. */
  source: string;
  /** A node's `id`. */
  target: string;
  [member: string]: unknown;
}

/** `completed`, `failed` and `cancelled` are final; any other status, known or not, is not. */
export type ExecutionStatus = "queued" | "running" | "completed" | "failed" | "cancelled" | (string & {});

/** An execution. */
export interface Execution {
  /** Checked. With `apiVersion: "v1"` it is the same as `runId`, which is kept beside it. */
  executionId: string;
  /** Checked. */
  status: ExecutionStatus;
  workflowId?: string;
  /** Only in the answer to a start. */
  workflowName?: string;
  /** Only in the answer to a start with a webhook. */
  webhookUrl?: string;
  /** Placeholders at first, which fill in one by one. */
  outputs?: Output[] | null;
  /** Why it failed. Look at the outputs' `error` too. */
  errorMessage?: string | null;
  /** ISO 8601. */
  createdAt?: string;
  /** ISO 8601; null until it starts. */
  startedAt?: string | null;
  /** ISO 8601; null until it is over. */
  completedAt?: string | null;
  [member: string]: unknown;
}

/** An execution that is over. Its `outputs` are an empty list where the server sent none. */
export interface CompletedExecution extends Execution {
  /** "completed", unless `throwOnFailure` is false. */
  status: "completed" | "failed" | "cancelled";
  outputs: Output[];
}

/** An output of an execution. */
export interface Output {
  /** Tells outputs apart, for labels are not unique. */
  id: string;
  label: string;
  /** How to read `value`, once `status` is "completed"; "pending" before, and for an output that failed. */
  type: "pending" | "image" | "video" | "audio" | "text" | (string & {});
  /** A URL or a text; null until it is there. `any`, because the API documents no narrower type. */
  value: any;
  /** Decides whether the output is there; `type` does not (documented in the API's inputs and outputs page). */
  status?: "pending" | "completed" | "error" | "cancelled" | (string & {});
  /** Why it failed. */
  error?: string | null;
  [member: string]: unknown;
}

/** A page of executions, newest first. They have no `outputs`. */
export interface ExecutionPage {
  /** Each id and status is checked. */
  executions: Execution[];
  /** How many there are in all. */
  total: number;
  limit: number;
  offset: number;
}

/** What an execution of an app is expected to cost, in credits. */
export interface CostEstimate {
  appId: string;
  name: string;
  /** Checked. */
  estimatedCredits: { expected: number; min: number; max: number; [member: string]: unknown };
  breakdown: { nodeId: string; nodeType: string; credits: number; [member: string]: unknown }[];
  currentBalance: number;
  /** Whether the balance suffices. */
  affordable: boolean;
  [member: string]: unknown;
}

/** What the account has used, and may use. */
export interface Usage {
  /** Checked. */
  credits: { balance: number; totalEarned: number; totalSpent: number; [member: string]: unknown };
  /** From then on the client's budget is no higher than this. */
  rateLimit?: { limit: number; windowMs: number; [member: string]: unknown };
  [member: string]: unknown;
}

/** What is read of a key: a {@link SigningKey}, a `JsonWebKey` of any host, or base64 SPKI. */
export type VerifyingKey =
  | SigningKey
  | { readonly kty?: string | undefined; readonly crv?: string | undefined; readonly x?: string | undefined }
  | string;

/** A public Ed25519 key, as a JWK. */
export interface SigningKey {
  kty?: string;
  crv?: string;
  /** The 32 bytes, in base64url. */
  x?: string;
  kid?: string;
  [member: string]: unknown;
}

/** A set of keys. */
export interface SigningKeys {
  /** Checked. */
  keys: SigningKey[];
  [member: string]: unknown;
}

/** One thing that is wrong with inputs. */
export interface InputError {
  /** The input's name, as it was given. */
  parameter: string;
  /** What is wrong; the server's own word, where it has one. */
  code: "invalid_option" | "invalid_type" | "invalid_url" | "unknown_parameter" | "missing_no_default";
  /** The same for people, with what to do about it. */
  message: string;
  /** The nearest label, or the nearest name, exactly as the app has it. */
  suggestion?: string;
}

/** What {@link validateInputs} found. */
export interface InputReport {
  /** Whether there are no errors; warnings do not count. */
  valid: boolean;
  /** What the server would refuse. */
  errors: InputError[];
  /**
   * What it lets pass, but hardly as it was meant: with `apiVersion: "api"`, inputs that no parameter takes, and parameters
   * without a default that are left out. Later versions refuse these, so there they are errors.
   */
  warnings: InputError[];
}

/** The state of a wait: plain JSON, to be stored and given back as it is. It holds no key. */
export interface PollState {
  /** The version of this shape. One that is newer than the package is refused with `INVALID_ARGUMENT`. */
  v: 1;
  executionId: string;
  [member: string]: unknown;
}

/** What {@link pollStep} is told: the time, and what a look at the execution showed. */
export interface PollObservation {
  /** The time, as `Date.now()` gives it: milliseconds since 1970. */
  now: number;
  /** The first observation names the execution, by its id or by `execution`. */
  executionId?: string | undefined;
  /** The execution, where it was looked at. */
  execution?: Execution | undefined;
  /**
   * The error, where the look failed: a {@link LaminaError}, or its JSON. Any other is read by its `status`, and without one
   * taken for a broken connection.
   */
  error?: unknown;
  /** With the first observation only; the state remembers them. */
  options?: Pick<WaitOptions, "timeoutMs" | "pollIntervalMs" | "throwOnFailure"> | undefined;
}

/** What to do next. */
export type PollNext =
  | {
      /** Look at the execution after a pause, and tell what was seen. */
      type: "poll";
      /** The pause, in milliseconds; 0 for the first look. */
      afterMs: number;
    }
  | {
      /** The wait is over. */
      type: "done";
      execution: CompletedExecution;
    }
  | {
      /** The wait failed. */
      type: "fail";
      /** What to reject with. Where the last look's error ends the wait, it is that one, as you gave it: perhaps as JSON. */
      error: LaminaError;
    };

/**
 * A client. The constructor never throws: a bad option, or no key at all, rejects every call before anything is sent. Nor do
 * the methods throw; they reject, with a {@link LaminaError} or, after an abort, with `signal.reason`.
 *
 * It shows its key nowhere: not in `console.log`, not in `JSON.stringify`, not in an error. There is nothing to close.
 *
 * @example
 * ```js
 * const lamina = new Lamina({ apiKey: process.env.LAMINA_API_KEY });
 * const { outputs } = await lamina.run(appId, { Style: "Ghibli" });
 * ```
 */
export class Lamina {
  constructor(options?: LaminaOptions);
  /** The apps that the key may use. See {@link listApps}. */
  listApps(options?: ListAppsOptions): Promise<AppSummary[]>;
  /** One app, with its parameters. See {@link getApp}. */
  getApp(appId: string, options?: RequestOptions): Promise<App>;
  /** The graph of an app. See {@link getWorkflow}. */
  getWorkflow(appId: string, options?: RequestOptions): Promise<Workflow>;
  /** Checks inputs without sending them. See {@link validateInputs}. */
  validateInputs(app: Pick<App, "parameters"> | string, inputs: Inputs, options?: RequestOptions): Promise<InputReport>;
  /** Starts an execution, and resolves as soon as it is queued. See {@link execute}. */
  execute(appId: string, inputs?: Inputs, options?: ExecuteOptions): Promise<Execution>;
  /** One look at an execution. See {@link getExecution}. */
  getExecution(executionId: string, options?: RequestOptions): Promise<Execution>;
  /** Waits until an execution is over. See {@link waitForExecution}. */
  waitForExecution(execution: Execution | string, options?: WaitOptions): Promise<CompletedExecution>;
  /** The changes of an execution, for a loop. See {@link watchExecution}. */
  watchExecution(execution: Execution | string, options?: WaitOptions): AsyncIterableIterator<Execution>;
  /** Starts an execution and waits until it is over. See {@link run}. */
  run(appId: string, inputs?: Inputs, options?: RunOptions): Promise<CompletedExecution>;
  /** Many runs side by side, for a loop. See {@link runAll}. */
  runAll<Request extends RunRequest>(
    requests: Iterable<Request> | AsyncIterable<Request>,
    options?: RunAllOptions,
  ): AsyncIterableIterator<RunOutcome<Request>>;
  /** One step of a wait that outlives the process. See {@link pollStep}. */
  pollStep(state: PollState | null | undefined, observation: PollObservation): Promise<{ state: PollState; next: PollNext }>;
  /** Cancels an execution. See {@link cancelExecution}. */
  cancelExecution(execution: Execution | string, options?: RequestOptions): Promise<Execution>;
  /** A page of the executions. See {@link listExecutions}. */
  listExecutions(options?: ListExecutionsOptions): Promise<ExecutionPage>;
  /** All of the executions, for a loop. See {@link iterateExecutions}. */
  iterateExecutions(options?: ListExecutionsOptions): AsyncIterableIterator<Execution>;
  /** What an execution will cost. See {@link estimateCost}. */
  estimateCost(appId: string, options?: RequestOptions): Promise<CostEstimate>;
  /** What the account has used. See {@link getUsage}. */
  getUsage(options?: RequestOptions): Promise<Usage>;
  /** The keys that webhooks are signed with. See {@link getSigningKeys}. */
  getSigningKeys(options?: RequestOptions): Promise<SigningKeys>;
  /** Whether a webhook is Lamina's. See {@link verifyWebhook}. */
  verifyWebhook(delivery: WebhookDelivery, options?: VerifyWebhookOptions): Promise<WebhookEvent>;
}

/** Replaces the default client, which the functions below use. Calls in flight stay with the one they began on. */
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

/**
 * One app, with its parameters. Rejects with `NOT_FOUND` where there is none, and with `INVALID_ARGUMENT` for an id that is
 * empty, "." or "..".
 * @example
 * ```js
 * for (const { name, type, options } of (await getApp(appId)).parameters) console.log(name, type, options);
 * ```
 */
export const getApp: Lamina["getApp"];

/** The graph of an app. Rejects with `NOT_FOUND` where there is none. */
export const getWorkflow: Lamina["getWorkflow"];

/**
 * Checks inputs as the server is documented to, without sending them. Nothing is sent at all where the app is given; an
 * app's id is looked up (and remembered for 5 minutes). Names and labels are compared exactly.
 * @example
 * ```js
 * const { valid, errors } = await validateInputs(app, { Style: "Gibli" });
 * if (!valid) console.log(errors[0].message, errors[0].suggestion);
 * ```
 */
export const validateInputs: Lamina["validateInputs"];

/**
 * Starts an execution, and resolves as soon as it is queued. It is never sent twice unless the server refused it before any
 * work (429, and the codes `RESOURCE_UNAVAILABLE` and `AUTH_FAILED`): after a lost answer it may run already, and be billed.
 *
 * Inputs that JSON would change or drop (a BigInt, a function, a file, a cycle) are `INVALID_ARGUMENT`.
 *
 * @example
 * ```js
 * const { executionId } = await execute(appId, { Style: "Ghibli" }, { validate: true });
 * ```
 */
export const execute: Lamina["execute"];

/** One look at an execution. Rejects with `NOT_FOUND` where there is none. */
export const getExecution: Lamina["getExecution"];

/**
 * Waits until an execution is over. Rejects with `EXECUTION_FAILED` or `EXECUTION_CANCELLED` where it ended so, and with
 * `WAIT_TIMEOUT` when its time is over; the execution is on `error.execution`.
 *
 * A network error, a time-out of one look, 408, 429, 5xx and a broken body never end it before its deadline; 400, 401, 403
 * and 404 do, but a 404 within 10 seconds of this client's own start is read as "not visible yet".
 *
 * @example
 * ```js
 * const { outputs } = await waitForExecution(executionId, { onUpdate: ({ status }) => console.log(status) });
 * ```
 */
export const waitForExecution: Lamina["waitForExecution"];

/**
 * The changes of an execution, one after the other, the final one last; then it ends, or throws as {@link waitForExecution}
 * rejects. Leaving the loop ends the wait, not the execution.
 * @example
 * ```js
 * for await (const { status } of watchExecution(executionId)) console.log(status);
 * ```
 */
export const watchExecution: Lamina["watchExecution"];

/**
 * {@link execute}, then {@link waitForExecution}.
 * @example
 * ```js
 * const { outputs } = await run(appId, { Style: "Ghibli" }, { validate: true, signal });
 * ```
 */
export const run: Lamina["run"];

/**
 * Many runs side by side, given out in the order in which they end. One failure never ends the others. Leaving the loop ends
 * the waits; executions that were started go on.
 * @example
 * ```js
 * for await (const { request, execution, error } of runAll(requests, { concurrency: 5 })) {
 *   console.log(request.appId, execution?.status ?? error);
 * }
 * ```
 */
export const runAll: Lamina["runAll"];

/**
 * The polling state machine as a pure step, for durable engines: no clock, no timer, no request. Rejects with
 * `INVALID_ARGUMENT` for a state that it did not make, and for an observation without the time.
 * @example
 * ```js
 * let { state, next } = await pollStep(null, { now: Date.now(), executionId });
 * // Store the state; after `next.afterMs` look at the execution, and:
 * ({ state, next } = await pollStep(state, { now: Date.now(), execution }));
 * ```
 */
export const pollStep: Lamina["pollStep"];

/**
 * Cancels an execution that is queued or running; one that is over stays as it is, and no error comes of it. Resolves to its
 * id and its status. Needs `apiVersion: "v1"`, as the next four do; else it is `UNSUPPORTED`.
 */
export const cancelExecution: Lamina["cancelExecution"];

/** A page of the workspace's executions, newest first. */
export const listExecutions: Lamina["listExecutions"];

/**
 * All of the workspace's executions, newest first, page by page (of `limit`). Executions that start meanwhile make none come
 * twice.
 * @example
 * ```js
 * for await (const { executionId, status } of iterateExecutions({ status: "failed" })) console.log(executionId, status);
 * ```
 */
export const iterateExecutions: Lamina["iterateExecutions"];

/** What an execution of an app is expected to cost. It starts nothing. */
export const estimateCost: Lamina["estimateCost"];

/** What the account has used. Its rate limit bounds the client's budget from then on. */
export const getUsage: Lamina["getUsage"];

/** The public keys that webhooks are signed with. */
export const getSigningKeys: Lamina["getSigningKeys"];

/**
 * Verifies a webhook on its raw bytes, before anything of it is read. Rejects with `WEBHOOK_MALFORMED` (a header is missing or
 * no signature or timestamp; the body is no execution, or another one than the header names), `WEBHOOK_EXPIRED` (more than 5
 * minutes old, or in the future) or `WEBHOOK_INVALID_SIGNATURE`; and with `UNSUPPORTED` where the host's WebCrypto has no
 * Ed25519. With `keys`, no API key is needed.
 * @example
 * ```js
 * const { execution, requestId } = await verifyWebhook(request); // or { body: rawBytes, headers }
 * ```
 */
export const verifyWebhook: Lamina["verifyWebhook"];
