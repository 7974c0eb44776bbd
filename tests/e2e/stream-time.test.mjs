// The life of a stream in virtual time: what keeps it alive, what ends it, what comes after.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { installPackage } from "../support/install.mjs";
import { KEY } from "../support/payloads.mjs";
import { both, DONE, event, run, RUN_ID } from "../support/runs.mjs";
import { rejection } from "../support/settle.mjs";
import { virtualTime } from "../support/virtual-time.mjs";

const { Lamina } = await (await installPackage()).import();
await new Lamina({ apiKey: KEY, fetch: async () => new Response('{"data":[]}') }).listApps(); // compiles the module

const RUNNING = run("running");
const PROGRESS = event("progress", RUNNING);
const COMPLETE = event("complete", DONE);
const TIMEOUT = event("timeout", { message: "Stream timeout after 10 minutes" });
const FINISHED = both(DONE);
const MINUTE = 60_000;

/**
 * A wait in virtual time. Each stream that is opened sends, `[at, text]` in milliseconds of its age, and ends by `null`.
 * @param {[number, string | null][][]} streams in turn; the last stands for all that follow
 * @param {() => object} [look] what a plain read gives
 * @param {object} [options] of the wait; or `start`, which waits in another way
 */
function inTime(t, streams, look = () => RUNNING, { start, ...options } = {}) {
  const time = virtualTime(t);
  const asked = [];
  const fetch = async (url, { signal }) => {
    const [way] = /stream$|wait/.exec(url) ?? ["look"];
    const record = { way, at: time.now, closedAt: undefined };
    asked.push(record);
    if (way === "wait") return new Response(JSON.stringify({ data: DONE }));
    if (way === "look") return new Response(JSON.stringify({ data: look(asked.length) }));
    const script = streams.length > 1 ? streams.shift() : streams[0];
    const body = new ReadableStream({
      start(controller) {
        for (const [at, text] of script) {
          setTimeout(() => {
            if (record.closedAt !== undefined) return;
            if (text !== null) return controller.enqueue(new TextEncoder().encode(text));
            record.closedAt = time.now;
            controller.close();
          }, at);
        }
        signal.addEventListener("abort", () => {
          record.closedAt ??= time.now;
          try {
            controller.error(signal.reason);
          } catch {
            // It is over already.
          }
        });
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  };
  const lamina = new Lamina({ apiKey: KEY, apiVersion: "v1", fetch });
  const waiting = start ? start(lamina, time) : lamina.waitForExecution(RUN_ID, { transport: "stream", ...options });
  waiting.catch(() => {});
  return { time, asked, waiting, ways: () => asked.map(({ way }) => way) };
}
/** A sign of life every 15 seconds, for so long. */
const pings = (ms) => Array.from({ length: Math.floor(ms / 15_000) }, (_, n) => [(n + 1) * 15_000, "event: ping\ndata: 1713456789000\n\n"]);

describe("in virtual time", () => {
  test("pings keep a stream alive for as long as it lives", async (t) => {
    const { time, waiting, ways } = inTime(t, [[[0, PROGRESS], ...pings(9 * MINUTE), [9 * MINUTE + 5, COMPLETE]]]);
    assert.deepEqual(await time.pass(10 * MINUTE, waiting), FINISHED);
    assert.equal(time.now, 9 * MINUTE + 5);
    assert.deepEqual(ways(), ["stream"]);
  });

  test("so does any byte, be it of a comment or of an event that is not over", async (t) => {
    const dribble = [...COMPLETE].map((byte, n) => [n * 2_000, byte]);
    const { time, waiting, ways } = inTime(t, [[[0, PROGRESS], [40_000, ":"], [80_000, "\n"], ...dribble.map(([at, byte]) => [120_000 + at, byte])]]);
    assert.deepEqual(await time.pass(30 * MINUTE, waiting), FINISHED);
    assert.deepEqual(ways(), ["stream"]);
  });

  test("45 seconds without a byte are a break: the connection is closed, a look follows, then the next stream", async (t) => {
    const { time, asked, waiting, ways } = inTime(t, [[[0, PROGRESS], [10_000, PROGRESS]], [[5, COMPLETE]]]);
    assert.deepEqual(await time.pass(10 * MINUTE, waiting), FINISHED);
    assert.deepEqual(ways(), ["stream", "look", "stream"]);
    assert.equal(asked[0].closedAt, 55_000);
    assert.ok(asked[1].at - 55_000 <= 5_000, `${asked[1].at}`);
  });

  test("the timeout event after 10 minutes opens the next stream at once, without a look", async (t) => {
    const tenMinutes = [[0, PROGRESS], ...pings(10 * MINUTE - 1), [10 * MINUTE, TIMEOUT], [10 * MINUTE + 1, null]];
    const { time, asked, waiting, ways } = inTime(t, [tenMinutes, [...tenMinutes], [[0, PROGRESS], [1_000, COMPLETE]]]);
    assert.deepEqual(await time.pass(29 * MINUTE, waiting), FINISHED);
    assert.deepEqual(ways(), ["stream", "stream", "stream"]);
    assert.deepEqual(asked.map(({ at }) => Math.round(at / MINUTE)), [0, 10, 20]);
  });

  test("a server that ends its streams by timeout at once is not flooded", async (t) => {
    const { time, asked, waiting, ways } = inTime(t, [[[0, TIMEOUT], [1, null]]], () => RUNNING, { timeoutMs: 10 * MINUTE });
    await time.pass(11 * MINUTE, rejection(waiting, "WAIT_TIMEOUT"));
    const streams = ways().filter((way) => way === "stream").length;
    assert.ok(streams >= 5 && streams <= 10, `${streams} streams`);
    const inAMinute = Math.max(...asked.map(({ at }) => asked.filter((other) => other.at >= at && other.at < at + MINUTE).length));
    assert.ok(inAMinute <= 25, `${inAMinute} requests within a minute`);
  });

  test("a broken stream is tried again after 1, 3, 7 … looks; looks keep their pause", async (t) => {
    const { time, asked, waiting, ways } = inTime(t, [[[0, null]]], (count) => (count > 16 ? DONE : RUNNING), { pollIntervalMs: 4_000 });
    assert.deepEqual(await time.pass(20 * MINUTE, waiting), FINISHED);
    const runs = ways().join(" ").split("stream").slice(1).map((between) => between.trim().split(" ").filter(Boolean).length);
    assert.deepEqual(runs.slice(0, 3), [1, 3, 7]);
    const looks = asked.filter(({ way }, index) => way === "look" && asked[index - 1].way === "look");
    for (const look of looks) assert.ok(look.at - asked[asked.indexOf(look) - 1].at >= 3_999);
  });

  test("auto: where something on the way holds streams back, silence after silence, held replies take over", async (t) => {
    const { time, waiting, ways } = inTime(t, [[]], () => RUNNING, { transport: "auto" });
    assert.deepEqual(await time.pass(20 * MINUTE, waiting), FINISHED);
    assert.deepEqual(ways(), ["stream", "look", "stream", "look", "look", "look", "stream", "wait"]);
    assert.ok(time.now < 4 * MINUTE, `${time.now}`);
  });

  test("auto: after ten minutes a client that left streams for held replies tries them again", async (t) => {
    const time = virtualTime(t);
    const asked = [];
    const fetch = async (url) => {
      const [way] = /stream$|wait/.exec(url) ?? ["look"];
      asked.push(way);
      if (way === "stream") return new Response("{}", { status: 404 });
      return new Response(JSON.stringify({ data: way === "wait" || asked.length > 8 ? DONE : RUNNING }));
    };
    const lamina = new Lamina({ apiKey: KEY, apiVersion: "v1", fetch });
    const ask = async () => {
      asked.length = 0;
      await time.pass(MINUTE, lamina.waitForExecution(RUN_ID, { transport: "auto", pollIntervalMs: 100 }));
      return asked[0];
    };
    const firsts = [];
    for (let minute = 0; minute < 13; minute++) {
      firsts.push(await ask());
      await time.pass(MINUTE);
    }
    assert.deepEqual(firsts, ["stream", ...Array(9).fill("wait"), "stream", "wait", "wait"]);
  });

  test("an event forgets the breaks before it", async (t) => {
    const short = [[0, PROGRESS], [10, null]];
    const { time, waiting, ways } = inTime(t, [short, short, short, [[0, COMPLETE]]]);
    assert.deepEqual(await time.pass(20 * MINUTE, waiting), FINISHED);
    assert.deepEqual(ways(), ["stream", "look", "stream", "look", "stream", "look", "stream"]);
  });

  test("a loop that rests for minutes may lose its stream, and nothing else", async (t) => {
    const start = async (lamina) => {
      const statuses = [];
      for await (const { status } of lamina.watchExecution(RUN_ID, { transport: "stream" })) {
        statuses.push(status);
        await new Promise((resolve) => setTimeout(resolve, 4 * MINUTE));
      }
      return statuses;
    };
    const queued = event("progress", run("queued"));
    const { time, waiting } = inTime(t, [[[0, queued], [20_000, PROGRESS], [30_000, COMPLETE]], [[0, COMPLETE]]], undefined, { start });
    assert.deepEqual(await time.pass(25 * MINUTE, waiting), ["queued", "running", "completed"]);
  });

  test("the wait's time ends a stream that goes on, and closes it", async (t) => {
    const { time, asked, waiting } = inTime(t, [[[0, PROGRESS], ...pings(9 * MINUTE)]], undefined, { timeoutMs: 100_000 });
    const { execution } = await time.pass(5 * MINUTE, rejection(waiting, "WAIT_TIMEOUT"));
    assert.equal(execution.status, "running");
    assert.equal(time.now, 100_000);
    assert.equal(asked[0].closedAt, 100_000);
  });
});
