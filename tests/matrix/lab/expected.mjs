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
  signed: ["e-1", "test"],
  forged: "WEBHOOK_INVALID_SIGNATURE",
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
export const check = (report, ledger) => checkAll([report], ledger);

/** The same for several runs against one simulator. */
export function checkAll(reports, ledger) {
  for (const report of reports) assert.deepEqual(report, EXPECTED);
  assert.equal(ledger.starts.length, reports.length, "each run started one execution");
}

/** Where a host has no WebCrypto: webhooks are UNSUPPORTED, and the rest is as everywhere. */
export function checkWithoutWebCrypto({ signed, forged, ...report }, ledger) {
  assert.deepEqual([signed, forged], ["UNSUPPORTED", "UNSUPPORTED"]);
  check({ ...report, signed: EXPECTED.signed, forged: EXPECTED.forged }, ledger);
}
