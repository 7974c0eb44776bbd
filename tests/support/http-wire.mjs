// HTTP/1.1 as bytes on a socket: just enough to read requests one after the other, and to put replies together.

/**
 * @typedef {object} WireRequest
 * @property {string} method
 * @property {string} url as it was asked for, with its query
 * @property {string} path without the query
 * @property {[string, string][]} headers
 * @property {() => Promise<Buffer>} body waits for the rest of the request
 */

/**
 * The requests that come on a connection, one after the other.
 * @param {import("node:net").Socket} socket
 * @returns {AsyncGenerator<WireRequest>}
 */
export async function* readRequests(socket) {
  let held = Buffer.alloc(0);
  let over = false;
  let wake = () => {};
  // Always read: that the client has gone is only known by reading.
  socket.on("data", (bytes) => ((held = Buffer.concat([held, bytes])), wake()));
  socket.on("close", () => ((over = true), wake()));
  /** Waits until `enough` says where the part ends, and gives that part. */
  const take = async (enough) => {
    for (;;) {
      const end = enough(held);
      if (end >= 0) {
        const part = held.subarray(0, end);
        held = held.subarray(end);
        return part;
      }
      if (over) return undefined;
      await new Promise((resolve) => (wake = resolve));
    }
  };
  const upTo = (mark) => (bytes) => (bytes.indexOf(mark) < 0 ? -1 : bytes.indexOf(mark) + mark.length);
  const counted = (count) => (bytes) => (bytes.length >= count ? count : -1);

  for (;;) {
    const head = await take(upTo("\r\n\r\n"));
    if (!head) return;
    const [line, ...lines] = head.toString("latin1").trimEnd().split("\r\n");
    const [method, url] = line.split(" ");
    const headers = lines.map((text) => [text.slice(0, text.indexOf(":")), text.slice(text.indexOf(":") + 1).trim()]);
    const header = (name) => headers.find(([other]) => other.toLowerCase() === name)?.[1];
    let body;
    const readBody = async () => {
      if (header("transfer-encoding") === undefined) return (await take(counted(Number(header("content-length") ?? 0)))) ?? Buffer.alloc(0);
      const chunks = [];
      for (;;) {
        const size = Number.parseInt((await take(upTo("\r\n")))?.toString("latin1") ?? "0", 16);
        chunks.push(((await take(counted(size + 2))) ?? Buffer.alloc(2)).subarray(0, size));
        if (size === 0) return Buffer.concat(chunks);
      }
    };
    yield { method, url, path: url.split("?")[0], headers, body: () => (body ??= readBody()) };
    await (body ??= readBody());
  }
}

/** What concerns one connection only, and is not passed on. */
const HOP = new Set(["connection", "keep-alive", "transfer-encoding", "proxy-connection", "upgrade", "te", "trailer"]);

/** @param {[string, string][]} headers */
export const endToEnd = (headers) => headers.filter(([name]) => !HOP.has(name.toLowerCase()));

/**
 * @param {number} status
 * @param {[string, string][]} headers
 * @param {{ length?: number, keepAlive: boolean }} framing without a length, the body comes in chunks
 */
export function headBytes(status, headers, { length, keepAlive }) {
  const kept = endToEnd(headers).filter(([name]) => name.toLowerCase() !== "content-length");
  const bodiless = status === 204 || status === 304;
  if (!bodiless) kept.push(length === undefined ? ["transfer-encoding", "chunked"] : ["content-length", String(length)]);
  kept.push(["connection", keepAlive ? "keep-alive" : "close"]);
  return Buffer.from(`HTTP/1.1 ${status} Reply\r\n${kept.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`, "latin1");
}

/** One chunk of a body without a length; an empty one ends it. */
export const chunk = (bytes) => Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);
