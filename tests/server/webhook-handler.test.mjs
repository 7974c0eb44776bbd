// createWebhookHandler on a real port, where the simulator delivers for real, and again where it is not answered well.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { installPackage } from "../support/install.mjs";
import { sleep } from "../support/settle.mjs";
import { backEnd, eventually, gate } from "./vectors/endpoint.mjs";

const { createWebhookHandler } = await (await installPackage()).import("/server");

const finished = (executionId, more) => ({ executionId, status: "completed", outputs: [], ...more });

/** What rejects and is heard by nobody while a test runs. */
function unheard(t) {
  const reasons = [];
  const hear = (reason) => reasons.push(reason);
  process.on("unhandledRejection", hear);
  t.after(() => process.off("unhandledRejection", hear));
  return reasons;
}

describe("deliveries", { concurrency: 4 }, () => {
  test("of an execution that is over: 200, and onExecution hears of it once", async (t) => {
    const { sim, lamina, hook, start, answers } = await backEnd(t);
    const { url, handled, errors } = await hook();
    const { executionId } = await start(url);
    assert.deepEqual(await answers(1), [200]);
    assert.equal(handled.length, 1);
    const [execution, event] = handled[0];
    assert.deepEqual(execution, await lamina.getExecution(executionId));
    assert.deepEqual(event, { execution, requestId: executionId, userId: event.userId, timestamp: event.timestamp, keyId: "lamina-simulator-v1" });
    assert.equal(event.userId, sim.ledger.webhooks[0].headers["x-lamina-webhook-user-id"]);
    assert.deepEqual(errors, []);
  });

  test("of one that failed are handled alike", async (t) => {
    const { hook, start, answers } = await backEnd(t);
    const { url, handled } = await hook();
    await start(url, "Fails");
    assert.deepEqual(await answers(1), [200]);
    assert.deepEqual([handled[0][0].status, handled[0][0].errorMessage], ["failed", "Insufficient credits"]);
  });

  test("of many executions are handled side by side, each once, with one request for the keys", async (t) => {
    const { sim, hook, start, answers } = await backEnd(t);
    const all = gate();
    const { url, handled } = await hook({ onExecution: () => (handled.length === 20 && all.open(), all.promise) });
    const started = await Promise.all(Array.from({ length: 20 }, () => start(url)));
    assert.deepEqual(await answers(20), Array(20).fill(200));
    assert.deepEqual(handled.map(([, { requestId }]) => requestId).sort(), started.map(({ executionId }) => executionId).sort());
    assert.equal(sim.ledger.requests.filter(({ operation }) => operation === "signingKey").length, 1);
  });

  const throwing = (error) => () => {
    throw error;
  };
  for (const [what, fail, expected] of [
    ["throws", throwing(new RangeError("mine")), "mine"],
    ["rejects", async () => { throw new RangeError("mine"); }, "mine"],
    ["throws nothing", throwing(undefined), undefined],
    ["throws what has the code of a webhook's error", throwing(Object.assign(new Error("mine"), { code: "WEBHOOK_EXPIRED" })), "mine"],
  ]) {
    test(`500 when onExecution ${what}, and the next delivery is handled`, async (t) => {
      const { hook, start, answers } = await backEnd(t);
      const { url, handled, errors } = await hook({ onExecution: () => (handled.length < 3 ? fail() : undefined) });
      await start(url);
      assert.deepEqual(await answers(3), [500, 500, 200]);
      assert.equal(handled.length, 3);
      assert.deepEqual(errors.map((error) => error?.message), [expected, expected]);
    });
  }

  test("that nobody handles end after the fourth", async (t) => {
    const { hook, start, answers } = await backEnd(t);
    const { url, handled } = await hook({ onExecution: throwing(new Error("never")) });
    await start(url);
    assert.deepEqual(await answers(4), [500, 500, 500, 500]);
    assert.equal(handled.length, 4);
  });

  test("that come again although they were handled are 200, and nothing runs", async (t) => {
    let count = 0;
    const webhookFetch = async (...request) => {
      const response = await fetch(...request);
      // The answer is lost on its way.
      if (++count < 3) throw new TypeError("fetch failed");
      return response;
    };
    const { hook, start, answers } = await backEnd(t, { webhookFetch });
    const { url, handled } = await hook();
    await start(url);
    assert.deepEqual(await answers(3), ["fetch failed", "fetch failed", 200]);
    assert.equal(handled.length, 1);
  });

  test("of one execution that come at once wait for the one that is handled", async (t) => {
    const { hook, signed } = await backEnd(t);
    const work = gate();
    const { status, handled } = await hook({ onExecution: () => work.promise });
    const given = await signed(finished("e1"), "e1");
    const statuses = [];
    const posts = Array.from({ length: 10 }, () => status(given).then((each) => statuses.push(each)));
    await eventually(() => handled.length > 0);
    await sleep(100);
    assert.deepEqual(statuses, []);
    work.open();
    await Promise.all(posts);
    assert.deepEqual(statuses, Array(10).fill(200));
    assert.equal(handled.length, 1);
  });

  test("of one execution that come at once share a failure, and the next is handled", async (t) => {
    const { hook, signed } = await backEnd(t);
    const work = gate();
    const { handler, status, handled } = await hook({ onExecution: () => (handled.length === 1 ? work.promise : undefined) });
    const given = await signed(finished("e1"), "e1");
    const request = () => new Request("https://hooks.example/", { method: "POST", ...given });
    const answers = Array.from({ length: 5 }, async () => (await handler(request())).status);
    await eventually(() => handled.length > 0);
    await sleep(200);
    work.fail(new Error("the first"));
    assert.deepEqual(await Promise.all(answers), Array(5).fill(500));
    assert.equal(await status(given), 200);
    assert.equal(handled.length, 2);
  });
});

