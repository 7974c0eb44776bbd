// Chromium, Firefox and WebKit, and the folders that they are shown.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { tools } from "./tools.mjs";
import { webkit } from "./webkit.mjs";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm", ".css": "text/css" };
const ARGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage", "--no-first-run", "--disable-sync"];

/**
 * Serves a folder as any web server does.
 * @param {string} folder
 * @param {Record<string, string>} [headers]
 * @returns {Promise<{ url: string, close: () => void }>}
 */
export async function serveFolder(folder, headers = {}) {
  const server = createServer(({ url }, response) => {
    try {
      const path = normalize(decodeURIComponent(new URL(url, "http://x").pathname));
      const file = join(folder, path.endsWith("/") ? `${path}index.html` : path);
      const body = readFileSync(file);
      response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream", ...headers }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => (server.closeAllConnections(), server.close());
  return { url: `http://127.0.0.1:${server.address().port}/`, close };
}

/** The browsers, each started when a row first asks for it. */
export class Browsers {
  #started = new Map();

  #start(name) {
    if (!this.#started.has(name)) this.#started.set(name, START[name]());
    return this.#started.get(name);
  }
  async version(name) {
    const browser = await this.#start(name);
    return (/[\d.]+/.exec(await browser.version()) ?? [""])[0];
  }

  /**
   * Shows a page, and waits until it has put what the scenario gave into `window.report`.
   * @param {string} url
   * @param {object} options of the client, which the page finds in its query
   */
  async report(url, options, name = "chromium") {
    const browser = await this.#start(name);
    const page = await browser.newPage();
    const said = [];
    page.on("pageerror", (error) => said.push(String(error)));
    page.on("console", (message) => ["error", "warn", "warning"].includes(message.type()) && said.push(message.text()));
    try {
      await page.goto(`${url}?options=${encodeURIComponent(JSON.stringify(options))}`);
      const wait = name === "firefox" ? [() => window.report, { timeout: 90_000 }] : [() => window.report, null, { timeout: 90_000 }];
      const handle = await page.waitForFunction(...wait);
      const report = await handle.jsonValue();
      if (report.error) throw new Error(`in the page: ${report.error}`);
      return report;
    } catch (error) {
      throw said.length ? new Error(`${error.message}; the page said: ${said.join("; ").slice(0, 1_000)}`) : error;
    } finally {
      await page.close();
    }
  }

  async close() {
    for (const browser of this.#started.values()) await browser.then((it) => it.close()).catch(() => {});
  }
}

async function chromium() {
  const { chromium } = await import("playwright-core");
  const paths = execFileSync(fileURLToPath(new URL("../../../scripts/chromium.sh", import.meta.url)), { encoding: "utf8" });
  return chromium.launch({ executablePath: /^CHROMIUM=(.*)$/m.exec(paths)[1], args: ARGS });
}

const START = { chromium, firefox, webkit };

/** By WebDriver BiDi: Playwright drives only a Firefox of its own making. */
async function firefox() {
  const { default: puppeteer } = await (await tools("firefox")).import("puppeteer-core");
  const names = ["firefox-esr", "firefox"];
  for (const name of names) {
    try {
      const executablePath = process.env.FIREFOX ?? execFileSync("which", [name], { encoding: "utf8" }).trim();
      return await puppeteer.launch({ browser: "firefox", executablePath, headless: true });
    } catch (error) {
      if (name === names.at(-1) || process.env.FIREFOX) throw new Error(`Firefox did not start (scripts/setup.sh matrix installs it): ${error.message}`);
    }
  }
}
