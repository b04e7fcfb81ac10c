import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { Logger } from "../process/index.ts";
import type { ConnectionBounds } from "./descriptor-limit.ts";

export interface RoomOptions extends ConnectionBounds {
  /** Files and sockets that the process may have open: named in the log. */
  readonly limit: number;
  readonly log?: Logger | undefined;
}

/** Milliseconds that a connection in the room for probes has, from its first byte to its last. */
const probeWithinMs = 5_000;

/**
 * Keeps the server's connections below the number of descriptors the process may have: out of descriptors, a process
 * accepts nobody, probes included, and is restarted for being busy. A connection is one of:
 * - regular   up to `max` of them, served as usual
 * - probing   beyond these, up to `maxForProbes`: probes are answered, everything else gets a 503, and it is closed in
 *             either case, after 5 s at the latest. When this room is full, its oldest connection gives way
 *
 * Being full is logged once, with the number and the remedy, and again only after half of the room was free.
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

  /** Whether the connection is there for probes alone. */
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
    const timer = setTimeout(() => socket.destroy(), probeWithinMs);
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

  /** Connections kept for a next request give way to requests that are there. At most once a second: it walks them all. */
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
