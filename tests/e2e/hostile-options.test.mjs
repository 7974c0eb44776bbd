// Whatever the objects of users do when they are read, called or listened to: one call is refused or goes on, and no other call,
// nor the process, ends by it.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { runChild } from "../support/child.mjs";
import { installPackage } from "../support/install.mjs";
import { APP_ID, execution, EXECUTION_ID, KEY } from "../support/payloads.mjs";
import { rejection, within } from "../support/settle.mjs";

const installed = await installPackage();
const { Lamina } = await installed.import();
const never = () => new Promise(() => {});
const of = (data) => ({ apiKey: KEY, apiVersion: "v1", fetch: async () => Response.json({ data }) });
const bare = () => Object.create(null); // no text can be made of it

const DEAF = { aborted: false, addEventListener() {}, removeEventListener() {} };
const SIGNED = {
  "x-lamina-webhook-signature": "0".repeat(128),
  "x-lamina-webhook-timestamp": "1770000000",
  "x-lamina-webhook-request-id": EXECUTION_ID,
  "x-lamina-webhook-user-id": "u1",
};

/** Options that are refused, and were asked for their text or number before that was known. */
const REFUSED = {
  "a limit": (lamina) => lamina.listApps({ limit: bare() }),
  "a search": (lamina) => lamina.listApps({ search: bare() }),
  "a status with a toString that is none": (lamina) => lamina.listExecutions({ status: { toString: "x" } }),
  "a time": (lamina) => lamina.listExecutions({ since: { toISOString: bare } }),
  "a webhook": (lamina) => lamina.execute(APP_ID, {}, { webhook: { href: bare() } }),
  "a list of outputs whose length is a BigInt": (lamina) => lamina.execute(APP_ID, {}, { outputs: new Proxy([], { get: (list, key) => (key === "length" ? 1n : list[key]) }) }),
  "a list of outputs without end": (lamina) => lamina.execute(APP_ID, {}, { outputs: new Array(2 ** 32 - 1) }),
  "a signal that cannot be listened to": (lamina) => lamina.listApps({ signal: { ...DEAF, addEventListener() { throw new Error("no"); } } }),
  "a signal whose reason cannot be read": (lamina) => lamina.listApps({ signal: Object.defineProperty({ ...DEAF, aborted: true }, "reason", { get() { throw new Error("no"); } }) }),
  "the time of a webhook": (lamina) => lamina.verifyWebhook({ headers: SIGNED, body: "" }, { keys: [], now: { getTime: () => 1n } }),
};

describe("hostile options", () => {
  for (const [what, call] of Object.entries(REFUSED)) {
    test(`${what} is refused, and other calls go on`, async () => {
      let answer;
      const other = new Lamina({ ...of(), fetch: () => new Promise((resolve) => (answer = resolve)) });
      const inFlight = other.getExecution(EXECUTION_ID);
      while (!answer) await new Promise(setImmediate);
      const error = await within(5_000, rejection(call(new Lamina(of([])))));
      assert.match(error.code, /^(INVALID_ARGUMENT|WEBHOOK_EXPIRED)$/, error.message);
      answer(Response.json({ data: execution("running") }));
      assert.equal((await inFlight).status, "running");
    });
  }

  test("a signal of one's own that throws when nobody listens any more", async () => {
    const signal = { ...DEAF, removeEventListener() { throw new Error("no"); } };
    assert.deepEqual(await within(5_000, new Lamina(of([])).listApps({ signal })), []);
    assert.deepEqual(await within(5_000, new Lamina(of([])).listApps()), []);
  });

  test("an arrival that is read once", async () => {
    let reads = 0;
    const options = { get arrival() { if (reads++) throw new Error("again"); return never(); } };
    const done = await within(5_000, new Lamina(of(execution("completed"))).waitForExecution(EXECUTION_ID, options));
    assert.deepEqual([done.status, reads], ["completed", 1]);
  });

  test("an onUpdate that aborts its wait and then fails: the wait rejects once, and the process lives", async () => {
    const { status, stdout, stderr } = await runChild(installed.folder, `
      import { Lamina } from "lamina-wasm";
      const lamina = new Lamina({ apiKey: "${KEY}", fetch: async () => Response.json({ data: ${JSON.stringify(execution("completed"))} }) });
      const controller = new AbortController();
      const onUpdate = async () => { controller.abort(); throw new Error("late"); };
      await lamina.waitForExecution("${EXECUTION_ID}", { signal: controller.signal, onUpdate }).catch((error) => console.log(error.name));
      await new Promise((resolve) => setTimeout(resolve, 50));
      console.log("alive");
    `);
    assert.deepEqual([status, stdout.split("\n").slice(0, 2)], [0, ["AbortError", "alive"]], stderr);
  });
});