describe("onExecution that takes long", { concurrency: 4 }, () => {
  test("is 503 by answerWithinMs, and 200 at the next delivery, without a second run", async (t) => {
    const { hook, start, answers } = await backEnd(t);
    const work = gate();
    const { url, handled } = await hook({ answerWithinMs: 20, onExecution: () => work.promise });
    await start(url);
    assert.deepEqual(await answers(2), [503, 503]);
    work.open();
    assert.deepEqual(await answers(3), [503, 503, 200]);
    assert.equal(handled.length, 1);
  });

  test("is 200 for the delivery that comes while it ends", async (t) => {
    const { hook, signed } = await backEnd(t);
    const work = gate();
    const { status, handled, handler } = await hook({ answerWithinMs: 300, onExecution: () => work.promise });
    const given = await signed(finished("e1"), "e1");
    assert.equal(await status(given), 503);
    const request = new Request("https://hooks.example/", { method: "POST", ...given });
    const next = handler(request);
    work.open();
    assert.equal((await next).status, 200);
    assert.equal(handled.length, 1);
  });

  test("and then fails is told to onError, and runs again at the next delivery", async (t) => {
    const reasons = unheard(t);
    const { hook, start, answers } = await backEnd(t);
    const work = gate();
    const { url, handled, errors } = await hook({ answerWithinMs: 5, onExecution: () => (handled.length === 1 ? work.promise : undefined) });
    await start(url);
    assert.deepEqual(await answers(2), [503, 503]);
    work.fail(new Error("late"));
    assert.deepEqual(await answers(3), [503, 503, 200]);
    assert.deepEqual(errors.map(({ message }) => message), ["late"]);
    assert.equal(handled.length, 2);
    assert.deepEqual(reasons, []);
  });
});

// By itself: the others' timers are real.
test("onExecution has 14 seconds by default", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const client = { verifyWebhook: async () => ({ requestId: "e1", execution: finished("e1") }) };
  const handler = createWebhookHandler({ client, onExecution: () => new Promise(() => {}) });
  let status;
  handler(new Request("https://hooks.example/", { method: "POST", body: "{}" })).then((response) => (status = response.status));
  const turns = async () => {
    for (let n = 0; n < 20; n++) await new Promise((resolve) => setImmediate(resolve));
  };
  await turns();
  t.mock.timers.tick(13_999);
  await turns();
  assert.equal(status, undefined);
  t.mock.timers.tick(1);
  await turns();
  assert.equal(status, 503);
});

