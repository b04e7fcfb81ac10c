import { randomUUID } from "node:crypto";
import { type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { type ProblemError, problemDocument } from "../problems/index.ts";
import type { Logger } from "../process/index.ts";
import { closeWithLinger, isLingering } from "./lingering-close.ts";

const contentType = "application/problem+json; charset=utf-8";

/**
 * Answers requests that never reach the app, and closes their connections. Each has a request id, in its response and in
 * its log line. The log line of a 503 has level debug, because a full service refuses many requests at once.
 */
export class ProblemsOutsideApp {
  readonly #log: Logger | undefined;

  constructor(log: Logger | undefined) {
    this.#log = log;
  }

  /** Answers a request that Node has parsed. */
  answer(response: ServerResponse, problem: ProblemError): void {
    const { method, url = "", socket } = response.req;
    const { body, fields } = this.#prepared(problem, socket, { method, path: url.split("?", 1)[0]?.slice(0, 1_000) });
    response.shouldKeepAlive = false;
    response.writeHead(problem.status, fields).end(body);
  }

  /** Answers input that is no request, and therefore closes the connection: no next request could be told apart. */
  end(socket: Socket, problem: ProblemError): void {
    if (isLingering(socket)) return;
    const { body, fields } = this.#prepared(problem, socket);
    const head = [
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
      "Connection: close",
      ...Object.entries(fields).map(([name, value]) => `${name}: ${value}`),
    ];
    socket.write(`${head.join("\r\n")}\r\n\r\n${body}`);
    closeWithLinger(socket);
  }

  #prepared(
    problem: ProblemError,
    socket: Socket,
    requestLine: { method?: string | undefined; path?: string | undefined } = {},
  ) {
    const requestId = randomUUID();
    const line = { requestId, req: { ...requestLine, address: socket.remoteAddress }, res: { status: problem.status } };
    this.#log?.[problem.status === 503 ? "debug" : "info"](line, `request refused: ${problem.message}`);
    const body = JSON.stringify(problemDocument(problem, requestId));
    const own = { "Content-Type": contentType, "Content-Length": Buffer.byteLength(body), "X-Request-Id": requestId };
    return { body, fields: { ...problem.headers, ...own } };
  }
}
