// @ts-check
// For bundles that run on servers: everything at once, in one file if the bundler makes one (Rollup refuses to where an import is
// dynamic).

export { compile as load } from "./node-core.js";
