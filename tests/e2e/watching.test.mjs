// watchExecution and runAll: what they give, in which order, and how they are left.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { installPackage } from "../support/install.mjs";
import { APP_ID, COMPLETED, execution, EXECUTION_ID, KEY, paths } from "../support/payloads.mjs";
import { data, json, stall, startServer } from "../support/scripted-server.mjs";
import { outcome, rejection, sleep, within } from "../support/settle.mjs";

const { Lamina } = await (await installPackage()).import();

const QUICK = { pollIntervalMs: 20 };

async function watching(t, ...answers) {
  const server = await startServer(t);
  server.on(paths.look, ...answers);
  return { server, lamina: new Lamina({ apiKey: KEY, baseUrl: server.url, requestsPerMinute: Infinity }) };
}

/** Each start is another execution, named by its input; it ends as `ends[name]` says after its first look. */
async function running(t, ends = {}) {
  const server = await startServer(t);
  const state = { active: 0, most: 0, started: [] };
  server.on("*", async (request, response, { body, path }) => {
    if (request.method === "POST") {
      const id = JSON.parse(body).inputs.name;
      state.started.push(id);
      if (ends[id]?.refused) return json({ error: "Invalid inputs" }, 400)(request, response);
      state.most = Math.max(state.most, ++state.active);
      return data({ executionId: id, status: "queued", outputs: [] }, 202)(request, response);
    }
    const name = path.split("/").at(-1);
    const { afterMs = 0, status = "completed" } = ends[name] ?? {};
    await sleep(afterMs);
    state.active--;
    data({ executionId: name, status, outputs: [], errorMessage: status === "failed" ? `${name} broke` : null })(request, response);
  });
  return { server, state, lamina: new Lamina({ apiKey: KEY, baseUrl: server.url, requestsPerMinute: Infinity }) };
}

const requests = (...names) => names.map((name) => ({ appId: `app-${name}`, inputs: { name } }));

async function collect(iterable) {
  const all = [];
  for await (const each of iterable) all.push(each);
  return all;
}

