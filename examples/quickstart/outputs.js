// What a person can do with an output: read a text, open a URL, or look at a file.

import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ENDINGS = { "image/svg+xml": "svg", "image/png": "png", "image/jpeg": "jpg", "video/mp4": "mp4" };

/**
 * The text or the URL itself; for a `data:` URL, which is what the simulator makes, the file that it was saved to.
 * @param {import("lamina-wasm").Output} output
 */
export async function present({ id, value }) {
  const text = String(value);
  const [, type] = /^data:([^;,]+)/.exec(text) ?? [];
  if (!type) return text;
  const folder = await mkdtemp(join(tmpdir(), "lamina-quickstart-"));
  const file = join(folder, `${String(id).replace(/\W+/g, "-")}.${ENDINGS[type] ?? "bin"}`);
  await writeFile(file, new Uint8Array(await (await fetch(text)).arrayBuffer()));
  return file;
}
