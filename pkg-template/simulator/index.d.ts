/**
 * An offline Lamina API: the whole contract of the service as a `fetch`, for tests and for work without a key.
 *
 * @example
 * ```js
 * import { Lamina } from "lamina-wasm";
 * import { createSimulator } from "lamina-wasm/simulator";
 *
 * const sim = createSimulator({ speed: 100 });
 * const lamina = new Lamina({ apiKey: sim.apiKey, fetch: sim.fetch });
 * ```
 */
export function createSimulator(options?: SimulatorOptions): Simulator;

export interface SimulatorOptions {
  /** The apps that are served. @default a catalogue like the documentation's examples, with two that fail on purpose */
  apps?: readonly SimulatedApp[];
  /**
   * How many times faster than life executions run: at 1 a picture takes about 10 seconds, at 100 a tenth of one. It also
   * scales the server's own times: `/wait`, the pings and the end of a stream, the pauses between webhook deliveries.
   * `Infinity` ends every execution as soon as it has started. @default 1
   */
  speed?: number;
  /**
   * How many requests are let through in a window of real time that slides: a number for one minute, or both; `false` or `Infinity`
   * for no limit. Given, it holds for every path. @default as documented: none under `/api`, 100 a minute under `/v1`
   */
  rateLimit?: number | { limit: number; windowMs?: number } | false;
  /** What goes wrong. Also `Simulator.fault`. @default none */
  faults?: readonly Fault[];
  /** The one key that is let in. @default "lma_simulator_key" */
  apiKey?: string;
  /** The workspace of the key, to which an `x-workspace-id` must be equal. */
  workspaceId?: string;
  /** With the same seed and the same requests come the same ids, durations and faults. @default 1 */
  seed?: number | string;
  /** The clock, in milliseconds since 1970. @default `Date.now`, looked up at each use */
  now?: () => number;
  /** What delivers webhooks. @default the global `fetch`, looked up at each use */
  webhookFetch?: (url: string, init: HostRequestInit) => Promise<HostResponse>;
  /** The private key that signs webhooks: an Ed25519 JWK with `d`. @default the first test key of RFC 8032 */
  signingKey?: SigningKey;
  /** What the account has; a start that costs more ends as failed, with "Insufficient credits". @default 1 000 000 */
  credits?: number;
  /** How long an event stream lives, in milliseconds of life, so `speed` shortens it. @default 600 000 */
  streamTimeoutMs?: number;
  /** A path before `/api` and `/v1`, as behind a gateway: "/lamina". @default "" */
  basePath?: string;
}

export interface Simulator {
  readonly apiKey: string;
  readonly workspaceId: string;
  /** A URL that stands for it. `fetch` answers for any host, so a client can also keep the one it has. */
  readonly baseUrl: string;
  /**
   * Answers like the global `fetch`, without a network. It rejects with `init.signal`'s reason, also while it waits, and with
   * a `TypeError` when a fault breaks the connection. A redirect that is followed leads back here, wherever it points to.
   */
  readonly fetch: (input: string | HostURL | HostRequest, init?: HostRequestInit) => Promise<HostResponse>;
  /** One request, for a transport of one's own. Rejects when the connection is to be broken without a reply. */
  readonly handle: (request: SimulatorRequest) => Promise<SimulatorReply>;
  /** The apps as they are served, with everything filled in. */
  readonly apps: readonly CompleteApp[];
  /** Every execution by its id, oldest first. */
  readonly executions: ReadonlyMap<string, SimulatedExecution>;
  /** The server's own record: what really reached it. */
  readonly ledger: SimulatorLedger;
  /** Adds a fault; the result takes it out again. */
  readonly fault: (fault: Fault) => () => void;
  readonly clearFaults: () => void;
  /** The headers of a webhook with this body, signed with this simulator's key, clock and user. */
  readonly signWebhook: (content: WebhookContent) => Promise<Record<string, string>>;
  /** Ends everything: requests in flight and later ones fail like a server that has gone, no timer stays. */
  readonly close: () => void;
}

/** An app as you describe it: only the name must be given. */
export interface SimulatedApp {
  name: string;
  /** @default a UUID, by the seed */
  appId?: string;
  /** @default null */
  description?: string | null;
  /** @default true */
  isPublic?: boolean;
  /** @default none */
  parameters?: readonly SimulatedParameter[];
  /** @default one image */
  outputs?: readonly SimulatedOutput[];
  /** Between outputs' ids, for the workflow. @default none */
  edges?: readonly { source: string; target: string }[];
  /** How long an execution stays queued, in milliseconds of life. @default 1000 */
  queueMs?: number;
  /** Every execution ends as failed with this text, its unfinished outputs with it too. */
  errorMessage?: string;
  /** What an execution with a failed output is in the end: failed (without `errorMessage`) or completed. @default "fail" */
  onOutputError?: "fail" | "complete";
  /** It is listed, but looking closer or starting it is answered with 403. @default false */
  denied?: boolean;
}

