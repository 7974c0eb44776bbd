// The matrix: every place where the package runs, as rows.

import { bundlers } from "./bundlers.mjs";
import { edge } from "./edge.mjs";
import { servers } from "./servers.mjs";

/** @type {import("../lab/run.mjs").Row[]} */
export const rows = [...servers, ...edge, ...bundlers];
