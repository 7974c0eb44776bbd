// WebKit, the engine of Safari: Debian's build of it, on a screen of its own, by WebDriver. The part of Playwright's interface
// that browsers.mjs needs.

import { spawn } from "node:child_process";
import { createServer } from "node:net";

const START_MS = 60_000;

/** @returns {Promise<object>} a browser, as browsers.mjs uses one */
export async function webkit() {
  const programs = [];
  const close = async () => programs.forEach((program) => program.kill());
  try {
    const screen = start(programs, "Xvfb", ["-displayfd", "3", "-screen", "0", "800x600x24", "-nolisten", "tcp"]);
    const display = await firstLine(screen);
    const port = await freePort();
    start(programs, "WebKitWebDriver", [`--port=${port}`, "--host=127.0.0.1"], { DISPLAY: `:${display}`, LIBGL_ALWAYS_SOFTWARE: "1" });
    const driver = new Driver(`http://127.0.0.1:${port}`);
    await driver.ready();
    const { browserVersion } = await driver.session(async (_, { capabilities }) => capabilities);
    return { version: async () => browserVersion, newPage: () => driver.page(), close };
  } catch (error) {
    await close();
    throw new Error(`WebKit did not start (scripts/setup.sh matrix installs it): ${error.message}`);
  }
}

class Driver {
  /** It has one session at a time. */
  #free = Promise.resolve();

  constructor(url) {
    this.url = url;
  }
  async send(method, path, body) {
    const response = await fetch(this.url + path, { method, body: body && JSON.stringify(body) });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${value.error}: ${value.message}`);
    return value;
  }
  async ready() {
    for (const began = Date.now(); ; await pause()) {
      const up = await this.send("GET", "/status").catch((error) => error);
      if (up.ready !== undefined) return;
      if (Date.now() - began > START_MS) throw up;
    }
  }

  /** Runs `work` in a session of its own, when the one before has ended. */
  session(work) {
    const done = this.#free.then(async () => {
      const session = await this.send("POST", "/session", { capabilities: {} });
      const path = `/session/${session.sessionId}`;
      try {
        return await work((method, name, body) => this.send(method, path + name, body), session);
      } finally {
        await this.send("DELETE", path);
      }
    });
    this.#free = done.catch(() => {});
    return done;
  }

  /** A page that lives as long as a session. */
  async page() {
    let close;
    const closed = new Promise((resolve) => (close = resolve));
    let ended;
    const send = await new Promise((resolve, reject) => {
      ended = this.session((send) => (resolve(send), closed));
      ended.catch(reject);
    });
    return {
      on() {}, // WebDriver does not tell what a page prints
      goto: (url) => send("POST", "/url", { url }),
      async waitForFunction(expression, _, { timeout }) {
        for (const began = Date.now(); ; await pause()) {
          const value = await send("POST", "/execute/sync", { script: `return (${expression})()`, args: [] });
          if (value) return { jsonValue: async () => value };
          if (Date.now() - began > timeout) throw new Error(`nothing came within ${timeout} ms`);
        }
      },
      close: () => (close(), ended),
    };
  }
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 50));

function start(programs, command, args, env = {}) {
  const program = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", "ignore", "ignore", "pipe"] });
  program.on("error", () => {}); // the driver is then never ready
  programs.push(program);
  return program;
}

/** What a program first writes to its fourth stream. */
const firstLine = (program) =>
  new Promise((resolve, reject) => {
    program.stdio[3].setEncoding("utf8").once("data", (text) => resolve(text.trim()));
    program.on("error", reject).on("close", (status) => reject(new Error(`${program.spawnfile} ended with ${status}`)));
  });

function freePort() {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.on("error", reject).listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
