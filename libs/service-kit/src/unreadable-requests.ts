import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { Problem, problemDocument } from "./problem.ts";

/**
 * Answers what the HTTP parser gave up on, which therefore never becomes a request, with a problem like any other, and
 * closes the connection: nobody knows where in the stream the next request would begin.
 */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  endWithProblem(socket, whatIsWrong(error.code));
}

/** Refuses CONNECT, which Node never hands to an app: without an answer, it just drops the connection. */
export function refuseTunnels(_request: IncomingMessage, socket: Duplex): void {
  socket.on("error", () => socket.destroy());
  endWithProblem(socket, { status: 405, detail: "This is no proxy. Send requests for this service itself." });
}

function endWithProblem(socket: Duplex, { status, detail }: { status: number; detail: string }): void {
  const body = JSON.stringify(problemDocument(new Problem(status, detail)));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "Connection: close",
    "Content-Type: application/problem+json; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

function whatIsWrong(code: string | undefined): { status: number; detail: string } {
  switch (code) {
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return { status: 408, detail: "The request took too long to arrive. Send it in one go." };
    case "HPE_HEADER_OVERFLOW":
      return { status: 431, detail: "The headers are too large. Send at most 16 KB of them." };
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return { status: 413, detail: "The chunk extensions are too large. Leave them out." };
    default:
      return { status: 400, detail: "This is not a well-formed HTTP/1.1 request." };
  }
}
