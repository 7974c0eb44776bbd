// A date in Retry-After is the same moment in each of its formats, wherever the host is.

import assert from "node:assert/strict";
import { test } from "node:test";
import { runChild } from "../support/child.mjs";
import { installPackage } from "../support/install.mjs";

const installed = await installPackage();

/** What the package makes of dates from all times, by their format, in a zone of its own. */
const PROGRAM = `
import { Lamina } from "lamina-wasm";
const SECONDS = { imf: 253_402_300_800, asctime: 253_402_300_800, rfc850: 3_155_760_000 };
const WRITERS = {
  imf: (weekday, day, month, year, time) => \`\${weekday}, \${day} \${month} \${year} \${time} GMT\`,
  asctime: (weekday, day, month, year, time) => \`\${weekday} \${month} \${String(+day).padStart(2)} \${time} \${year}\`,
  rfc850: (weekday, day, month, year, time) => \`\${weekday}day, \${day}-\${month}-\${year.slice(2)} \${time} GMT\`,
};
const wrong = [];
for (const [format, write] of Object.entries(WRITERS)) {
  for (let place = 0; place < 300; place++) {
    const expected = Math.floor(SECONDS[format] * ((place * 0.618_033_988_75) % 1)) * 1_000;
    const header = write(...new Date(expected).toUTCString().split(/[ ,]+/));
    const headers = { date: new Date(0).toUTCString(), "retry-after": header };
    const lamina = new Lamina({ apiKey: "lma_test", maxRetries: 0, fetch: async () => new Response("slow", { status: 429, headers }) });
    const { retryAfterMs } = await lamina.listApps().catch((error) => error);
    if (retryAfterMs !== expected) wrong.push({ header, expected, retryAfterMs });
  }
}
console.log(JSON.stringify(wrong));
`;

for (const TZ of ["UTC", "Asia/Kathmandu", "America/St_Johns"]) {
  test(`a date is the same moment in every format, also in ${TZ}`, async () => {
    const { status, stderr, json } = await runChild(installed.folder, PROGRAM, { env: { TZ } });
    assert.equal(status, 0, stderr);
    assert.deepEqual(json, []);
  });
}
