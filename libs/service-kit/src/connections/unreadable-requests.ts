import type { Socket } from "node:net";
import { Problem } from "../problems/index.ts";
import { closeAfterAnswer, isAnsweredUnread } from "./abandoned-bodies.ts";
import { isLingering } from "./gentle-close.ts";
import type { OpenRequests } from "./open-requests.ts";
import type { PlainProblems } from "./plain-problem.ts";

interface Answering {
  readonly requests: OpenRequests;
  readonly problems: PlainProblems;
}

/**
 * Answers what the HTTP parser gave up on, which therefore never becomes a request, with a problem like any other, and
 * closes the connection. Where a complete request on the same connection still waits for its answer, that answer goes
 * out, and then the connection closes. An answer that is under way for an incomplete request would be mistaken for this
 * one: then the connection closes without a word.
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
  problems.end(socket, whatIsWrong(error.code));
}

/** Others come from the socket, which then carries no answer. */
function isParserError({ code = "" }: NodeJS.ErrnoException): boolean {
  return code.startsWith("HPE_") || code.startsWith("ERR_HTTP_");
}

/** Refuses CONNECT, which Node never hands to an app: without an answer, it just drops the connection. */
export function refuseTunnel(socket: Socket, problems: PlainProblems): void {
  socket.on("error", () => socket.destroy());
  const detail = "This is no proxy. Send requests for this service itself.";
  problems.end(socket, new Problem(405, detail, { headers: { Allow: "GET, HEAD, POST, OPTIONS" } }));
}

function whatIsWrong(code: string | undefined): Problem {
  switch (code) {
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new Problem(408, "The request took too long to arrive. Send it in one go.");
    case "HPE_HEADER_OVERFLOW":
      return new Problem(431, "The headers are too large. Send at most 16 KB of them.");
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return new Problem(413, "The chunk extensions are too large. Leave them out.");
    case "HPE_INVALID_VERSION":
    case "HPE_PAUSED_H2_UPGRADE":
      return new Problem(505, "This HTTP version is not supported. Send HTTP/1.1.");
    default:
      return new Problem(400, "This is not a well-formed HTTP/1.1 request.");
  }
}
