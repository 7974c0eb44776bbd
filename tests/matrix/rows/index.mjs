// The matrix: every place where the package runs, as rows.

import { bundlers } from "./bundlers.mjs";
import { edge } from "./edge.mjs";
import { frameworks } from "./frameworks.mjs";
import { handlers } from "./handlers.mjs";
import { pages } from "./pages.mjs";
import { runners } from "./runners.mjs";
import { servers } from "./servers.mjs";
import { compilers } from "./typescript.mjs";

/** @type {import("../lab/run.mjs").Row[]} */
export const rows = [...servers, ...handlers, ...edge, ...bundlers, ...pages, ...frameworks, ...runners, ...compilers];