describe("a store of one's own", { concurrency: 4 }, () => {
  /** As in a database, where everything takes a while. */
  function database() {
    const ids = new Set();
    return { ids, has: async (id) => (await sleep(5), ids.has(id)), add: async (id) => (await sleep(5), ids.add(id)) };
  }

  test("that two handlers share has each execution handled once", async (t) => {
    const seen = database();
    const { hook, signed } = await backEnd(t);
    const [one, other] = [await hook({ seen }), await hook({ seen })];
    for (const id of ["e1", "e2"]) {
      const given = await signed(finished(id), id);
      for (const { status } of [one, other, one, other]) assert.equal(await status(given), 200);
    }
    assert.deepEqual([one.handled.length, other.handled.length], [2, 0]);
    assert.deepEqual([...seen.ids], ["e1", "e2"]);
  });

  test("is told only of what was handled", async (t) => {
    const seen = database();
    const { hook, signed } = await backEnd(t);
    const { status } = await hook({ seen, onExecution: ({ executionId }) => executionId === "e1" && assert.fail("not this one") });
    assert.equal(await status(await signed(finished("e1"), "e1")), 500);
    assert.equal(await status(await signed(finished("e2"), "e2")), 200);
    const forged = await signed(finished("e3"), "e3");
    assert.equal(await status({ ...forged, body: forged.body.replace("completed", "failed") }), 400);
    assert.deepEqual([...seen.ids], ["e2"]);
  });

  for (const [what, has] of [["rejects", async () => { throw new Error("no database"); }], ["throws", () => { throw new Error("no database"); }]]) {
    test(`that ${what} when it is asked is 503, and nothing runs until it answers`, async (t) => {
      let asked = 0;
      const { hook, start, answers } = await backEnd(t);
      const { url, handled, errors } = await hook({ seen: { has: () => (++asked < 3 ? has() : false), add() {} } });
      await start(url);
      assert.deepEqual(await answers(3), [503, 503, 200]);
      assert.equal(handled.length, 1);
      assert.deepEqual(errors.map(({ message }) => message), ["no database", "no database"]);
    });
  }

  test("that cannot write is 200, for it was handled, and onError hears of it", async (t) => {
    const { hook, signed } = await backEnd(t);
    const { status, handled, errors } = await hook({ seen: { has: () => false, add: async () => { throw new Error("read only"); } } });
    const given = await signed(finished("e1"), "e1");
    assert.deepEqual([await status(given), await status(given)], [200, 200]);
    assert.equal(handled.length, 2);
    assert.deepEqual(errors.map(({ message }) => message), ["read only", "read only"]);
  });

  test("that never answers is 503 in time", async (t) => {
    const { hook, signed } = await backEnd(t);
    const { status, handled } = await hook({ answerWithinMs: 50, seen: { has: () => new Promise(() => {}), add() {} } });
    assert.equal(await status(await signed(finished("e1"), "e1")), 503);
    assert.equal(handled.length, 0);
  });

  test("is called as a method, with the execution's id", async (t) => {
    class Store {
      ids = [];
      has(id) { return this.ids.includes(id); }
      add(id) { this.ids.push(id); }
    }
    const seen = new Store();
    const { hook, signed } = await backEnd(t);
    const { status } = await hook({ seen });
    for (let n = 0; n < 2; n++) assert.equal(await status(await signed(finished("e1"), undefined)), 200);
    assert.deepEqual(seen.ids, ["e1"]);
  });

  test("is none: 10,000 executions are remembered, the oldest is forgotten", async () => {
    const runs = [];
    const nameOf = ({ body }) => new TextDecoder().decode(body);
    const client = { verifyWebhook: async (given) => ({ requestId: nameOf(given), execution: finished(nameOf(given)) }) };
    const handler = createWebhookHandler({ client, onExecution: ({ executionId }) => void runs.push(executionId) });
    const deliver = async (id) => assert.equal((await handler(new Request("https://hooks.example/", { method: "POST", body: id }))).status, 200);
    for (let n = 0; n <= 10_000; n++) await deliver(`e${n}`);
    assert.equal(runs.length, 10_001);
    await deliver("e10000");
    await deliver("e1");
    assert.equal(runs.length, 10_001);
    await deliver("e0");
    assert.equal(runs.length, 10_002);
  });
});
