// Where this package has to get to, and where it is: the measures that decide whether it is as light as a client in JavaScript.

import { OURS } from "./names.mjs";

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} KB`;
const times = (ratio) => `${ratio.toFixed(2)} ×`;
const ms = (value) => `${value.toFixed(1)} ms`;

const onNode = ({ start }) => start[Object.keys(start)[0]];
const cpu = (operation) => (report) => report.cpu[operation].loopback[OURS].ratio.median;

/** Each by `of`, from a report; less is better. */
const TARGETS = [
  { what: "a page downloads, gzip", of: ({ download }) => download.packages[OURS].gzip, must: 35_000, aim: 21_000, as: kilobytes, needs: "download" },
  { what: "processor time of getApp, of hand-written", of: cpu("getApp"), must: 1.1, aim: 0.95, as: times, needs: "cpu" },
  { what: "processor time of 100 apps, of hand-written", of: cpu("listApps100"), must: 1.15, aim: 1.05, as: times, needs: "cpu" },
  { what: "processor time of 10,000 apps, of hand-written", of: cpu("listApps10000"), must: 1.15, aim: 1.05, as: times, needs: "cpu" },
  { what: "import in Node", of: (report) => onNode(report).importMs[OURS].value.median, must: 3, aim: 1, as: ms, needs: "start" },
  { what: "first call in Node, beyond bare fetch", of: (report) => onNode(report).firstCallMs[OURS].beyond.median, must: 10, aim: 4, as: ms, needs: "start" },
  { what: "a pending wait", of: ({ memory: { wait } }) => wait.heap + wait.module, must: 4_096, aim: 1_024, as: kilobytes, needs: "memory" },
];

/** As a table; of the parts that were measured. @param {any} report */
export function targets(report) {
  const rows = TARGETS.filter(({ needs }) => report[needs]).map(({ what, of, must, aim, as }) => {
    const now = of(report);
    return [what, as(now), as(must), as(aim), now <= aim ? "as aimed at" : now <= must ? "within" : "above"];
  });
  return { title: "Where to get to", head: ["measure", "now", "must", "aim", ""], rows };
}