export interface SimulatedParameter {
  /** Exactly as it must be given: nothing is trimmed. */
  name: string;
  type: "text" | "options" | "url";
  /** Left out under `/api` where you leave it out, as some apps do. @default on v1 a UUID, by the seed */
  id?: string;
  /** v1's name for it. @default the name in snake_case */
  key?: string;
  /** Under `/api`: whether it must be given. On v1 every parameter without a default must be. @default false */
  required?: boolean;
  description?: string | null;
  /** The labels, of which one must be given. */
  options?: readonly string[];
  default?: unknown;
  accept?: readonly ("image" | "video" | "audio")[];
  /** Whether a list may be given. @default false */
  multiple?: boolean;
}

export interface SimulatedOutput {
  label: string;
  type: "image" | "video" | "audio" | "text";
  /** @default a node's id like the documentation's */
  id?: string;
  nodeType?: string;
  /**
   * In milliseconds of life, give or take 10 %; `Infinity` never ends.
   * @default text 3000, audio 6000, image 9000, video 30 000
   */
  durationMs?: number;
  /** @default text 1, audio 3, image 5, video 40 */
  credits?: number;
  /** This output ends with this error instead of a value. */
  error?: string;
  /** @default a picture or a text that shows the inputs, a video or a sound that plays; all but the text as `data:` URLs */
  value?: string | ((context: OutputContext) => string);
}

export interface OutputContext {
  executionId: string;
  appId: string;
  appName: string;
  /** By parameter name, defaults filled in. */
  inputs: Record<string, unknown>;
  output: SimulatedOutput;
}

export type CompleteApp = Omit<Required<SimulatedApp>, "errorMessage" | "parameters" | "outputs"> & {
  errorMessage?: string;
  parameters: (SimulatedParameter & { id: string; key: string; required: boolean; multiple: boolean })[];
  outputs: (SimulatedOutput & { id: string; nodeType: string; durationMs: number; credits: number })[];
};

export interface SimulatedExecution {
  readonly executionId: string;
  readonly appId: string;
  readonly appName: string;
  /** As they were sent. */
  readonly inputs: Record<string, unknown>;
  /** By parameter name, defaults filled in. */
  readonly values: Record<string, unknown>;
  readonly webhookUrl: string | undefined;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Milliseconds since 1970; undefined as long as nobody cancelled it. */
  cancelledAt: number | undefined;
  /** At this moment. */
  readonly status: "queued" | "running" | "completed" | "failed" | "cancelled";
}

export interface SimulatorLedger {
  /** Every execution that was really started, whether or not its reply got through. */
  readonly starts: { executionId: string; appId: string; inputs: Record<string, unknown>; at: number }[];
  readonly requests: RequestRecord[];
  readonly webhooks: WebhookDelivery[];
  /** Forgets everything written so far; executions stay. */
  clear(): void;
}

export interface RequestRecord {
  /** Milliseconds since 1970. */
  at: number;
  method: string;
  url: string;
  /** Without `basePath` and query. */
  path: string;
  query: Record<string, string>;
  /** Names in lower case; the key is there as it came. */
  headers: Record<string, string>;
  body: string;
  /** None where the path is unknown. */
  operation?: Operation;
  /** What was answered; undefined while nothing is, and for ever when the connection broke instead. */
  status?: number;
  /** The kind of the fault that it met. */
  fault?: Fault["kind"];
}

export interface WebhookDelivery {
  /** Milliseconds since 1970. */
  at: number;
  executionId: string;
  url: string;
  /** From 1 to 4. */
  attempt: number;
  headers: Record<string, string>;
  body: string;
  /** What the endpoint answered. */
  status?: number;
  /** Why there was no answer. */
  error?: string;
}

export type Operation =
  | "listApps" | "getApp" | "getWorkflow" | "execute" | "getExecution" | "wait" | "stream" | "cancel" | "listExecutions"
  | "signingKey" | "estimate" | "usage" | "discover" | "feedback" | "account";

/** Which requests a fault is for: all that fit everything given here. */
export interface FaultRule {
  method?: string;
  /** The beginning of the path (without `basePath`), or a pattern for it. */
  path?: string | RegExp;
  operation?: Operation;
  /** How often it strikes. @default Infinity */
  times?: number;
  /** How many fitting requests are let pass first. @default 0 */
  after?: number;
  /** How probable it is for each, from 0 to 1, by the seed. @default 1 */
  probability?: number;
}

/** For the kinds that stand in the place of the server's reply. */
export interface Unprocessed {
  /** Whether the request is carried out all the same, unseen. @default false */
  processed?: boolean;
}

