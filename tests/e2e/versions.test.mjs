// The paths and names of each version of the API.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { installPackage } from "../support/install.mjs";
import { APP, COMPLETED, KEY, STARTED, SUMMARY, WORKFLOW } from "../support/payloads.mjs";
import { data, startServer } from "../support/scripted-server.mjs";

const { Lamina } = await (await installPackage()).import();

const asRun = ({ executionId, ...rest }) => ({ runId: executionId, ...rest });

const PATHS = {
  api: ["/api/apps", "/api/apps/a", "/api/apps/a/workflow", "/api/apps/a/executions", "/api/executions/e"],
  v1: ["/v1/apps", "/v1/apps/a", "/v1/apps/a/workflow", "/v1/apps/a/runs", "/v1/runs/e"],
  "v1-executions": ["/v1/apps", "/v1/apps/a", "/v1/apps/a/workflow", "/v1/apps/a/executions", "/v1/executions/e"],
};

describe("versions", { concurrency: 4 }, () => {
  for (const [apiVersion, [apps, app, workflow, start, look]] of Object.entries(PATHS)) {
    test(`apiVersion ${apiVersion} has its paths, and every execution an executionId`, async (t) => {
      const shape = apiVersion === "v1" ? asRun : (same) => same;
      const server = await startServer(t);
      server.on(`GET ${apps}`, data([SUMMARY])).on(`GET ${app}`, data(APP)).on(`GET ${workflow}`, data(WORKFLOW));
      server.on(`POST ${start}`, data(shape(STARTED), 202)).on(`GET ${look}`, data(shape(COMPLETED)));
      const lamina = new Lamina({ apiKey: KEY, baseUrl: server.url, apiVersion });
      await lamina.listApps();
      await lamina.getApp("a");
      await lamina.getWorkflow("a");
      const started = await lamina.execute("a", {});
      const seen = await lamina.getExecution("e");
      assert.deepEqual(server.urls, [apps, app, workflow, start, look]);
      assert.deepEqual(started, { ...shape(STARTED), executionId: STARTED.executionId });
      assert.deepEqual(seen, { ...shape(COMPLETED), executionId: COMPLETED.executionId });
    });
  }

  test("a reply with runId is understood on every version", async (t) => {
    const server = await startServer(t);
    server.on("GET /api/executions/e", data(asRun(COMPLETED)));
    const seen = await new Lamina({ apiKey: KEY, baseUrl: server.url }).getExecution("e");
    assert.equal(seen.executionId, COMPLETED.executionId);
    assert.equal(seen.runId, COMPLETED.executionId);
  });

  test("an execution given by its runId is waited for", async (t) => {
    const server = await startServer(t);
    server.on(`GET /v1/runs/${COMPLETED.executionId}`, data(asRun(COMPLETED)));
    const lamina = new Lamina({ apiKey: KEY, baseUrl: server.url, apiVersion: "v1" });
    assert.equal((await lamina.waitForExecution(asRun(STARTED))).status, "completed");
  });
});
