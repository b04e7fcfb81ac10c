import type { Socket } from "node:net";

/**
 * Destroys connections whose client has read nothing of the pending output for `maxStallMs`. A client that reads slowly
 * stays, and so does a client that waits for its response, because nothing is pending. Node's own socket timeout is no
 * substitute: everything that the client sends restarts it.
 */
export class StalledOutput {
  readonly #seen = new WeakMap<Socket, { readonly read: number; readonly since: number }>();
  readonly #timer: NodeJS.Timeout;

  constructor(sockets: Iterable<Socket>, maxStallMs: number) {
    this.#timer = setInterval(() => this.#check(sockets, maxStallMs), Math.min(5_000, maxStallMs / 3));
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #check(sockets: Iterable<Socket>, maxStallMs: number): void {
    const now = performance.now();
    for (const socket of sockets) {
      const read = socket.bytesWritten - socket.writableLength;
      const seen = this.#seen.get(socket);
      if (socket.writableLength === 0) this.#seen.delete(socket);
      else if (seen?.read !== read) this.#seen.set(socket, { read, since: now });
      else if (now - seen.since >= maxStallMs) socket.destroy();
    }
  }
}
