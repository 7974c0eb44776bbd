// Every example of the README runs as it stands: each block of JavaScript is a program of its own, in a folder where the
// package is installed, with a key and an address in the environment and the simulator behind them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { runChild } from "../support/child.mjs";
import { installPackage } from "../support/install.mjs";

const installed = await installPackage();
const { createSimulator } = await installed.import("/simulator");
const { serve } = await installed.import("/simulator/node");

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const examples = [...readme.matchAll(/^(?:#+ (.+)|```js\n([\s\S]*?)\n```)$/gm)].reduce(
  ({ heading, found }, [, title, code]) =>
    title ? { heading: title, found } : { heading, found: [...found, { heading, code, line: readme.slice(0, readme.indexOf(code)).split("\n").length }] },
  { heading: "", found: [] },
).found;

describe("the README", { concurrency: 2 }, () => {
  let simulator;
  let server;
  before(async () => {
    simulator = createSimulator({ speed: 40 });
    server = await serve(simulator);
  });
  after(async () => {
    await server.close();
    simulator.close();
  });

  test("has examples", () => assert.ok(examples.length >= 6, `${examples.length}`));

  for (const { heading, code, line } of examples) {
    test(`the example in line ${line} (${heading}) runs and says something`, async () => {
      const env = { LAMINA_API_KEY: simulator.apiKey, LAMINA_BASE_URL: server.url };
      const { status, stdout, stderr } = await runChild(installed.folder, code, { env, timeoutMs: 60_000 });
      assert.equal(stderr, "");
      assert.equal(status, 0);
      assert.notEqual(stdout.trim(), "");
    });
  }

  test("it has no code that is neither run here nor for a shell", () => {
    const kinds = [...readme.matchAll(/^```(\w*)\n[\s\S]*?\n```$/gm)].map(([, kind]) => kind);
    assert.deepEqual([...new Set(kinds)].sort(), ["js", "sh"]);
  });

  test("its table of errors has every code, and no other", async () => {
    const { LAMINA_ERROR_CODES } = await installed.import();
    const table = readme.split("## Errors")[1].split("**What is tried again.**")[0];
    const first = [...table.matchAll(/^\| (`.+?) \|/gm)].map(([, cell]) => cell).join();
    assert.deepEqual(first.match(/[A-Z_]+/g).sort(), [...LAMINA_ERROR_CODES].sort());
  });

  test("the files that it names are there", () => {
    for (const [, name] of readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) readFileSync(new URL(`../../${name}`, import.meta.url));
  });
});
