import type { Socket } from "node:net";

/**
 * Destroys connections whose client takes nothing of what is written to it, for `takeWithinMs`: it reads no answer, or
 * stopped in the middle of one. A client that reads slowly stays, and one that waits for its answer has nothing to take.
 * Node's own socket timeout would not do: it counts what a client sends as a sign of life.
 */
export class UntakenOutput {
  readonly #seen = new WeakMap<Socket, { readonly taken: number; readonly since: number }>();
  readonly #timer: NodeJS.Timeout;

  constructor(sockets: Iterable<Socket>, takeWithinMs: number) {
    this.#timer = setInterval(() => this.#look(sockets, takeWithinMs), Math.min(5_000, takeWithinMs / 3));
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(sockets: Iterable<Socket>, takeWithinMs: number): void {
    const now = performance.now();
    for (const socket of sockets) {
      const taken = socket.bytesWritten - socket.writableLength;
      const seen = this.#seen.get(socket);
      if (socket.writableLength === 0) this.#seen.delete(socket);
      else if (seen?.taken !== taken) this.#seen.set(socket, { taken, since: now });
      else if (now - seen.since >= takeWithinMs) socket.destroy();
    }
  }
}
