// The results as tables: `{ title, head, rows }`, in plain text for a terminal.

const NAMES = {
  getApp: "getApp",
  listApps10: "listApps, 10 apps",
  listApps100: "listApps, 100 apps",
  listApps10000: "listApps, 10,000 apps",
  execute: "execute",
  poll: "one poll",
  importMs: "import",
  compileMs: "compiling",
  firstCallMs: "first answer after the import",
  answerMs: "import and first answer",
  processMs: "start of the process to the answer",
  firstRequestMs: "first request",
  secondRequestMs: "second request",
  client: "a client",
  usedClient: "a client that was used",
  wait: "a pending wait",
  handWrittenWait: "a pending wait, hand-written",
  afterCalls: "growth in 100,000 calls",
};
const named = (name) => NAMES[name] ?? name;
const round = (value, digits) => value.toFixed(digits);
const spread = ({ q1, q3 }, digits) => `${round(q1, digits)} to ${round(q3, digits)}`;
const percent = (share) => `${round(100 * share, 1)} %`;
const kilobytes = (bytes) => `${round(bytes / 1000, 1)} KB`;

/** How each part's result is shown. */
const PARTS = {
  download: ({ packages, crates, files, functions }) => [
    { title: "What a page downloads", head: ["import", "minified", "gzip", "brotli"], rows: Object.entries(packages).map(([name, { bytes, gzip, brotli }]) => [name, ...[bytes, gzip, brotli].map(kilobytes)]) },
    ...[["crate", crates], ["file of the crate", files], ["function", functions]].map(([what, ranked]) => ({
      title: `The module before it is packed, by ${what}`,
      head: [what, "bytes", "share"],
      rows: ranked.map(({ name, bytes, share }) => [name.length > 90 ? `${name.slice(0, 89)}…` : name, String(bytes), percent(share)]),
    })),
  ],
  cpu: (operations) =>
    Object.entries(operations).flatMap(([operation, places]) =>
      Object.entries(places).map(([where, clients]) => ({
        title: `Processor time of ${named(operation)}, ${where}`,
        head: ["client", "microseconds", "ratio", "quartiles"],
        rows: Object.entries(clients).map(([client, { value, ratio }]) => [client, round(value.median, 0), round(ratio.median, 2), spread(ratio, 2)]),
      })),
    ),
  start: (runtimes) =>
    Object.entries(runtimes).flatMap(([runtime, measures]) =>
      Object.entries(measures).map(([measure, programs]) => ({
        title: `${runtime}: ${named(measure)}`,
        head: ["program", "milliseconds", "beyond bare fetch", "quartiles"],
        rows: Object.entries(programs).map(([program, { value, beyond }]) => [program, round(value.median, 1), round(beyond.median, 1), spread(beyond, 1)]),
      })),
    ),
  memory: (things) => [
    { title: "Memory in Node", head: ["what", "heap, bytes", "module, bytes"], rows: Object.entries(things).map(([what, { heap, module }]) => [named(what), round(heap, 0), round(module, 0)]) },
  ],
  waiting: (tables) => tables.map(({ head, rows }, index) => ({ title: `Waiting, in virtual time${index ? ` (${index + 1})` : ""}`, head, rows })),
};

/** Whatever another part gives: its own `tables`, or one row for each thing. */
const other = (part) => (result) => {
  if (Array.isArray(result?.tables)) return result.tables;
  const rows = Object.entries(result).map(([name, value]) => [name, typeof value === "object" ? JSON.stringify(value) : String(value)]);
  return [{ title: part, head: ["what", "result"], rows }];
};

/** @param {string} part @param {any} result @returns {{ title: string, head: string[], rows: string[][] }[]} */
export const tables = (part, result) => (PARTS[part] ?? other(part))(result);

/** A table for the terminal: the first column to the left, the others to the right. */
export function text({ title, head, rows }) {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => String(row[column] ?? "").length)));
  const line = (row) => row.map((cell, column) => (column ? String(cell).padStart(widths[column]) : String(cell).padEnd(widths[0]))).join("  ");
  return [`\n${title}`, line(head), widths.map((width) => "-".repeat(width)).join("  "), ...rows.map(line)].join("\n");
}
