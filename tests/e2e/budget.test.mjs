// requestsPerMinute: all calls of a client share it. Minutes pass in virtual time; `fetch` is in process, for it has to be in
// the same time.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { installPackage } from "../support/install.mjs";
import { KEY } from "../support/payloads.mjs";
import { data, startServer } from "../support/scripted-server.mjs";
import { rejection } from "../support/settle.mjs";
import { virtualTime } from "../support/virtual-time.mjs";

const { Lamina } = await (await installPackage()).import();
await new Lamina({ apiKey: KEY, fetch: async () => new Response('{"data":[]}') }).listApps(); // compiles the module

const MINUTE = 60_000;

const reply = (value, status = 200, headers = {}) => ({ status, headers: new Headers(headers), text: async () => JSON.stringify(value) });
const list = (headers) => reply({ data: [] }, 200, headers);
const running = (url) => reply({ data: { executionId: url.split("/").at(-1), status: "running", outputs: [] } });
const call = (lamina, count) => Promise.all(Array.from({ length: count }, (_, n) => lamina.listApps({ limit: n + 1 })));

/**
 * A client in virtual time: what it sends, and when.
 * @param {(url: string, count: number, now: number) => object} [answer]
 */
function inTime(t, options, answer = () => list()) {
  const time = virtualTime(t);
  const sent = [];
  const fetch = async (url) => {
    sent.push({ url, at: time.now });
    return answer(url, sent.length, time.now);
  };
  const lamina = new Lamina({ apiKey: KEY, timeoutMs: 100 * MINUTE, ...options, fetch });
  return { lamina, sent, times: () => sent.map(({ at }) => at), pass: time.pass };
}

/** The most requests in any window of a minute. */
function most(times) {
  return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + MINUTE).length));
}

