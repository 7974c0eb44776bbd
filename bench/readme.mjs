// The summary for the README, put between its marks.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { OURS, PEERS, REFERENCE } from "./names.mjs";

const README = fileURLToPath(new URL("../README.md", import.meta.url));
const BEGIN = "<!-- bench: written by `make bench ARGS=--write` -->";
const END = "<!-- /bench -->";

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} KB`;
const ratio = (measured) => (measured ? `${measured.ratio.median.toFixed(2)} ×` : "–");
const ms = (value) => `${value.toFixed(1)} ms`;
const beyond = ({ beyond: { median } }) => `${median < 0 ? "−" : "+"}${Math.abs(median).toFixed(1)} ms`;
const seconds = (text) => text.replace(/^[\d.]+(?= s$)/, (number) => Math.round(Number(number)).toString());

const lines = (...texts) => texts.join("\n");
const line = (cells) => `| ${cells.join(" | ")} |`;
const table = (head, rows) => [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");

/** One line for each package. */
function packages({ versions, download, cpu, start }) {
  const [node] = Object.keys(start);
  const names = [OURS, ...[...PEERS].sort((a, b) => download.packages[b].gzip - download.packages[a].gzip)];
  const rows = names.map((name) => {
    const time = (operation) => ratio(cpu[operation].loopback[name]);
    const title = name === OURS ? `**${name}**` : `${name} ${versions[name]}`;
    return [title, kilobytes(download.packages[name].gzip), time("getApp"), time("listApps100"), time("execute"), ms(start[node].importMs[name].value.median), beyond(start[node].answerMs[name])];
  });
  rows.push(["`fetch` by hand, with a time-out", "–", "1 ×", "1 ×", "1 ×", "–", "–"]);
  return table(["package", "a page downloads (gzip)", "time of a read", "of a list of 100", "of a start", "import in Node", "import and first answer"], rows);
}

/** How each runtime starts. */
function runtimes({ start }) {
  const rows = Object.entries(start).map(([runtime, { importMs, answerMs, firstRequestMs }]) => {
    const first = answerMs ?? firstRequestMs;
    return [runtime, importMs ? ms(importMs[OURS].value.median) : "–", ms(first["bare fetch"].value.median), ms(first[OURS].value.median), beyond(first[OURS])];
  });
  return table(["a fresh", "import", "first answer to bare `fetch`", "import and first answer", "the difference"], rows);
}

/** The crowds that are waited for. */
function crowds({ waiting: [{ head, rows }] }) {
  const column = (name) => head.findIndex((title) => title.startsWith(name));
  const picked = ["waits", "polled", "requests", "429s", "mean delay"].map(column);
  const wanted = new Set(["1", "50", "200", "1000"]);
  const chosen = rows.filter(([count]) => wanted.has(count)).map((row) => picked.map((index) => seconds(row[index])));
  return table(["waits at once", "polled", "requests", "answered 429", "mean delay"], chosen);
}

/** Ways of learning that an execution is over. */
function ways({ transports: { rows } }, seconds = 20) {
  const chosen = rows.filter((row) => row.seconds === seconds);
  return table([`an execution of ${seconds} s, by`, "its end is seen after", "requests"], chosen.map(({ transport, delay, requests }) => [`\`${transport}\``, `${(delay.median / 1000).toFixed(2)} s`, requests.toFixed(1)]));
}

/** @param {any} report of a whole run */
export function markdown(report) {
  const { date, node, processor, memory, cpu } = report;
  const total = ({ heap, module }) => `${((heap + module) / 1024).toFixed(1)} KB`;
  const long = cpu.listApps10000.loopback[OURS];
  return [
    `Measured on ${date} with Node ${node} on ${processor} (\`make bench\` repeats it: everything in turn, medians of many rounds).`,
    packages(report),
    lines(
      `The times are processor time in Node against ${REFERENCE} \`fetch\`, \`JSON.parse\` and \`AbortSignal.timeout\`, each call`,
      `answered by a server on loopback; a list of 10,000 takes ${ratio(long)}. The last column is what a fresh process needs for both`,
      "beyond a bare `fetch`.",
    ),
    runtimes(report),
    lines(
      `A pending wait holds ${total(memory.wait)} (a loop by hand ${total(memory.handWrittenWait)}), a client ${total(memory.usedClient)}; 100,000 calls leave`,
      `${total({ heap: Math.max(0, memory.afterCalls.heap), module: memory.afterCalls.module })}.`,
    ),
    crowds(report),
    lines("The crowds are simulated in virtual time, against a server that takes 100 requests a minute (`tests/waiting_simulation`).", ...(report.transports ? ["An end is learnt in real time, by the simulator on a real port:"] : [])),
    ...(report.transports ? [ways(report)] : []),
  ].join("\n\n");
}

/** Puts the summary between its marks. */
export function write(summary) {
  const text = readFileSync(README, "utf8");
  const [before, rest] = text.split(BEGIN);
  const [, after] = rest?.split(END) ?? [];
  if (after === undefined) throw new Error(`README.md lacks the marks ${BEGIN} and ${END}`);
  writeFileSync(README, `${before}${BEGIN}\n\n${summary}\n\n${END}${after}`);
}
