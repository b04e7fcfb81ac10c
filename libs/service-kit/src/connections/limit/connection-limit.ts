import type { Server } from "node:http";
import type { Socket } from "node:net";
import { callerAt, type TrustProxy, trustedPeers } from "../../callers/index.ts";
import { type Place, SharedPlaces } from "../../limits/index.ts";
import type { Logger } from "../../process/index.ts";
import type { ConnectionBounds } from "../descriptor-limit.ts";

export interface ConnectionLimitOptions extends ConnectionBounds {
  /** How many files and sockets the process may have open, for the log. */
  readonly limit: number;
  /** The proxies whose connections carry the requests of many clients. Default false. */
  readonly trustProxy?: TrustProxy | undefined;
  readonly log?: Logger | undefined;
}

/** Milliseconds that a connection for probes may be open. */
const maxProbeMs = 5_000;

/** The remedy in log lines. */
const raiseLimit = "Raise the limit (ulimit -n, LimitNOFILE=, nofile of the container) or start another instance.";

/**
 * Keeps the server's connections below the number of descriptors the process may have: without a free descriptor, a
 * process accepts no connection, those of probes included, and is restarted for being busy. A connection is one of:
 * - regular   up to `max` of them, served as usual and shared by address (`SharedPlaces`). When all are in use, idle ones
 *             are closed. If there are none, an address with few connections takes the place of the oldest one of the
 *             address with the most. The connections of trusted proxies are never taken away for other addresses
 * - probing   beyond these, up to `maxForProbes`: probes are answered, every other request gets a 503, and the connection
 *             closes after its answer, or after 5 s. When all of these are in use, a new one replaces the oldest
 *
 * Logs once that `max` is reached, with the number and the remedy, and again only after half of the connections have closed.
 */
export class ConnectionLimit {
  readonly #server: Server;
  readonly #options: ConnectionLimitOptions;
  readonly #isProxy: (address: string) => boolean;
  readonly #places: SharedPlaces;
  readonly #regular = new Map<Socket, Place>();
  readonly #probing = new Set<Socket>();
  #hasLogged = false;
  #idleClosedAt = Number.NEGATIVE_INFINITY;

  constructor(server: Server, options: ConnectionLimitOptions) {
    this.#server = server;
    this.#options = options;
    this.#isProxy = trustedPeers(options.trustProxy ?? false);
    this.#places = new SharedPlaces(options.max);
    server.on("connection", (socket: Socket) => this.#admit(socket));
  }

  /** Whether only probes are answered on this connection. */
  isForProbes(socket: Socket): boolean {
    return this.#probing.has(socket);
  }

  #admit(socket: Socket): void {
    if (this.#places.size >= this.#options.max) {
      this.#logFull();
      this.#closeIdle();
    }
    const { remoteAddress = "" } = socket;
    const place = this.#places.enter({
      caller: callerAt(remoteAddress).id,
      isReserved: this.#isProxy(remoteAddress),
      onTaken: () => {
        this.#leave(socket);
        socket.destroy();
      },
    });
    if (place === undefined) {
      this.#admitForProbes(socket);
      return;
    }
    this.#regular.set(socket, place);
    socket.once("close", () => this.#leave(socket));
  }

  #admitForProbes(socket: Socket): void {
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
    this.#regular.get(socket)?.leave();
    this.#regular.delete(socket);
    if (this.#regular.size < this.#options.max / 2) this.#hasLogged = false;
  }

  /** Closes connections that are kept for a next request. At most once a second, because it walks all connections. */
  #closeIdle(): void {
    if (performance.now() - this.#idleClosedAt < 1_000) return;
    this.#idleClosedAt = performance.now();
    this.#server.closeIdleConnections();
    // Their descriptors are free already, and their "close" comes later.
    for (const socket of this.#regular.keys()) if (socket.destroyed) this.#leave(socket);
  }

  #logFull(): void {
    if (this.#hasLogged) return;
    this.#hasLogged = true;
    const { max, limit, log } = this.#options;
    log?.warn(
      { connections: max, openFiles: limit },
      `${max} connections are all that ${limit} open files allow: the address with the most gives way, or further ` +
        `requests get a 503; probes are answered. ${raiseLimit}`,
    );
  }
}
