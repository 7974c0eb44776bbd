// @ts-check
// For servers (Node, Deno, Bun and what is bundled for them): as `inline.js`, but as it is. What counts there is the time to the
// first call, of which unpacking is the half, and not the download.

import { MODULE } from "#module";
import { decode } from "./base64.js";

/** @returns {Promise<WebAssembly.Module>} */
export const load = async () => WebAssembly.compile(decode(MODULE));
