// Replies that are JSON and hostile all the same: huge, deep, with names and characters that break things elsewhere. The right
// value or a typed error, and the client goes on.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { installPackage } from "../support/install.mjs";
import { APP, APP_ID, COMPLETED, EXECUTION_ID, KEY, STARTED, SUMMARY } from "../support/payloads.mjs";
import { startServer, text } from "../support/scripted-server.mjs";
import { rejection, within } from "../support/settle.mjs";

const { Lamina } = await (await installPackage()).import();

const JSON_HEAD = { "content-type": "application/json" };
const MB_8 = 8 * 2 ** 20;
const DEPTH = 10_000;
const deep = `${"[".repeat(DEPTH)}${"]".repeat(DEPTH)}`;
const nested = `${'{"a":'.repeat(DEPTH)}1${"}".repeat(DEPTH)}`;
/** The text of a reply in which `"RAW"` is this JSON. */
const withRaw = (body, raw) => JSON.stringify(body).replace('"RAW"', raw);

function depthOf(value) {
  let depth = 0;
  for (let inner = value; inner !== null && typeof inner === "object"; inner = Object.values(inner)[0]) depth++;
  return depth;
}

/** A client of a server that answers with these texts in turn, with the last one from then on. */
async function answering(t, bodies, status = 200) {
  const server = await startServer(t);
  server.on("*", ...bodies.map((body) => text(body, status, JSON_HEAD)));
  return { server, lamina: new Lamina({ apiKey: KEY, baseUrl: server.url, maxRetries: 0 }) };
}

