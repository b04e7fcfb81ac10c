import type { Socket } from "node:net";
import { ProblemError } from "../problems/index.ts";
import { isLingering } from "./lingering-close.ts";
import type { OpenRequests } from "./open-requests.ts";
import type { ProblemsOutsideApp } from "./problems-outside-app.ts";
import { closeAfterAnswer, isAnsweredUnread } from "./unread-bodies.ts";

interface Answering {
  readonly requests: OpenRequests;
  readonly problems: ProblemsOutsideApp;
}

/**
 * Answers input that the HTTP parser rejected with a problem, and closes the connection:
 * - a complete request on the same connection still waits: its response goes out, then the connection closes
 * - a response to an incomplete request is under way: the connection closes at once, because the client would take the
 *   problem for a part of that response
 * - otherwise the problem goes out, and the connection closes gently
 */
export function answerUnreadable(
  error: NodeJS.ErrnoException,
  socket: Socket,
  { requests, problems }: Answering,
): void {
  if (isLingering(socket) && socket.writable) return;
  const open = requests.on(socket);
  const last = open.at(-1);
  if (isParserError(error) && socket.writable && last?.request.complete) {
    closeAfterAnswer(socket, last.response);
    return;
  }
  const [first] = open;
  const isNext = first === undefined || !(first.request.complete || first.response.headersSent);
  const mayAnswer = isNext && !isAnsweredUnread(socket);
  if (!isParserError(error) || !socket.writable || !mayAnswer) {
    socket.destroy();
    return;
  }
  problems.end(socket, problemOf(error.code));
}

/** Other errors come from the socket, which then carries no response. */
function isParserError({ code = "" }: NodeJS.ErrnoException): boolean {
  return code.startsWith("HPE_") || code.startsWith("ERR_HTTP_");
}

/** Refuses CONNECT. Node never passes it to an app, and drops the connection if nothing answers. */
export function refuseTunnel(socket: Socket, problems: ProblemsOutsideApp): void {
  socket.on("error", () => socket.destroy());
  const detail = "This service is not a proxy. Send GET or POST requests for the service itself.";
  problems.end(socket, new ProblemError(405, detail, { headers: { Allow: "GET, HEAD, POST, OPTIONS" } }));
}

function problemOf(code: string | undefined): ProblemError {
  switch (code) {
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new ProblemError(
        408,
        "The request took too long to arrive. Send all of it within 30 seconds, its headers within 15.",
      );
    case "HPE_HEADER_OVERFLOW":
      return new ProblemError(431, "The headers are too large. Send at most 16 KB of them.");
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return new ProblemError(413, "The chunk extensions are too large. Send the chunks without extensions.");
    case "HPE_INVALID_VERSION":
    case "HPE_PAUSED_H2_UPGRADE":
      return new ProblemError(505, "This HTTP version is not supported. Send HTTP/1.1.");
    default:
      return new ProblemError(
        400,
        "The input is not a well-formed HTTP/1.1 request. Check the request line, the headers and the body's length.",
      );
  }
}
