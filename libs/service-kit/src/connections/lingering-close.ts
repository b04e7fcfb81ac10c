import type { Socket } from "node:net";

export interface Linger {
  /** Time for the client to read its response and close. */
  readonly maxMs: number;
  /** Further input that is read and dropped meanwhile. */
  readonly maxBytes: number;
}

/** Many clients send their whole body before they read. Those with a body below this size get their response. */
const defaultLinger: Linger = { maxMs: 2_000, maxBytes: 1_048_576 };

const lingering = new WeakSet<Socket>();

/** Whether the connection only waits for the client to close it. Its input is no longer parsed then. */
export const isLingering = (socket: Socket): boolean => lingering.has(socket);

/**
 * Closes a connection on which the client may still be sending. After a plain close, the kernel would reset the
 * connection, and a reset discards the response that the client has not read yet. The connection is one of:
 * - ended      the response is written, our side is shut, and the HTTP parser is detached
 * - draining   further input is dropped, up to `maxBytes`
 * - destroyed  the client closed, or sent more than `maxBytes`, or `maxMs` have passed
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-9.6
 */
export function closeWithLinger(socket: Socket, { maxMs, maxBytes }: Linger = defaultLinger): void {
  if (socket.destroyed || lingering.has(socket)) return;
  lingering.add(socket);
  dropInput(socket, maxBytes);
  socket.removeAllListeners("end");
  const timer = setTimeout(() => socket.destroy(), maxMs);
  socket.once("close", () => clearTimeout(timer));
  socket.once("end", () => socket.destroySoon());
  socket.resume().end();
}

/** Drops further input, and destroys the connection after more than `maxBytes` of it. */
export function dropInput(socket: Socket, maxBytes = defaultLinger.maxBytes): void {
  let dropped = 0;
  const drop = (chunk: Buffer) => {
    dropped += chunk.length;
    if (dropped > maxBytes) socket.destroy();
  };
  // A listener for data makes Node take the connection back from the parser, which becomes a listener itself.
  socket.on("data", drop);
  for (const listener of socket.rawListeners("data")) {
    if (listener !== drop) socket.off("data", listener as (chunk: Buffer) => void);
  }
}
