// What v1 adds to inputs and to what is made of them: keys, lists, outputs by label; estimates, usage, progress.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { installPackage } from "../support/install.mjs";
import { APP_ID, KEY } from "../support/payloads.mjs";
import { QUEUED_RUN, run, RUN_ID, scripted } from "../support/runs.mjs";
import { data } from "../support/scripted-server.mjs";
import { rejection } from "../support/settle.mjs";
import { virtualTime } from "../support/virtual-time.mjs";

const pkg = await installPackage();
const { Lamina } = await pkg.import();
const { createSimulator } = await pkg.import("/simulator");
const { serve } = await pkg.import("/simulator/node");
const setUp = scripted(Lamina);

/** One parameter of each kind, as v1 describes them: `required` stands on all of them and means nothing. */
const STUDIO = {
  name: "Studio",
  parameters: [
    { key: "photos", name: "Photos ", type: "url", multiple: true, accept: ["image"] },
    { key: "places", name: "Places", type: "options", multiple: true, options: ["Studio", "Urban ", "Park"], default: [] },
    { key: "mood", name: "Mood  of it", type: "text", default: "" },
    { key: "style", name: "Style", type: "options", options: ["Ghibli", "Cyberpunk"], default: "Ghibli" },
  ],
  outputs: [
    { label: "Hero", type: "image", value: "https://media.example.com/hero.png" },
    { label: "Story", type: "text", value: "once" },
    { label: "Story", type: "text", value: "twice" },
  ],
};
const PHOTO = "https://media.example.com/1.png";

async function simulate(t, options) {
  const sim = createSimulator({ speed: 100, rateLimit: false, apps: [STUDIO], ...options });
  const server = await serve(sim);
  t.after(async () => {
    await server.close();
    sim.close();
  });
  const lamina = new Lamina({ apiKey: sim.apiKey, baseUrl: server.url, apiVersion: "v1" });
  return { sim, lamina, appId: sim.apps[0].appId };
}

/** Inputs, and what is wrong with them: `[parameter, code, suggestion]`, where anything is. */
const INPUTS = [
  [{ photos: PHOTO }],
  [{ photos: [PHOTO] }],
  [{ "Photos ": [PHOTO, PHOTO], places: ["Studio", "Urban "], mood: "", style: "Cyberpunk" }],
  [{ photos: PHOTO, places: "Park", "Mood  of it": "calm" }],
  [{ photos: PHOTO, places: [] }],
  [{}, ["photos", "missing_no_default"]],
  [{ photos: PHOTO, Photos: PHOTO }, ["Photos", "unknown_parameter", "Photos "]],
  [{ photos: PHOTO, moods: "x" }, ["moods", "unknown_parameter", "mood"]],
  [{ photos: [PHOTO, "two.png"] }, ["photos", "invalid_url"]],
  [{ photos: [PHOTO, 5] }, ["photos", "invalid_type"]],
  [{ photos: [[PHOTO]] }, ["photos", "invalid_type"]],
  [{ photos: PHOTO, places: ["Studio", "Urban"] }, ["places", "invalid_option", "Urban "]],
  [{ photos: PHOTO, style: ["Ghibli"] }, ["style", "invalid_type"]],
  [{ photos: PHOTO, style: "ghibli" }, ["style", "invalid_option", "Ghibli"]],
  [{ photos: PHOTO, mood: 5 }, ["mood", "invalid_type"]],
  [{ photos: PHOTO, mood: ["x"] }, ["mood", "invalid_type"]],
];

