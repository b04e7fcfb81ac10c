import type { Socket } from "node:net";

export interface Linger {
  /** How long the client has to read its answer and close, in milliseconds. */
  readonly ms: number;
  /** How much of what it still sends is read and dropped meanwhile. */
  readonly bytes: number;
}

/** A client that sends its whole body before it reads, as many do, gets its answer if the body is smaller than this. */
const defaultLinger: Linger = { ms: 2_000, bytes: 1_048_576 };

const lingering = new WeakSet<Socket>();

/** True once the connection only waits for the client to close it: nothing more of it is parsed. */
export const isLingering = (socket: Socket): boolean => lingering.has(socket);

/**
 * Closes a connection on which the client may still be sending. A plain close would make the kernel reset it, and a
 * reset takes the answer away from a client that has not read it. So:
 * - ended      the answer is written and our side is shut; the HTTP parser is detached
 * - draining   what the client sends is dropped, up to `bytes`
 * - destroyed  the client closed, or sent more than that, or `ms` are over, whatever it does
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

/** Drops whatever the client sends from now on, and the connection when that is more than `bytes`. */
export function dropInput(socket: Socket, bytes = defaultLinger.bytes): void {
  let dropped = 0;
  const drop = (chunk: Buffer) => {
    dropped += chunk.length;
    if (dropped > bytes) socket.destroy();
  };
  // With a listener for data, Node takes the connection back from the parser, which is a listener from then on.
  socket.on("data", drop);
  for (const listener of socket.rawListeners("data")) {
    if (listener !== drop) socket.off("data", listener as (chunk: Buffer) => void);
  }
}
