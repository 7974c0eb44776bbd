// Requests and the delay until an end is seen, for many waits on one budget against polling at a fixed interval: what the
// native simulation prints (tests/waiting_simulation), in virtual time.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const COMMAND = ["test", "--quiet", "--test", "waiting_simulation", "--", "--nocapture", "--test-threads=1"];

/** The tables among printed lines: each begins with a line of headings, of which the first is `waits`. */
export function tablesIn(text) {
  const tables = [];
  for (const line of text.split("\n")) {
    // Cells are two spaces or more apart.
    const cells = line.trim().split(/ {2,}/);
    if (cells[0] === "waits") tables.push({ head: cells, rows: [] });
    else if (/^\d+$/.test(cells[0]) && cells.length > 1 && tables.length) tables.at(-1).rows.push(cells);
  }
  return tables;
}

/** @returns {Promise<{ head: string[], rows: string[][] }[]>} */
export async function waiting() {
  const { stdout } = await promisify(execFile)("cargo", COMMAND, { cwd: ROOT, maxBuffer: 1 << 24 });
  const tables = tablesIn(stdout);
  if (!tables.length || !tables[0].rows.length) throw new Error(`the simulation printed no table:\n${stdout}`);
  return tables;
}
