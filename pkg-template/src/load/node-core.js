// @ts-check
// The half of a server's package that its first call loads. The module is in it as base64: no file system and no URL, so that it
// works through every bundler, also when the bundle is moved to another folder. Not packed, as it is for pages: what counts
// here is the time to the first call, of which unpacking would be the half, and not the download.

import { MODULE } from "#module";
import { decode } from "./base64.js";

export { Instance } from "../instance.js";
export { lend } from "./lent-errors.js";

/** @returns {Promise<WebAssembly.Module>} */
export const compile = async () => {
  // Where the host has it, this takes no time.
  const { Buffer } = /** @type {any} */ (globalThis);
  return WebAssembly.compile(Buffer ? Buffer.from(MODULE, "base64") : decode(MODULE));
};
