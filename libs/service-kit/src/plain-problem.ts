import { type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { closeGently, isLingering } from "./gentle-close.ts";
import { type Problem, problemDocument } from "./problem.ts";

const contentType = "application/problem+json; charset=utf-8";

/** Answers a request that never gets to the app, and closes its connection. */
export function answerPlainly(response: ServerResponse, problem: Problem): void {
  const body = JSON.stringify(problemDocument(problem));
  const own = { "Content-Type": contentType, "Content-Length": Buffer.byteLength(body) };
  response.shouldKeepAlive = false;
  response.writeHead(problem.status, { ...problem.headers, ...own }).end(body);
}

/** Answers what never became a request, and closes the connection: within it, no next request has a beginning. */
export function endWithProblem(socket: Socket, problem: Problem): void {
  if (isLingering(socket)) return;
  const { status, headers } = problem;
  const body = JSON.stringify(problemDocument(problem));
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "Connection: close",
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `Content-Type: ${contentType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n${body}`);
  closeGently(socket);
}
