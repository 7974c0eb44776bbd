// The table: for the terminal, and as Markdown for the README.

import { readFileSync, writeFileSync } from "node:fs";

const BEGIN = "<!-- matrix: written by `make matrix` -->";
const END = "<!-- /matrix -->";

/** One line of the terminal's table. */
export const line = ({ row, version, ms, error }) =>
  `${error ? "FAIL" : "ok  "}  ${row.where.padEnd(28)} ${version.padEnd(24)} ${row.how.padEnd(52)} ${(ms / 1000).toFixed(1).padStart(6)} s`;

/** One line for each place, with every version and way that was run there. */
export function markdown(results) {
  const places = new Map();
  for (const { row, version, error } of results) {
    if (!places.has(row.where)) places.set(row.where, { versions: new Set(), ways: new Set(), failed: 0 });
    const seen = places.get(row.where);
    for (const part of version.split(", ")) if (part) seen.versions.add(part);
    seen.ways.add(row.how);
    seen.failed += error ? 1 : 0;
  }
  const lines = [...places].map(([place, { versions, ways, failed }]) => `| ${place} | ${[...versions].join(", ")} | ${[...ways].join("; ")}${failed ? ` (**${failed} failed**)` : ""} |`);
  return ["| where | versions | how |", "| --- | --- | --- |", ...lines].join("\n");
}

/** Puts the table between its marks. */
export function write(file, table) {
  const text = readFileSync(file, "utf8");
  const [before, rest] = text.split(BEGIN);
  const [, after] = rest?.split(END) ?? [];
  if (after === undefined) throw new Error(`${file} lacks the marks ${BEGIN} and ${END}`);
  writeFileSync(file, `${before}${BEGIN}\n\n${table}\n\n${END}${after}`);
}
