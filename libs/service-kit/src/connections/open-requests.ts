import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

export interface OpenRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** The requests of a server whose responses are not finished, by connection and in the order of their arrival. */
export class OpenRequests {
  readonly #bySocket = new Map<Socket, OpenRequest[]>();

  add(open: OpenRequest, onClosed: () => void): void {
    const { socket } = open.request;
    this.#bySocket.set(socket, [...(this.#bySocket.get(socket) ?? []), open]);
    open.response.once("close", () => {
      const others = this.on(socket).filter((other) => other !== open);
      if (others.length === 0) this.#bySocket.delete(socket);
      else this.#bySocket.set(socket, others);
      onClosed();
    });
  }

  on(socket: Socket): readonly OpenRequest[] {
    return this.#bySocket.get(socket) ?? [];
  }

  all(): OpenRequest[] {
    return [...this.#bySocket.values()].flat();
  }
}
