import type { Execution, Lamina, LaminaOptions, VerifyWebhookOptions, WebhookEvent } from "../types/index.js";

/** The host's `Request`, where its types say that it has one. */
type HostRequest = typeof globalThis extends { Request: { prototype: infer T } } ? T : object;
/** The host's `Response`, where its types say that it has one. */
type HostResponse = typeof globalThis extends { Response: { prototype: infer T } } ? T : object;

/**
 * A handler of requests as Fetch-API hosts call it: Next.js, Hono, Cloudflare Workers, Deno, Bun. What a host gives besides goes on
 * to `authorize` and `visitor`: Node's request by `toNodeHandler`, Deno's `info`, Bun's server, a Worker's `env`.
 */
export type FetchHandler = (request: HostRequest, host?: any) => Promise<HostResponse>;

/** What a request to the proxy is for. */
export interface ProxyOperation {
  /** The client's method that sends it; absent where the proxy knows no such request, and will refuse it. */
  operation?: string | undefined;
  /** Which app it names. */
  appId?: string | undefined;
  /** Which execution it names. */
  executionId?: string | undefined;
}

/** Counts the requests of visitors, in this process or for all of them (a Redis, a Durable Object). */
export interface RateLimitStore {
  /** Counts one request more; gives how many there were in the visitor's window, and when that is over, in milliseconds. */
  increment(visitor: string, windowMs: number): { count: number; resetMs: number } | Promise<{ count: number; resetMs: number }>;
}

/** How many requests one visitor has. */
export interface VisitorLimit {
  /** In a minute that begins with a visitor's first request. A wait looks every 3 to 15 seconds. */
  requestsPerMinute: number;
  /**
   * Tells visitors apart: by a session's id, or by the address where your host gives one that nobody can set: in Node
   * `(request, { socket }) => socket.remoteAddress`, in Express and Fastify `(request, { ip }) => ip`.
   */
  visitor: (request: HostRequest, host: any) => string | undefined | Promise<string | undefined>;
  /** @default this process's memory, for the last 10,000 visitors */
  store?: RateLimitStore | undefined;
}

/** The options of {@link createProxyHandler}. */
export interface ProxyOptions {
  /** The key, or what gives it for each request. @default the environment's `LAMINA_API_KEY` */
  apiKey?: string | (() => string | Promise<string>) | undefined;
  /**
   * Whether a request may use your account: look at your session's cookie. It hears of every request first (but for the
   * preflights of listed `origins`, which carry no session). A `Response` answers in place of the proxy; anything but `true`
   * is refused with 403. What it throws is a 500, and `onError` hears it.
   */
  authorize: (request: HostRequest, asked: ProxyOperation, host: any) => boolean | HostResponse | Promise<boolean | HostResponse>;
  /** What passes. */
  allow?:
    | {
        /** Ids of apps; `listApps` gives no others. Executions are known by their ids alone. @default all of the key's */
        apps?: string[] | undefined;
        /** Methods of the client. @default `["listApps", "getApp", "execute", "getExecution"]`, with which waits work */
        operations?: string[] | undefined;
      }
    | undefined;
  /** Other origins whose pages may call, like `https://shop.example`; they get CORS headers. @default none but its own */
  origins?: string[] | undefined;
  /** Whether a page may name the address of a webhook. @default false */
  allowWebhook?: boolean | undefined;
  /** A limit for each visitor. @default none */
  rateLimit?: VisitorLimit | undefined;
  /** Hears what the page is not told: why the service was not reached, what `authorize` threw. */
  onError?: ((error: unknown, request: HostRequest) => void) | undefined;
  /** @default the environment's `LAMINA_BASE_URL`, else the service */
  baseUrl?: LaminaOptions["baseUrl"];
  /** Allows `http:` to other machines. @default false */
  allowInsecureHttp?: boolean | undefined;
  /** Which header carries the key. @default "x-api-key" */
  auth?: "x-api-key" | "bearer" | undefined;
  /** Sent as `x-workspace-id`. */
  workspaceId?: string | undefined;
  /** How long the service may take for a reply, in milliseconds; then 504. @default 30 000 */
  timeoutMs?: number | undefined;
  /** @default the global `fetch`, looked up at each request */
  fetch?: LaminaOptions["fetch"];
}

