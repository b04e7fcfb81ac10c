import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

export interface OpenRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Handles the request. Called once, and only while the response can be sent. */
  start(): void;
}

/**
 * The requests of a server whose responses are not finished, by connection and in the order of their arrival. Of one
 * connection, one request is handled at a time. A request is one of:
 * - waiting   a request before it on the connection has no response yet
 * - started   it is the first of its connection
 * - finished  its response is sent, or the connection closed. The next one starts, if the connection stays open
 *
 * Node would handle all of them at once, and reports no lost connection to a response behind the first one.
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-9.3.2 only safe requests may be handled in parallel
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-9.6 no request is handled after a response that closes
 */
export class OpenRequests {
  readonly #bySocket = new Map<Socket, Set<OpenRequest>>();

  add(added: OpenRequest): void {
    const { socket } = added.request;
    const open = this.#bySocket.get(socket);
    if (open !== undefined) {
      open.add(added);
      return;
    }
    this.#bySocket.set(socket, new Set([added]));
    this.#start(socket, added);
  }

  on(socket: Socket): readonly OpenRequest[] {
    return [...(this.#bySocket.get(socket) ?? [])];
  }

  all(): OpenRequest[] {
    return [...this.#bySocket.values()].flatMap((open) => [...open]);
  }

  #start(socket: Socket, started: OpenRequest): void {
    started.response.once("close", () => this.#finish(socket, started));
    started.start();
  }

  #finish(socket: Socket, finished: OpenRequest): void {
    const open = this.#bySocket.get(socket);
    open?.delete(finished);
    const [next] = open ?? [];
    // Node has passed the connection on to the next response by now, unless the connection is closing.
    if (next?.response.socket) this.#start(socket, next);
    else this.#bySocket.delete(socket);
  }
}
