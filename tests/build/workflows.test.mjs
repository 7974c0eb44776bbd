// What runs on the repository's host: the commands of this repository and no others, by actions that nobody can exchange.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const FOLDER = new URL("../../.github/workflows/", import.meta.url);
const workflows = readdirSync(FOLDER).map((name) => ({ name, text: readFileSync(new URL(name, FOLDER), "utf8") }));
const lines = (text, key) => [...text.matchAll(new RegExp(`^ *-? *${key}: *(.*)$`, "gm"))].map(([, value]) => value);

test("every action is named by its commit, with the version as a comment, and in one version everywhere", () => {
  const seen = new Map();
  for (const { name, text } of workflows) {
    for (const uses of lines(text, "uses")) {
      const [, action, commit] = /^([\w-]+\/[\w-]+)@([0-9a-f]{40}) # v\d+\.\d+\.\d+$/.exec(uses) ?? [];
      assert.ok(action, `${name}: ${uses}`);
      assert.equal(commit, seen.get(action) ?? commit, `${name}: ${action}`);
      seen.set(action, commit);
    }
  }
  assert.ok(seen.size > 0);
});

test("a change and a release run the same tests, with no rights but to read", () => {
  for (const { name, text } of workflows) {
    assert.ok(lines(text, "run").includes("bash .ci/run"), name);
    assert.match(text, /^permissions:\n  contents: read\n/m, name);
  }
});

test("only the job that publishes may speak for the package, it runs only npm, and after the tests", () => {
  const { text } = workflows.find(({ name }) => name === "release.yml");
  const [before, publish] = text.split(/^  publish:\n/m);
  assert.doesNotMatch(before, /id-token/);
  assert.match(publish, /^    needs: test$/m);
  assert.match(publish, /^      id-token: write$/m);
  assert.deepEqual(lines(publish, "run"), ["npm publish --access public --provenance ./lamina-wasm-*.tgz"]);
  assert.doesNotMatch(text, /secrets\.|NODE_AUTH_TOKEN/);
});