/**
 * What a page's `new Lamina({ proxyUrl })` calls. It adds the key to the requests that are allowed, and passes back the
 * status, the body, `Retry-After` and `RateLimit-*`. It refuses other methods and paths, requests of other sites' pages,
 * bodies that are not JSON or longer than 1 MiB; it forwards no cookie and no header of the visitor's.
 *
 * When a connection breaks, browsers send a request again by themselves, a start too. The client in the page names each start
 * (`once` in the query), and one that comes again within five minutes gets the first one's reply: from the memory of this
 * process, so let several processes see a visitor's requests in the same one.
 *
 * Throws a `LaminaError` with `INVALID_ARGUMENT` for options that are wrong.
 */
export function createProxyHandler(options: ProxyOptions): FetchHandler;

/** Remembers which deliveries were handled, in this process or for all of them. */
export interface SeenStore {
  /** Whether the execution with this id was handled. */
  has(requestId: string): boolean | Promise<boolean>;
  /** The execution with this id was handled; an hour is long enough to remember it. */
  add(requestId: string): unknown;
}

/** The options of {@link createWebhookHandler}. */
export interface WebhookHandlerOptions {
  /** Verifies deliveries, and fetches the keys. */
  client: Pick<Lamina, "verifyWebhook">;
  /** Called once for each execution that is over. What it throws answers 500, so that Lamina delivers again. */
  onExecution?: ((execution: Execution, event: WebhookEvent) => unknown) | undefined;
  /** @default this process's memory, for the last 10,000 executions */
  seen?: SeenStore | undefined;
  /** Hears why a delivery was refused, and what failed. The sender is told a status only. */
  onError?: ((error: unknown, request: HostRequest) => void) | undefined;
  /** The keys to verify with. @default the service's, fetched by the client */
  keys?: VerifyWebhookOptions["keys"];
  /** How far a delivery's time may be from now, in milliseconds. @default 300 000 */
  toleranceMs?: VerifyWebhookOptions["toleranceMs"];
  /**
   * When reading, verifying and `onExecution` take longer than so many milliseconds, the answer is 503. They go on (not in a
   * Cloudflare Worker, where they end with the answer: there the next delivery is handled anew), and the
   * next delivery hears how it ended. @default 14 000: Lamina waits 15 seconds
   */
  answerWithinMs?: number | undefined;
}

/** A handler of deliveries. */
export interface WebhookHandler extends FetchHandler {
  /** Every execution that was verified for the first time, from now on: `waitForExecution(id, { arrival: handler.events })`. */
  readonly events: AsyncIterable<WebhookEvent>;
}

/**
 * Answers Lamina's deliveries: 200 when handled, 400 for what cannot be trusted, 500 when `onExecution` throws, 503 where
 * the keys could not be fetched. The same execution is handled once.
 *
 * Throws a `LaminaError` with `INVALID_ARGUMENT` for options that are wrong.
 */
export function createWebhookHandler(options: WebhookHandlerOptions): WebhookHandler;

/** As node:http, Express and Fastify call it, with their requests and replies. */
export type NodeHandler = (request: any, response: any) => Promise<void>;

/**
 * A handler for node:http, Express and Fastify. Let it read the body itself (mount it before `express.json()`), or give it
 * the raw bytes as `request.body`: a webhook's signature is of exactly these. Fastify parses JSON by itself, unless a
 * parser of yours keeps the bytes: `addContentTypeParser("application/json", { parseAs: "buffer" }, (_, body, done) =>
 * done(null, body))`.
 */
export function toNodeHandler(handler: FetchHandler): NodeHandler;