describe("v1 inputs", { concurrency: 4 }, () => {
  test("the local check and the server say the same of each", async (t) => {
    const { sim, lamina, appId } = await simulate(t);
    const app = await lamina.getApp(appId);
    assert.deepEqual(app.parameters.map(({ key, required, multiple }) => [key, required, multiple ?? false]), [
      ["photos", true, true],
      ["places", true, true],
      ["mood", true, false],
      ["style", true, false],
    ]);
    for (const [inputs, expected] of INPUTS) {
      const label = JSON.stringify(inputs);
      const { valid, errors, warnings } = await lamina.validateInputs(app, inputs);
      const found = errors.map(({ parameter, code, suggestion }) => [parameter, code, ...(suggestion ? [suggestion] : [])]);
      assert.deepEqual([valid, found, warnings], [!expected, expected ? [expected] : [], []], label);
      const starts = sim.ledger.starts.length;
      if (!expected) {
        await lamina.execute(appId, inputs, { validate: app });
        assert.deepEqual(sim.ledger.starts.at(-1).inputs, inputs, "exactly as given");
        continue;
      }
      const refused = await rejection(lamina.execute(appId, inputs, { validate: app }), "INVALID_INPUTS");
      assert.deepEqual(refused.details, errors);
      const { status, details, requestId, retryable } = await rejection(lamina.execute(appId, inputs), "VALIDATION_ERROR");
      assert.deepEqual([status, retryable, typeof requestId], [400, false, "string"], label);
      // What is no URL, the server calls by what it was to be.
      assert.equal(details[0].code.replace("invalid_media", "invalid_url"), expected[1], label);
      assert.equal(sim.ledger.starts.length, starts);
    }
  });

  test("a default of \"\", [], 0 or false is one; null is none", async () => {
    const lamina = new Lamina({ apiKey: KEY, apiVersion: "v1" });
    const check = (value) => lamina.validateInputs({ parameters: [{ key: "a", name: "A", type: "text", required: true, default: value }] }, {});
    for (const value of ["", [], 0, false, "x"]) assert.equal((await check(value)).valid, true, JSON.stringify(value));
    for (const value of [null, undefined]) {
      const { valid, errors } = await check(value);
      assert.deepEqual([valid, errors.map(({ parameter, code }) => [parameter, code])], [false, [["a", "missing_no_default"]]]);
    }
  });

  test("a type that is not known yet is left to the server", async () => {
    const lamina = new Lamina({ apiKey: KEY, apiVersion: "v1" });
    for (const type of ["number", "file", undefined, 5]) {
      const app = { parameters: [{ key: "a", name: "A", type }] };
      for (const value of [5, true, "x", ["x"], { x: 1 }]) assert.equal((await lamina.validateInputs(app, { a: value })).valid, true);
    }
  });
});

describe("outputs", { concurrency: 4 }, () => {
  test("only those that are named are made; one label may be several's, in any case", async (t) => {
    const { lamina, appId } = await simulate(t);
    const made = async (outputs) => (await lamina.run(appId, { photos: PHOTO }, { outputs, pollIntervalMs: 20 })).outputs.map(({ value }) => value);
    assert.deepEqual(await made(["story"]), ["once", "twice"]);
    assert.deepEqual(await made(["HERO", "Story"]), ["https://media.example.com/hero.png", "once", "twice"]);
    assert.equal((await made(undefined)).length, 3);
  });

  test("a label that there is not is the server's to refuse, and its list is in the error", async (t) => {
    const { sim, lamina, appId } = await simulate(t);
    const error = await rejection(lamina.run(appId, { photos: PHOTO }, { outputs: ["Hero", "Storm"] }), "VALIDATION_ERROR");
    assert.match(error.message, /storm.*Hero/is);
    assert.equal(sim.ledger.starts.length, 0);
  });

  test("labels are sent as they are, and none where none is named", async (t) => {
    const { server, lamina } = await setUp(t, { start: data(QUEUED_RUN, 202) });
    await lamina.execute(APP_ID, { a: "b" }, { outputs: ["Life  style ", "hero"] });
    await lamina.execute(APP_ID, {});
    assert.deepEqual(server.requests.map(({ body }) => body), ['{"inputs":{"a":"b"},"outputs":["Life  style ","hero"]}', '{"inputs":{}}']);
  });

  test("runAll takes them for each", async (t) => {
    const { lamina, appId } = await simulate(t);
    const requests = [{ appId, inputs: { photos: PHOTO }, outputs: ["hero"] }, { appId, inputs: { photos: PHOTO } }];
    const counts = [];
    for await (const { index, execution } of lamina.runAll(requests, { pollIntervalMs: 20 })) counts[index] = execution.outputs.length;
    assert.deepEqual(counts, [1, 3]);
  });
});

