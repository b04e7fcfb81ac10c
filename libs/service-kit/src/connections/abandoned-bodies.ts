import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { closeGently, dropInput } from "./gentle-close.ts";

/** A body of this size is read to its end after the answer, so that the connection can be used again. */
const maxReadAfterAnswer = 65_536;

/** Connections whose last answer began before its request was complete. */
const unread = new WeakSet<Socket>();

/** Connections on which bytes follow a request that no parser makes anything of. */
const garbled = new WeakSet<Socket>();

/**
 * An answer may go out before the body is in: the route does not exist, the body is too large, the client is turned
 * away. Unless little is missing, the connection then says `Connection: close` and is closed without reading on: Node
 * would read for as long as the client sends.
 */
export function closeOnAbandonedBody(request: IncomingMessage, response: ServerResponse): void {
  const writeHead = response.writeHead.bind(response) as (...parts: unknown[]) => ServerResponse;
  response.writeHead = (...parts: unknown[]) => {
    if (request.complete) unread.delete(request.socket);
    else unread.add(request.socket);
    if (!request.complete && !isSmall(request)) response.shouldKeepAlive = false;
    return writeHead(...parts);
  };
}

/** Whether the request that is under way has its answer already: it gets no second one, such as a 408. */
export const isAnsweredUnread = (socket: Socket): boolean => unread.has(socket);

/** Lets the connection's last answer go out and then closes the connection. Nothing more of its input is parsed. */
export function closeAfterAnswer(socket: Socket, response: ServerResponse): void {
  if (garbled.has(socket)) return;
  garbled.add(socket);
  dropInput(socket);
  if (!response.headersSent) response.setHeader("Connection", "close");
  response.once("finish", () => socket.destroySoon());
}

/** Has the connection closed gently where the client may have sent more than was read. For each connection, once. */
export function closeGentlyWhenUnread(socket: Socket): void {
  const destroySoon = socket.destroySoon.bind(socket);
  // Node calls this after the last answer of a connection.
  socket.destroySoon = () => {
    if (unread.delete(socket) || garbled.has(socket)) closeGently(socket);
    else destroySoon();
  };
}

function isSmall({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] === undefined && Number(headers["content-length"] ?? 0) <= maxReadAfterAnswer;
}
