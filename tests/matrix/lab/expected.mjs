// What the scenario gives everywhere, and what the server saw of it.

import assert from "node:assert/strict";

const EXPECTED = {
  parameters: ["Front", "Back", "Model Gender", "Model  Ethnicity", "Model Body type", "Model Hair color", "Model Hair Style"],
  refused: [true, true, true, "INVALID_INPUTS", "Standard "],
  missing: ["LaminaError", "NOT_FOUND", 404, "string"],
  aborted: "enough",
  started: "queued",
  seen: "completed",
  same: true,
  outputs: [
    ["image", "completed", "string"],
    ["image", "completed", "string"],
    ["video", "completed", "string"],
    ["text", "completed", "string"],
  ],
};

/**
 * @param {unknown} report what the scenario gave
 * @param {{ starts: unknown[] }} ledger the simulator's own record
 */
export function check(report, ledger) {
  assert.deepEqual(report, EXPECTED);
  assert.equal(ledger.starts.length, 1, "one execution was started");
}
