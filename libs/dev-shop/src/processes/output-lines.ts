import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** Calls `line` for each whole line of the stream, without its line end. An unfinished line at the stream's end counts. */
export function eachLine(stream: Readable, line: (text: string) => void): void {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  stream.on("data", (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const text of lines) line(text.replace(/\r$/, ""));
  });
  stream.once("close", () => {
    if (rest !== "") line(rest);
  });
}

/** The JSON line with `"msg":"listening"` that a process prints on stdout once it serves. */
export interface Listening {
  readonly url?: string;
  readonly [detail: string]: unknown;
}

/** The line as a `Listening`, or undefined for every other line. */
export function parseListening(line: string): Listening | undefined {
  if (!line.startsWith("{") || !line.includes('"listening"')) return undefined;
  try {
    const parsed: { msg?: unknown; url?: unknown } = JSON.parse(line);
    if (parsed.msg !== "listening") return undefined;
    const { url, ...details } = parsed;
    return typeof url === "string" ? { ...details, url } : details;
  } catch {
    return undefined;
  }
}
