import { connect } from "node:net";

/** A request as bytes on a socket, without a client library between the fuzz test and the service. */
export interface RawRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
  /** The value of `Content-Length`; undefined for no header. */
  readonly length: number | undefined;
}

export interface RawAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/**
 * Sends the request on a connection of its own and reads until the service closes it. Resolves with `waiting` when no answer
 * came within `patienceMs`; the connection is closed then.
 */
export function exchange(port: number, request: RawRequest, patienceMs: number): Promise<RawAnswer | "waiting"> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect({ host: "127.0.0.1", port });
    const settle = () => {
      clearTimeout(timer);
      socket.destroy();
      try {
        resolve(chunks.length > 0 ? parsed(Buffer.concat(chunks)) : "waiting");
      } catch (error) {
        reject(error);
      }
    };
    const timer = setTimeout(settle, patienceMs);
    socket.on("data", (chunk) => chunks.push(chunk));
    // A service may close the connection before it has read the whole request; its answer still counts.
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "ECONNRESET" && error.code !== "EPIPE") reject(error);
    });
    socket.once("close", settle);
    socket.write(bytesOf(port, request));
  });
}

function bytesOf(port: number, { method, target, headers, body, length }: RawRequest): Buffer {
  const own = [`Host: 127.0.0.1:${port}`, "Connection: close"];
  if (length !== undefined) own.push(`Content-Length: ${length}`);
  const lines = [`${method} ${target} HTTP/1.1`, ...own, ...headers.map(([name, value]) => `${name}: ${value}`)];
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), body]);
}

/** Parses an answer. @throws Error when it is no HTTP */
function parsed(bytes: Buffer): RawAnswer | "waiting" {
  // "100 Continue" comes before the answer.
  const text = bytes.toString("latin1").replace(/^(HTTP\/1\.1 100 Continue\r\n\r\n)+/, "");
  if (text === "") return "waiting";
  const status = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1];
  const end = text.indexOf("\r\n\r\n");
  if (status === undefined || end < 0) throw new Error(`This is no HTTP answer: ${JSON.stringify(text.slice(0, 200))}`);
  const head = text.slice(0, end);
  const type = /^content-type: *([^;\r]*)/im.exec(head)?.[1] ?? "";
  const raw = text.slice(end + 4);
  // The service reads bytes beyond a short Content-Length as a second request. The second answer is cut off here.
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  const own = length === undefined ? raw : raw.slice(0, Number(length));
  const body = /^transfer-encoding: *chunked/im.test(head) ? unchunked(raw) : own;
  return { status: Number(status), type, body: Buffer.from(body, "latin1").toString() };
}

function unchunked(text: string): string {
  let whole = "";
  for (let rest = text; ; ) {
    const [line = ""] = rest.split("\r\n", 1);
    const size = Number.parseInt(line, 16);
    if (!(size > 0)) return whole;
    whole += rest.slice(line.length + 2, line.length + 2 + size);
    rest = rest.slice(line.length + 2 + size + 2);
  }
}
