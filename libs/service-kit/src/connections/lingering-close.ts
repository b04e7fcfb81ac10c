import type { Socket } from "node:net";

export interface Linger {
  /** How long the client has to read its response and close, in milliseconds. */
  readonly ms: number;
  /** How many bytes of further input are read and dropped meanwhile. */
  readonly bytes: number;
}

/** Many clients send their whole body before they read. Those with a body below this size get their response. */
const defaultLinger: Linger = { ms: 2_000, bytes: 1_048_576 };

const lingering = new WeakSet<Socket>();

/** True once the connection only waits for the client to close it: its input is no longer parsed. */
export const isLingering = (socket: Socket): boolean => lingering.has(socket);

/**
 * Closes a connection on which the client may still be sending. After a plain close, the kernel would reset the
 * connection, and a reset discards the response that the client has not read yet. The connection is one of:
 * - ended      the response is written, our side is shut, and the HTTP parser is detached
 * - draining   further input is dropped, up to `bytes`
 * - destroyed  the client closed, or sent more than `bytes`, or `ms` have passed
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-9.6
 */
export function closeGently(socket: Socket, { ms, bytes }: Linger = defaultLinger): void {
  if (socket.destroyed || lingering.has(socket)) return;
  lingering.add(socket);
  dropInput(socket, bytes);
  socket.removeAllListeners("end");
  const timer = setTimeout(() => socket.destroy(), ms);
  socket.once("close", () => clearTimeout(timer));
  socket.once("end", () => socket.destroySoon());
  socket.resume().end();
}

/** Drops further input, and destroys the connection after more than `bytes` of it. */
export function dropInput(socket: Socket, bytes = defaultLinger.bytes): void {
  let dropped = 0;
  const drop = (chunk: Buffer) => {
    dropped += chunk.length;
    if (dropped > bytes) socket.destroy();
  };
  // A listener for data makes Node take the connection back from the parser, which becomes a listener itself.
  socket.on("data", drop);
  for (const listener of socket.rawListeners("data")) {
    if (listener !== drop) socket.off("data", listener as (chunk: Buffer) => void);
  }
}