describe("budget", () => {
  test("no window of 60 s has more requests than requestsPerMinute, and none waits longer than it must", async (t) => {
    const { lamina, times, pass } = inTime(t, { requestsPerMinute: 5 });
    await pass(5 * MINUTE, call(lamina, 12));
    assert.equal(times().length, 12);
    assert.ok(most(times()) <= 5, times().join(" "));
    assert.ok(times()[4] < 1_000, "the first are sent at once");
    assert.ok(times()[11] <= 2 * MINUTE + 1_000, `${times()[11]}`);
  });

  test("100 is the default", async (t) => {
    const { lamina, times, pass } = inTime(t, {});
    await pass(3 * MINUTE, call(lamina, 130));
    assert.equal(times().length, 130);
    assert.equal(most(times()), 100);
    assert.ok(times()[99] < 1_000);
  });

  test("Infinity switches it off", async (t) => {
    const { lamina, times, pass } = inTime(t, { requestsPerMinute: Infinity });
    await pass(1_000, call(lamina, 400));
    assert.equal(times().filter((at) => at === 0).length, 400);
  });

  test("retries and looks count as well", async (t) => {
    let failures = 0;
    const { lamina, times, pass } = inTime(t, { requestsPerMinute: 6 }, (url) =>
      url.includes("/executions/") ? running(url) : ++failures % 2 ? reply({}, 500) : list());
    const waiting = rejection(lamina.waitForExecution("e", { timeoutMs: 4 * MINUTE }), "WAIT_TIMEOUT");
    await pass(5 * MINUTE, Promise.all([call(lamina, 6), waiting]));
    assert.ok(most(times()) <= 6, times().join(" "));
    assert.ok(times().length > 18);
  });

  test("more waits than the budget can serve share it evenly, and none starves", async (t) => {
    const { lamina, sent, times, pass } = inTime(t, { requestsPerMinute: 30 }, (url) => running(url));
    const waits = Array.from({ length: 40 }, (_, n) => rejection(lamina.waitForExecution(`e${n}`, { timeoutMs: 10 * MINUTE, pollIntervalMs: 3_000 }), "WAIT_TIMEOUT"));
    await pass(11 * MINUTE, Promise.all(waits));
    assert.ok(most(times()) <= 30, `${most(times())}`);
    assert.ok(times().length >= 270, `the budget is used: ${times().length} of 300`);
    const looks = new Map();
    for (const { url } of sent) looks.set(url, (looks.get(url) ?? 0) + 1);
    assert.equal(looks.size, 40);
    const counts = [...looks.values()];
    assert.ok(Math.max(...counts) - Math.min(...counts) <= 3, counts.join(" "));
  });

  test("a call goes before the polls", async (t) => {
    const { lamina, sent, pass } = inTime(t, { requestsPerMinute: 10 }, (url) => (url.includes("/executions/") ? running(url) : list()));
    const waits = Array.from({ length: 30 }, (_, n) => rejection(lamina.waitForExecution(`e${n}`, { timeoutMs: 5 * MINUTE, pollIntervalMs: 3_000 }), "WAIT_TIMEOUT"));
    await pass(2 * MINUTE + 500);
    const before = sent.length;
    const answer = lamina.listApps();
    await pass(MINUTE, answer);
    const place = sent.slice(before).findIndex(({ url }) => url.endsWith("/api/apps"));
    assert.equal(place, 0, "it is the next to be sent");
    await pass(5 * MINUTE, Promise.all(waits));
  });

  for (const [what, reset] of [["seconds", () => "30"], ["a timestamp", (now) => String(Math.ceil(now / 1000) + 30)]]) {
    test(`RateLimit-Remaining: 0 holds everything back until RateLimit-Reset in ${what}`, async (t) => {
      const { lamina, times, pass } = inTime(t, {}, (_, count) =>
        list(count === 1 ? { "ratelimit-limit": "100", "ratelimit-remaining": "0", "ratelimit-reset": reset(Date.now()) } : {}));
      await pass(1_000, lamina.listApps());
      await pass(2 * MINUTE, call(lamina, 3));
      assert.equal(times().length, 4);
      for (const at of times().slice(1)) assert.ok(at >= 29_900 && at <= 33_000, `${at}`);
    });
  }

  test("what the server has left is not overdrawn", async (t) => {
    const { lamina, times, pass } = inTime(t, {}, (_, count, now) => {
      const windowEnds = 40_000;
      const left = now < windowEnds ? Math.max(0, 4 - count) : 100;
      return list({ "ratelimit-remaining": `${left}`, "ratelimit-reset": `${Math.max(0, (windowEnds - now) / 1000)}` });
    });
    await pass(1_000, lamina.listApps());
    await pass(3 * MINUTE, call(lamina, 6));
    assert.equal(times().length, 7);
    assert.equal(times().filter((at) => at < 39_900).length, 4, times().join(" "));
  });

  test("Retry-After of one call holds back all of the client, waits included", async (t) => {
    const { lamina, times, pass } = inTime(t, {}, (url, count) =>
      count === 1 ? reply("slow", 429, { "retry-after": "20" }) : url.includes("/executions/") ? running(url) : list());
    const all = [lamina.listApps()];
    await pass(300);
    all.push(lamina.getApp("x").catch(() => {}), rejection(lamina.waitForExecution("e", { timeoutMs: MINUTE }), "WAIT_TIMEOUT"));
    await pass(2 * MINUTE, Promise.all(all));
    for (const at of times().slice(1)) assert.ok(at >= 19_900, times().join(" "));
  });

  test("a wait alone is not slowed down by the budget", async (t) => {
    const { lamina, times, pass } = inTime(t, {}, (url) => running(url));
    await pass(2 * MINUTE, rejection(lamina.waitForExecution("e", { timeoutMs: MINUTE, pollIntervalMs: 3_000 }), "WAIT_TIMEOUT"));
    assert.ok(times().length >= 19 && times().length <= 21, `${times().length}`);
  });

  test("a call that was aborted in the queue gives its place back", async (t) => {
    const { lamina, times, pass } = inTime(t, { requestsPerMinute: 2 });
    await pass(1_000, call(lamina, 2));
    const controller = new AbortController();
    const aborted = Array.from({ length: 5 }, () => lamina.listApps({ signal: controller.signal }).catch((reason) => reason));
    const kept = lamina.listApps();
    controller.abort("enough");
    assert.deepEqual(await Promise.all(aborted), Array(5).fill("enough"));
    await pass(2 * MINUTE, kept);
    assert.equal(times().length, 3);
    assert.ok(times()[2] <= MINUTE + 1_000);
  });

  test("the clock of the wall may jump by an hour either way", async (t) => {
    const { lamina, times, pass } = inTime(t, {}, (url) => running(url));
    const waiting = rejection(lamina.waitForExecution("e", { timeoutMs: MINUTE, pollIntervalMs: 5_000 }), "WAIT_TIMEOUT");
    await pass(10_000);
    const { now } = Date;
    for (const jump of [3_600_000, -3_600_000]) {
      Date.now = () => now() + jump;
      const before = times().length;
      await pass(10_000);
      assert.ok(times().length - before >= 1 && times().length - before <= 3, `${times().length - before} looks in 10 s`);
    }
    Date.now = now;
    await pass(2 * MINUTE, waiting);
  });

  test("calls within the budget are not held back, in real time", async (t) => {
    const server = await startServer(t);
    server.on("*", data([]));
    const lamina = new Lamina({ apiKey: KEY, baseUrl: server.url });
    const began = performance.now();
    await call(lamina, 90);
    assert.equal(server.requests.length, 90);
    assert.ok(performance.now() - began < 1_500);
  });
});
