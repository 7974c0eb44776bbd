import type { Simulator } from "./index.js";

export interface ServeOptions {
  /** @default 0: one that is free */
  port?: number;
  /** @default "127.0.0.1" */
  host?: string;
  /**
   * Whether a connection is used again. Deno and Chromium send a request once more by themselves when a connection that they
   * use again breaks, and so hide a `network` fault; with `false` they cannot. But then Node takes an event stream that
   * breaks for one that ends. @default true
   */
  keepAlive?: boolean;
  /** Whether the process may end while the port is open. @default false */
  unref?: boolean;
}

export interface SimulatorServer {
  /** Without a slash at the end: `http://127.0.0.1:41234`. */
  readonly url: string;
  readonly port: number;
  /** Closes the port and every connection at once; the simulator itself stays as it is. */
  close(): Promise<void>;
}

/**
 * Puts a simulator on a real port: its faults break and stall real connections.
 *
 * @example
 * ```js
 * const server = await serve(createSimulator(), { port: 4000 });
 * const lamina = new Lamina({ apiKey: "lma_simulator_key", baseUrl: server.url });
 * ```
 */
export function serve(simulator: Simulator, options?: ServeOptions): Promise<SimulatorServer>;