describe("hostile replies", { concurrency: 4 }, () => {
  test("an output of 8 MB arrives whole, also at the end of a wait", async (t) => {
    const value = "é".repeat(MB_8 / 2);
    const done = { ...COMPLETED, outputs: [{ ...COMPLETED.outputs[0], value }] };
    const { lamina } = await answering(t, [JSON.stringify({ data: { ...STARTED, outputs: [{ ...STARTED.outputs[0], value }] } }), JSON.stringify({ data: done })]);
    const updates = [];
    const seen = await within(20_000, lamina.waitForExecution(EXECUTION_ID, { pollIntervalMs: 1, onUpdate: ({ status }) => updates.push(status) }));
    assert.equal(seen.outputs[0].value.length, MB_8 / 2);
    assert.equal(seen.outputs[0].value, value);
    assert.deepEqual(updates, ["queued", "completed"]);
  });

  test("a wait sees every change of replies that are nested 10,000 deep, and its end", async (t) => {
    const look = (status, raw) => withRaw({ data: { ...STARTED, status, extra: "RAW" } }, raw);
    const { server, lamina } = await answering(t, [look("queued", nested), look("queued", nested), look("running", nested), look("completed", deep)]);
    const updates = [];
    const seen = await within(20_000, lamina.waitForExecution(EXECUTION_ID, { pollIntervalMs: 1, onUpdate: ({ status }) => updates.push(status) }));
    assert.equal(depthOf(seen.extra), DEPTH);
    // Deeper than a host can compare, one that did not change may be told again.
    assert.deepEqual([[...new Set(updates)], server.requests.length], [["queued", "running", "completed"], 4]);
  });

  for (const [what, raw] of [["lists", deep], ["objects", nested]]) {
    test(`the details of an error that are ${what} nested 10,000 deep are kept`, async (t) => {
      const { lamina } = await answering(t, [withRaw({ error: "no", code: "VALIDATION_ERROR", details: "RAW" }, raw)], 400);
      const error = await rejection(lamina.listApps(), "VALIDATION_ERROR");
      assert.equal(depthOf(error.details), DEPTH);
    });
  }

  test("an error of 8 MB is an error with a message", async (t) => {
    const { lamina } = await answering(t, ["no ".repeat(MB_8 / 3)], 400);
    const plain = await rejection(lamina.listApps(), "VALIDATION_ERROR");
    assert.ok(plain.message.length > 0 && plain.message.length < 2_000, `${plain.message.length}`);
    const { lamina: other } = await answering(t, [JSON.stringify({ error: "no ".repeat(MB_8 / 3) })], 400);
    assert.match((await rejection(other.listApps(), "VALIDATION_ERROR")).message, /^no no/);
  });

  test("names of prototypes are members like others, and pollute nothing", async (t) => {
    const names = '"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"toString":1,"hasOwnProperty":2,"then":3';
    const start = JSON.stringify(STARTED).slice(0, -1);
    const { lamina } = await answering(t, [`{"data":${start},${names}},${names}}`]);
    for (const value of [await lamina.getExecution(EXECUTION_ID), await lamina.execute(APP_ID, {})]) {
      assert.deepEqual(Object.keys(value).slice(-5), ["__proto__", "constructor", "toString", "hasOwnProperty", "then"]);
      assert.equal(value.executionId, EXECUTION_ID);
      assert.equal(Object.getOwnPropertyDescriptor(value, "__proto__").value.polluted, true);
    }
    assert.equal({}.polluted, undefined);
  });

  test("what is only in a reply's __proto__ is not there", async (t) => {
    const { lamina } = await answering(t, [`{"__proto__":{"data":${JSON.stringify([SUMMARY])}}}`, `{"data":{"__proto__":${JSON.stringify(STARTED)}}}`]);
    await rejection(lamina.listApps(), "INVALID_RESPONSE");
    await rejection(lamina.getExecution(EXECUTION_ID), "INVALID_RESPONSE");
  });

  test("lone surrogates, NUL and every odd character arrive as they were sent", async (t) => {
    const odd = '"\\ud800\\udc00 \\ud800 \\udfff \\u0000 \\u2028\\u2029 \\ufeff \\u202e"';
    const { lamina } = await answering(t, [withRaw({ data: [{ ...SUMMARY, name: "RAW" }] }, odd)]);
    assert.equal((await lamina.listApps())[0].name, JSON.parse(odd));
  });

  test("an app with names that break things elsewhere is checked like others", async (t) => {
    const parameters = ["__proto__", "constructor", "\ud800", "a\u0000b"].map((name) => ({ name, type: "options", options: ["__proto__", "\udfff", "toString"] }));
    const app = { ...APP, parameters };
    const { lamina } = await answering(t, [JSON.stringify({ data: app })]);
    const inputs = JSON.parse('{"__proto__":"__proto__","constructor":"toString","\\ud800":"toString","a\\u0000b":"toString"}');
    assert.deepEqual(await lamina.validateInputs(APP_ID, inputs), { valid: true, errors: [], warnings: [] });
    const { errors } = await lamina.validateInputs(APP_ID, JSON.parse('{"__proto__":"hasOwnProperty"}'));
    assert.deepEqual(errors.map(({ parameter, code }) => [parameter, code]), [["__proto__", "invalid_option"]]);
  });

  const NUMBERS = { "9007199254740993123": 429, "1e308": 429, "1e999": 429, "-5": 429, "-1e999": 429 };
  for (const [number, status] of Object.entries(NUMBERS)) {
    test(`a retryAfter of ${number} neither hangs nor hammers`, async (t) => {
      const server = await startServer(t);
      server.on("*", text(`{"error":"slow","retryAfter":${number}}`, status, JSON_HEAD));
      const lamina = new Lamina({ apiKey: KEY, baseUrl: server.url, maxRetries: 2 });
      const error = await within(10_000, rejection(lamina.listApps(), "RATE_LIMITED"));
      assert.ok(server.requests.length <= 3);
      if (!number.startsWith("-")) assert.ok(server.requests.length === 1 && error.retryAfterMs > 60_000, `${server.requests.length}, ${error.retryAfterMs}`);
    });
  }

  test("200,000 apps, or none, are a list", async (t) => {
    const { lamina } = await answering(t, [`{"data":[${'{"appId":"a"},'.repeat(199_999)}{"appId":"z"}]}`, '{"data":[]}']);
    const apps = await within(20_000, lamina.listApps());
    assert.deepEqual([apps.length, apps.at(-1)], [200_000, { appId: "z" }]);
    assert.deepEqual(await lamina.listApps(), []);
  });
});
