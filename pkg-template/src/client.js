// @ts-check
// Calls of clients, brought to an instance of the core that is loaded when the first of them comes.

import { Call } from "./call.js";
import { isLaminaError, LaminaError } from "./errors.js";
import { Instance } from "./instance.js";
import { createSignalHub, isSignal } from "./signals.js";
import { env } from "./values.js";

const DEFAULT_TIMEOUT_MS = 60_000;

/**
 * @typedef {object} Client what one `new Lamina(options)` holds
 * @property {any} options
 * @property {Instance} [instance] where it is open, and
 * @property {number} [id] under which number
 */

/**
 * @param {unknown} options
 * @returns {Client}
 */
export function createClient(options) {
  try {
    if (typeof options !== "object" && options !== undefined) return { options };
    const copy = /** @type {any} */ ({ ...options });
    // As it is now; what is not set yet is looked for again with the first call.
    copy.apiKey ??= env("LAMINA_API_KEY");
    copy.baseUrl ??= env("LAMINA_BASE_URL") || undefined;
    return { options: copy };
  } catch (cause) {
    // A getter that throws: the core meets it again and every call says so.
    const options = {
      get timeoutMs() {
        throw cause;
      },
    };
    return { options };
  }
}

/** @param {() => Promise<WebAssembly.Module> | WebAssembly.Module} load */
export function createRuntime(load) {
  /** @type {Instance | undefined} */
  let current;
  /** @type {Promise<Instance> | undefined} */
  let loading;
  /** @type {WebAssembly.Module | undefined} kept for a fresh instance after a trap */
  let module;
  /** @type {FinalizationRegistry<{ instance: Instance, id: number }> | undefined} */
  let registry;
  const onAbort = createSignalHub();

  /** A fresh instance: at once where the module comes compiled, for in workerd one request cannot wait for another's promise. */
  function instantiate() {
    if (loading) return loading;
    try {
      const loaded = module ?? load();
      if (module || "then" in loaded) return (loading = compile(loaded));
      const instance = create();
      return (current = instance.attach(new WebAssembly.Instance(loaded, instance.glue.imports)));
    } catch (cause) {
      return Promise.reject(unavailable(cause));
    }
  }

  /** @param {Promise<WebAssembly.Module> | WebAssembly.Module} loaded */
  async function compile(loaded) {
    try {
      module = await loaded;
      const instance = create(); // on a server, its class comes with the module
      return (current = instance.attach(await WebAssembly.instantiate(module, instance.glue.imports)));
    } catch (cause) {
      throw unavailable(cause);
    } finally {
      loading = undefined;
    }
  }

  const create = () =>
    new Instance((collapsed) => {
      if (current === collapsed) current = undefined;
    }, call);

  /**
   * The client's number in this instance.
   * @param {Instance} instance
   * @param {any} core
   * @param {Client} client
   */
  function open(instance, core, client) {
    if (client.instance !== instance) {
      const id = instance.freeClients.pop() ?? instance.clientCount++;
      client.instance = instance;
      client.id = id;
      core.open(id, instance.host.open(id, client.options));
      // Hosts without it keep a client's few hundred bytes.
      if (globalThis.FinalizationRegistry) (registry ??= new FinalizationRegistry(close)).register(client, { instance, id });
    }
    return /** @type {number} */ (client.id);
  }

  /** @param {{ instance: Instance, id: number }} held */
  function close({ instance, id }) {
    instance.enter((core) => {
      core.close(id);
      instance.host.close(id);
      instance.freeClients.push(id);
    });
  }

  /**
   * Starts a call. It never throws; `onCall` gets the call, to end it from outside.
   * @param {Client | undefined} client
   * @param {number} operation
   * @param {unknown} subject
   * @param {unknown} [inputs]
   * @param {any} [options]
   * @param {(call: Call) => void} [onCall]
   * @returns {Promise<any>}
   */
  function call(client, operation, subject, inputs, options, onCall) {
    return new Promise((resolve, reject) => {
      if (!client) {
        throw new LaminaError("INVALID_ARGUMENT", "Call methods on their client: `lamina.method()`.");
      }
      const call = new Call(client, options, resolve, reject);
      onCall?.(call);
      obeySignal(call, onAbort);
      if (call.settled) return;
      /** @type {import("./instance.js").Job} */
      const begin = (core, _, instance) => {
        if (call.settled) return;
        const id = instance.adopt(call);
        const owner = open(instance, core, client);
        call.values = instance.host.listFor(owner);
        core.start(id, owner, operation, call.hold(subject), call.hold(inputs), call.hold(options), call.calledAt);
      };
      const ready = current ?? instantiate();
      if (!("then" in ready)) return ready.enter(begin);
      // Until the core is there, it cannot watch the time.
      const timer = setTimeout(
        () => call.end(new LaminaError("TIMEOUT", "The module was not loaded within `timeoutMs`.", { retryable: true })),
        loadingTime(options, client.options),
      );
      const stop = () => clearTimeout(timer);
      call.onSettled(stop);
      ready.then(
        (instance) => {
          stop();
          instance.enter(begin);
        },
        (error) => call.settle("reject", error),
      );
    });
  }
  return call;
}

/**
 * The call ends with the signal of its options: at once, where that is aborted already.
 * @param {Call} call
 * @param {ReturnType<typeof createSignalHub>} onAbort
 */
function obeySignal(call, onAbort) {
  try {
    const signal = call.options?.signal;
    if (signal === undefined || signal === null) return;
    if (isSignal(signal)) {
      if (signal.aborted) call.settle("reject", signal.reason);
      else call.onSettled(onAbort(signal, () => call.end(signal.reason)));
      return;
    }
  } catch (cause) {
    throw new LaminaError("INVALID_ARGUMENT", "`signal` could not be read.", { cause });
  }
  throw new LaminaError("INVALID_ARGUMENT", "`signal` must be an AbortSignal.");
}

/**
 * How long the module may take to load; bad options are the core's to refuse.
 * @param {any[]} options
 */
function loadingTime(...options) {
  for (const each of options) {
    try {
      const ms = each?.timeoutMs;
      if (typeof ms === "number" && ms > 0) return Math.min(ms, 2 ** 31 - 1);
    } catch {
      // The core meets it again.
    }
  }
  return DEFAULT_TIMEOUT_MS;
}

/** @param {unknown} cause */
function unavailable(cause) {
  // `slim` says more of itself.
  if (isLaminaError(cause)) return cause;
  return new LaminaError(
    "WASM_UNAVAILABLE",
    "This host did not compile the WebAssembly module. A page's Content-Security-Policy needs 'wasm-unsafe-eval' in script-src, " +
      "an edge runtime the export condition `workerd` or `edge-light`, or lamina-wasm/slim; a host without WebAssembly needs a back end.",
    { cause },
  );
}
