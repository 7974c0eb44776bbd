// Debian's Chromium, for tests of pages.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

/** Starts it; the caller closes it. */
export function launchChromium() {
  const paths = execFileSync(fileURLToPath(new URL("../../scripts/chromium.sh", import.meta.url)), { encoding: "utf8" });
  return chromium.launch({
    executablePath: /^CHROMIUM=(.*)$/m.exec(paths)[1],
    args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage", "--no-first-run"],
  });
}