describe("watchExecution", { concurrency: 8 }, () => {
  const CHANGES = [execution("queued"), execution("running"), execution("running", { progress: 0.5 }), COMPLETED];

  test("gives one execution for each change, the terminal one last", async (t) => {
    const { lamina } = await watching(t, data(CHANGES[0]), ...CHANGES.slice(0, 3).flatMap((one) => [data(one), data(one)]), data(COMPLETED));
    assert.deepEqual(await collect(lamina.watchExecution(EXECUTION_ID, QUICK)), CHANGES);
  });

  test("gives the failed execution, and then rejects", async (t) => {
    const { lamina } = await watching(t, data(CHANGES[1]), data(execution("failed", { errorMessage: "broke" })));
    const seen = [];
    const error = await rejection((async () => { for await (const { status } of lamina.watchExecution(EXECUTION_ID, QUICK)) seen.push(status); })(), "EXECUTION_FAILED");
    assert.deepEqual(seen, ["running", "failed"]);
    assert.equal(error.message, "broke");
  });

  test("ends well on a failed execution with throwOnFailure: false", async (t) => {
    const { lamina } = await watching(t, data(CHANGES[1]), data(execution("failed")));
    const seen = await collect(lamina.watchExecution(EXECUTION_ID, { ...QUICK, throwOnFailure: false }));
    assert.deepEqual(seen.map(({ status }) => status), ["running", "failed"]);
  });

  test("looks at nothing before the first next()", async (t) => {
    const { server, lamina } = await watching(t, data(COMPLETED));
    lamina.watchExecution(EXECUTION_ID, QUICK);
    await sleep(50);
    assert.equal(server.requests.length, 0);
  });

  for (const [how, leave] of [["break", async (lamina) => { for await (const _ of lamina.watchExecution(EXECUTION_ID, QUICK)) break; }],
    ["a throw", async (lamina) => { for await (const _ of lamina.watchExecution(EXECUTION_ID, QUICK)) throw new RangeError("mine"); }],
    ["return()", async (lamina) => {
      const iterator = lamina.watchExecution(EXECUTION_ID, QUICK)[Symbol.asyncIterator]();
      await iterator.next();
      assert.deepEqual(await iterator.return("bye"), { done: true, value: "bye" });
      assert.deepEqual(await iterator.next(), { done: true, value: undefined });
    }]]) {
    test(`${how} ends the looking`, async (t) => {
      const { server, lamina } = await watching(t, data(CHANGES[1]));
      const { error } = await outcome(leave(lamina));
      if (how === "a throw") assert.ok(error instanceof RangeError);
      else assert.equal(error, undefined);
      const sent = server.requests.length;
      await sleep(150);
      assert.ok(server.requests.length <= sent, "no request after the end");
    });
  }

  test("return() while next() waits ends both", async (t) => {
    const { lamina } = await watching(t, stall());
    const iterator = lamina.watchExecution(EXECUTION_ID, QUICK)[Symbol.asyncIterator]();
    const waiting = iterator.next();
    await sleep(50);
    await within(500, iterator.return(), "return()");
    assert.deepEqual(await within(500, waiting, "next()"), { done: true, value: undefined });
  });

  test("an abort rejects the loop with signal.reason", async (t) => {
    const { lamina } = await watching(t, data(CHANGES[1]));
    const controller = new AbortController();
    const seen = [];
    const { error } = await outcome((async () => {
      for await (const { status } of lamina.watchExecution(EXECUTION_ID, { pollIntervalMs: 5_000, signal: controller.signal })) {
        seen.push(status);
        setTimeout(() => controller.abort("enough"), 30);
      }
    })());
    assert.equal(error, "enough");
    assert.deepEqual(seen, ["running"]);
  });

  test("a slow reader loses no change", async (t) => {
    const { lamina } = await watching(t, ...CHANGES.map((one) => data(one)));
    const seen = [];
    for await (const one of lamina.watchExecution(EXECUTION_ID, QUICK)) {
      await sleep(100);
      seen.push(one);
    }
    assert.deepEqual(seen, CHANGES);
  });

  test("bad arguments reject the first next(), and nothing throws", async () => {
    const lamina = new Lamina({ apiKey: KEY });
    for (const [id, options] of [["", {}], [EXECUTION_ID, { pollIntervalMs: -1 }], [EXECUTION_ID, "x"]]) {
      const iterator = lamina.watchExecution(id, options)[Symbol.asyncIterator]();
      await rejection(iterator.next(), "INVALID_ARGUMENT");
      assert.deepEqual(await iterator.next(), { done: true, value: undefined });
    }
  });
});

