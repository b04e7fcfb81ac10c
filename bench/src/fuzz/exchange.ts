import { connect } from "node:net";

/** A request as bytes on a socket: no client library stands between the fuzz and the service. */
export interface RawRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
  /** What `Content-Length` says; undefined: nothing. */
  readonly length: number | undefined;
}

export interface RawAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/**
 * Sends the request on a connection of its own and reads until the service closes it. `waiting`: no answer came within
 * `patience` ms, and the caller has hung up.
 */
export function exchange(port: number, request: RawRequest, patience: number): Promise<RawAnswer | "waiting"> {
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
    const timer = setTimeout(settle, patience);
    socket.on("data", (chunk) => chunks.push(chunk));
    // A service may close on a request before it has read all of it; what it said is what counts.
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

/** Whatever a service answers has to look like this. @throws Error when it does not. */
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
  // What the length kept back is read as another request, and answered as one: that is not this answer.
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