describe("progress", { concurrency: 4 }, () => {
  for (const transport of ["poll", "stream"]) {
    test(`${transport}: what the server says of it reaches onUpdate as it came, whatever is in it`, async (t) => {
      const { lamina, appId } = await simulate(t, { speed: 20 });
      const seen = [];
      await lamina.run(appId, { photos: PHOTO }, { transport, pollIntervalMs: 20, onUpdate: ({ progress }) => seen.push(progress) });
      for (const progress of seen) assert.deepEqual(Object.keys(progress), ["totalOutputs", "completedOutputs", "failedOutputs", "percentComplete"]);
      const done = seen.map(({ completedOutputs }) => completedOutputs);
      assert.deepEqual(done, done.toSorted());
      assert.deepEqual([done[0], done.at(-1), seen.at(-1).percentComplete], [0, 3, 100]);
    });
  }

  test("progress alone is a change, and members that nobody knows come along", async (t) => {
    const at = (percentComplete) => data(run("running", { progress: { percentComplete }, quality: { score: null, attempts: 1 } }));
    const { lamina } = await setUp(t, { look: [at(0), at(0), at(null), at(60), data(run("completed", { artifacts: [{ kind: "x" }] }))] });
    const seen = [];
    const done = await lamina.waitForExecution(RUN_ID, { pollIntervalMs: 5, onUpdate: ({ progress }) => seen.push(progress?.percentComplete) });
    assert.deepEqual(seen, [0, null, 60, undefined]);
    assert.deepEqual(done.artifacts, [{ kind: "x" }]);
  });
});

describe("estimateCost and getUsage", () => {
  test("an estimate starts nothing, and is repeated like a read", async (t) => {
    const { sim, lamina, appId } = await simulate(t, { faults: [{ kind: "status", status: 500, operation: "estimate", times: 2 }] });
    const { estimatedCredits, currentBalance, affordable, breakdown } = await lamina.estimateCost(appId);
    assert.ok(estimatedCredits.min <= estimatedCredits.expected && estimatedCredits.expected <= estimatedCredits.max);
    assert.equal(breakdown.reduce((sum, { credits }) => sum + credits, 0), estimatedCredits.expected);
    assert.equal(affordable, currentBalance >= estimatedCredits.expected);
    assert.deepEqual([sim.ledger.starts.length, sim.ledger.requests.length], [0, 3]);
    await rejection(lamina.estimateCost("no-such-app"), "NOT_FOUND");
    await rejection(lamina.estimateCost(""), "INVALID_ARGUMENT");
  });

  test("usage goes down by what a run costs", async (t) => {
    const { lamina, appId } = await simulate(t);
    const before = await lamina.getUsage();
    const { estimatedCredits } = await lamina.estimateCost(appId);
    await lamina.execute(appId, { photos: PHOTO });
    const { credits, rateLimit } = await lamina.getUsage();
    assert.equal(credits.balance, before.credits.balance - estimatedCredits.expected);
    assert.equal(typeof rateLimit.windowMs, "number");
  });

  /** When each of so many calls goes out in virtual time, after a usage with this limit. */
  async function times(t, rateLimit, calls, options = {}) {
    const time = virtualTime(t);
    const sent = [];
    const fetch = async (url) => {
      sent.push(time.now);
      const usage = { credits: { balance: 1 }, ...(rateLimit === undefined ? {} : { rateLimit }) };
      return new Response(JSON.stringify({ data: url.endsWith("/usage") ? usage : [] }));
    };
    const lamina = new Lamina({ apiKey: KEY, apiVersion: "v1", timeoutMs: 6_000_000, ...options, fetch });
    await time.pass(1_000, lamina.getUsage());
    await time.pass(6_000_000, Promise.all(Array.from({ length: calls }, () => lamina.listApps())));
    return sent;
  }
  const within = (sent, ms) => sent.filter((at) => at - sent[0] < ms).length;

  test("the account's rateLimit bounds the budget", async (t) => {
    await new Lamina({ apiKey: KEY, fetch: async () => new Response('{"data":[]}') }).listApps(); // compiles the module
    const sent = await times(t, { limit: 10, windowMs: 60_000 }, 25);
    assert.equal(sent.length, 26);
    assert.equal(within(sent, 59_000), 10);
  });

  test("one of another window is brought to a minute", async (t) => {
    const sent = await times(t, { limit: 2, windowMs: 10_000 }, 25);
    assert.equal(within(sent, 59_000), 12);
  });

  test("a larger one, or one that is none, leaves requestsPerMinute as it is", async (t) => {
    for (const rateLimit of [{ limit: 1e9, windowMs: 60_000 }, { limit: 0, windowMs: 60_000 }, { limit: 5 }, { limit: "5", windowMs: "x" }, null, 7, undefined]) {
      await t.test(JSON.stringify(rateLimit) ?? "none", async (each) => {
        const sent = await times(each, rateLimit, 30, { requestsPerMinute: 20 });
        assert.equal(within(sent, 59_000), 20);
      });
    }
  });
});
