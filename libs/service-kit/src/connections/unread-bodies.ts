import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { closeWithLinger, dropInput } from "./lingering-close.ts";

/** A body up to this size is read to its end after the response, so that the connection can carry a next request. */
const maxBytesAfterResponse = 65_536;

/** Connections whose last response began before its request was complete. */
const incomplete = new WeakSet<Socket>();

/** Connections whose further input is dropped: they close after a response that is chosen already. */
const closing = new WeakSet<Socket>();

/**
 * Closes the connection after a response that began before the request body was read: the route does not exist, the body
 * is too large, the caller is over a limit. The response says `Connection: close`, and the rest of the body is dropped
 * unless it is small: Node would read for as long as the client sends.
 */
export function closeOnUnreadBody(request: IncomingMessage, response: ServerResponse): void {
  const writeHead = response.writeHead.bind(response) as (...parts: unknown[]) => ServerResponse;
  response.writeHead = (...parts: unknown[]) => {
    if (request.complete) incomplete.delete(request.socket);
    else incomplete.add(request.socket);
    if (!request.complete && !isSmall(request)) response.shouldKeepAlive = false;
    return writeHead(...parts);
  };
}

/** Whether the request under way already has its response, so that a second one, such as a 408, would be wrong. */
export const isAnsweredUnread = (socket: Socket): boolean => incomplete.has(socket);

/** Sends the connection's last response and then closes the connection. Further input is not parsed. */
export function closeAfterAnswer(socket: Socket, response: ServerResponse): void {
  if (closing.has(socket)) return;
  closing.add(socket);
  dropInput(socket);
  if (!response.headersSent) response.setHeader("Connection", "close");
  response.once("finish", () => socket.destroySoon());
}

/** Whether no further request of the connection can have a response. Node may have parsed one already. */
export const takesNoMore = (socket: Socket): boolean => closing.has(socket) || !socket.writable;

/** Makes the connection linger at its close if the client may have sent more than was read. Call it once for each connection. */
export function lingerWhenUnread(socket: Socket): void {
  const destroySoon = socket.destroySoon.bind(socket);
  // Node calls this after the last response of a connection.
  socket.destroySoon = () => {
    if (incomplete.delete(socket) || closing.has(socket)) closeWithLinger(socket);
    else destroySoon();
  };
}

function isSmall({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] === undefined && Number(headers["content-length"] ?? 0) <= maxBytesAfterResponse;
}