/**
 * Something that goes wrong. Every `latency` that fits is added up; of the others the first that fits strikes.
 *
 * - `status`: this status; without a `body`, an error in the API's own shape
 * - `network`: the connection breaks before an answer
 * - `reset-after`: the request is carried out (an execution starts), then the connection breaks
 * - `stall`: no answer, ever
 * - `stall-body`: the head, half of the body, and no more, ever
 * - `truncate`: the body ends at `at` (a share below 1, else bytes; default 0.5); `reset`: it breaks there
 * - `corrupt-json`: a body of the right length that is no JSON
 * - `html`: a gateway's error page (default status 502)
 * - `empty`: no body (default status 200)
 * - `latency`: a pause of `ms` real milliseconds first
 * - `redirect`: to `location` (default status 302)
 * - `rate-limit`: 429, with `retryAfter` (seconds, or text such as a date) as `Retry-After`
 * - `stream-cut`: the event stream ends within the event after `events` whole ones (default 1); `reset`: it breaks there
 * - `stream-stall`: the event stream falls silent after `events` whole ones (default 1)
 * - `stream-chunks`: the event stream comes in pieces of 1 to 7 bytes
 * - `stream-reorder`: of each two events of the stream, the second comes first
 */
export type Fault = FaultRule &
  (
    | ({ kind: "status"; status: number; body?: unknown; headers?: Record<string, string> } & Unprocessed)
    | ({ kind: "network" } & Unprocessed)
    | { kind: "reset-after" }
    | ({ kind: "stall" } & Unprocessed)
    | { kind: "stall-body" }
    | { kind: "truncate"; at?: number; reset?: boolean }
    | { kind: "corrupt-json" }
    | ({ kind: "html"; status?: number } & Unprocessed)
    | ({ kind: "empty"; status?: number } & Unprocessed)
    | { kind: "latency"; ms: number }
    | ({ kind: "redirect"; location: string; status?: number } & Unprocessed)
    | ({ kind: "rate-limit"; retryAfter?: number | string; body?: unknown } & Unprocessed)
    | { kind: "stream-cut"; events?: number; reset?: boolean }
    | { kind: "stream-stall"; events?: number }
    | { kind: "stream-chunks" }
    | { kind: "stream-reorder" }
  );

/** An Ed25519 key as a JWK, with its private half `d`. */
export interface SigningKey {
  kty: string;
  crv: string;
  x: string;
  d: string;
  kid?: string;
}

export interface WebhookContent {
  /** The raw body. */
  body: string | Uint8Array;
  /** Seconds since 1970. @default now */
  timestamp?: number | string;
  /** The execution's id, for `X-Lamina-Webhook-Request-Id`. @default no such header */
  requestId?: string;
  /** For `X-Lamina-Webhook-User-Id`. @default the simulator's user; no such header for the function alone */
  userId?: string;
}

/** The headers of a webhook, signed like the service's; without a `key`, by the simulator's default one. */
export function signWebhook(content: WebhookContent & { key?: SigningKey }): Promise<Record<string, string>>;

/** A request as `Simulator.handle` takes it. */
export interface SimulatorRequest {
  method: string;
  /** Absolute. */
  url: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: string;
  /** Aborted when the caller is gone. */
  signal?: HostAbortSignal;
}

/** A reply as `Simulator.handle` gives it. A stream that throws stands for a connection that breaks. */
export interface SimulatorReply {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array | AsyncIterable<Uint8Array>;
}

// The host's own types where they are declared (the DOM's, Node's, a worker's), else the least that stands for them: these
// declarations ask for no `lib` beyond ES2022.

type HostURL = typeof globalThis extends { URL: { prototype: infer T } } ? T : { readonly href: string };

type HostAbortSignal = typeof globalThis extends { AbortSignal: { prototype: infer T } }
  ? T
  : {
      readonly aborted: boolean;
      readonly reason: any;
      addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
      removeEventListener(type: "abort", listener: () => void): void;
    };

type HostRequest = typeof globalThis extends { Request: { prototype: infer T } }
  ? T
  : { readonly url: string; readonly method: string; readonly headers: any; readonly body: any };

type HostRequestInit = typeof globalThis extends { fetch: (input: any, init?: infer T) => any }
  ? NonNullable<T>
  : {
      method?: string;
      headers?: Record<string, string>;
      body?: string | Uint8Array | null;
      redirect?: "follow" | "error" | "manual";
      signal?: HostAbortSignal | null;
    };

type HostResponse = typeof globalThis extends { Response: { prototype: infer T } }
  ? T
  : {
      readonly ok: boolean;
      readonly status: number;
      readonly url: string;
      readonly redirected: boolean;
      readonly headers: { get(name: string): string | null };
      readonly body: any;
      text(): Promise<string>;
      json(): Promise<any>;
      arrayBuffer(): Promise<ArrayBuffer>;
    };
