import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { Logger } from "../process/index.ts";
import type { ConnectionBounds } from "./descriptor-limit.ts";

export interface RoomOptions extends ConnectionBounds {
  /** How many files and sockets the process may have open, for the log. */
  readonly limit: number;
  readonly log?: Logger | undefined;
}

/** Milliseconds that a connection for probes may be open. */
const maxProbeMs = 5_000;

/**
 * Keeps the server's connections below the number of descriptors the process may have: without a free descriptor, a
 * process accepts no connection, those of probes included, and is restarted for being busy. A connection is one of:
 * - regular   up to `max` of them, served as usual
 * - probing   beyond these, up to `maxForProbes`: probes are answered, every other request gets a 503, and the connection
 *             closes after its answer, or after 5 s. When all of these are in use, a new one replaces the oldest
 *
 * Logs once that `max` is reached, with the number and the remedy, and again only after half of the connections have closed.
 */
export class ConnectionRoom {
  readonly #server: Server;
  readonly #options: RoomOptions;
  readonly #regular = new Set<Socket>();
  readonly #probing = new Set<Socket>();
  #logged = false;
  #idleClosedAt = Number.NEGATIVE_INFINITY;

  constructor(server: Server, options: RoomOptions) {
    this.#server = server;
    this.#options = options;
    server.on("connection", (socket: Socket) => this.#admit(socket));
  }

  /** Whether only probes are answered on this connection. */
  isForProbes(socket: Socket): boolean {
    return this.#probing.has(socket);
  }

  #admit(socket: Socket): void {
    if (this.#regular.size < this.#options.max) {
      this.#regular.add(socket);
      socket.once("close", () => this.#leave(socket));
      return;
    }
    this.#logFull();
    this.#closeIdle();
    this.#probing.add(socket);
    const timer = setTimeout(() => socket.destroy(), maxProbeMs);
    socket.once("close", () => {
      clearTimeout(timer);
      this.#probing.delete(socket);
    });
    const [oldest] = this.#probing;
    if (this.#probing.size > this.#options.maxForProbes) oldest?.destroy();
  }

  #leave(socket: Socket): void {
    this.#regular.delete(socket);
    if (this.#regular.size < this.#options.max / 2) this.#logged = false;
  }

  /** Closes connections that are kept for a next request. At most once a second, because Node walks all connections for it. */
  #closeIdle(): void {
    if (performance.now() - this.#idleClosedAt < 1_000) return;
    this.#idleClosedAt = performance.now();
    this.#server.closeIdleConnections();
  }

  #logFull(): void {
    if (this.#logged) return;
    this.#logged = true;
    const { max, limit, log } = this.#options;
    log?.warn(
      { connections: max, openFiles: limit },
      `${max} connections are all that ${limit} open files allow: further requests get a 503, probes are answered. ` +
        "Raise the limit (ulimit -n, LimitNOFILE=, nofile of the container) or start another instance.",
    );
  }
}