describe("runAll", { concurrency: 8 }, () => {
  test("gives each run as it ends, with its index and its request", async (t) => {
    const { lamina } = await running(t, { a: { afterMs: 300 }, b: { afterMs: 150 } });
    const all = requests("a", "b", "c");
    const results = await collect(lamina.runAll(all));
    assert.deepEqual(results.map(({ index }) => index), [2, 1, 0]);
    for (const { index, request, execution: done, error } of results) {
      assert.equal(request, all[index]);
      assert.deepEqual(done, { executionId: all[index].inputs.name, status: "completed", outputs: [], errorMessage: null });
      assert.equal(error, undefined);
    }
  });

  test("one failure never ends the others", async (t) => {
    const { lamina } = await running(t, { b: { status: "failed" }, c: { refused: true } });
    const results = await collect(lamina.runAll([...requests("a", "b", "c"), { appId: "", inputs: {} }, null, ...requests("d")], { concurrency: 2 }));
    const codes = results.sort((one, other) => one.index - other.index).map(({ execution: done, error }) => done?.status ?? error.code);
    assert.deepEqual(codes.slice(0, 4), ["completed", "EXECUTION_FAILED", "VALIDATION_ERROR", "INVALID_ARGUMENT"]);
    assert.equal(typeof codes[4] === "string" || results[4].error instanceof Error, true);
    assert.equal(codes[5], "completed");
  });

  for (const concurrency of [1, 3]) {
    test(`no more than concurrency: ${concurrency} run side by side`, async (t) => {
      const names = ["a", "b", "c", "d", "e", "f", "g"];
      const { state, lamina } = await running(t, Object.fromEntries(names.map((name) => [name, { afterMs: 40 }])));
      assert.equal((await collect(lamina.runAll(requests(...names), { concurrency }))).length, 7);
      assert.equal(state.most, concurrency);
    });
  }

  test("takes an async iterable, and asks it for no more than it can start", async (t) => {
    const { lamina } = await running(t, { a: { afterMs: 100 }, b: { afterMs: 100 } });
    let asked = 0;
    async function* source() {
      for (const request of requests("a", "b", "c", "d")) {
        asked++;
        yield request;
      }
    }
    const iterator = lamina.runAll(source(), { concurrency: 2 });
    await iterator.next();
    assert.ok(asked <= 3, `${asked}`);
    assert.equal((await collect(iterator)).length, 3);
  });

  test("takes an endless source when the loop is left, and closes it", async (t) => {
    const { state, lamina } = await running(t);
    let closed = false;
    function* source() {
      try {
        for (let n = 0; ; n++) yield { appId: "x", inputs: { name: `n${n}` } };
      } finally {
        closed = true;
      }
    }
    let seen = 0;
    for await (const _ of lamina.runAll(source(), { concurrency: 2 })) if (++seen === 3) break;
    await sleep(100);
    assert.equal(closed, true);
    assert.ok(state.started.length <= 6, `${state.started.length} were started and billed`);
  });

  test("a request's own options go before the shared ones", async (t) => {
    const { server, lamina } = await running(t);
    const own = { ...requests("a")[0], webhook: "https://me.example/own" };
    await collect(lamina.runAll([own, ...requests("b")], { webhook: "https://me.example/shared", concurrency: 1 }));
    const hooks = server.requests.filter(({ method }) => method === "POST").map(({ url }) => new URL(url, server.url).searchParams.get("webhook"));
    assert.deepEqual(hooks, ["https://me.example/own", "https://me.example/shared"]);
  });

  test("a source that breaks rejects the loop, after what was running", async (t) => {
    const { lamina } = await running(t, { a: { afterMs: 50 } });
    function* source() {
      yield requests("a")[0];
      throw new RangeError("source");
    }
    const seen = [];
    const { error } = await outcome((async () => { for await (const { execution: done } of lamina.runAll(source())) seen.push(done.executionId); })());
    assert.ok(error instanceof RangeError);
    assert.deepEqual(seen, ["a"]);
  });

  test("an abort ends the loop with signal.reason, and starts nothing more", async (t) => {
    const { state, lamina } = await running(t, { a: { afterMs: 1_000 } });
    const controller = new AbortController();
    setTimeout(() => controller.abort("enough"), 100);
    const { error, ms } = await outcome(() => collect(lamina.runAll(requests("a", "b", "c"), { concurrency: 1, signal: controller.signal })));
    assert.equal(error, "enough");
    assert.ok(ms < 400, `${ms}`);
    await sleep(50);
    assert.deepEqual(state.started, ["a"]);
  });

  for (const [what, source, options] of [["no iterable", 42, {}], ["nothing", undefined, {}], ["concurrency 0", [], { concurrency: 0 }], ["concurrency 1.5", [], { concurrency: 1.5 }]]) {
    test(`${what} is INVALID_ARGUMENT on the first next()`, async () => {
      const iterator = new Lamina({ apiKey: KEY }).runAll(source, options)[Symbol.asyncIterator]();
      await rejection(iterator.next(), "INVALID_ARGUMENT");
    });
  }

  test("nothing to run ends at once", async () => {
    assert.deepEqual(await collect(new Lamina({ apiKey: KEY }).runAll([])), []);
  });
});
