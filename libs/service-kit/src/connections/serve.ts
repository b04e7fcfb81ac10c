import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { Problem } from "../problems/index.ts";
import { ConfigError, type Logger } from "../process/index.ts";
import { closeGentlyWhenUnread, closeOnAbandonedBody } from "./abandoned-bodies.ts";
import { closeServer } from "./close-server.ts";
import { ConnectionRoom } from "./connection-room.ts";
import { type ConnectionBounds, connectionBounds, descriptorLimit } from "./descriptor-limit.ts";
import { watchHalfClosed } from "./half-closed.ts";
import { OpenRequests } from "./open-requests.ts";
import { PlainProblems } from "./plain-problem.ts";
import { isProbe } from "./probe-paths.ts";
import { refusedTarget } from "./request-target.ts";
import { answerUnreadable, refuseTunnel } from "./unreadable-requests.ts";
import { UntakenOutput } from "./untaken-output.ts";

export interface ServeOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Gets a line when the connections are as many as there may be, and for each request that does not get to the app. */
  readonly log?: Logger;
  /** How many connections there may be. By default, as the limit of open files allows. */
  readonly connections?: ConnectionBounds;
  /** How long a client may take to send a request, in milliseconds: the whole of it, and its headers. */
  readonly sendWithin?: { readonly request: number; readonly headers: number };
  /** How long a client may take nothing of what it is sent, in milliseconds. Default 15 s. */
  readonly takeWithin?: number;
  /** How long those have, once it closes, who are half way through sending a request or taking an answer. */
  readonly closeWithin?: number;
}

export interface Serving {
  readonly url: string;
  readonly port: number;
  /** Takes no more connections; resolves when the requests in flight are answered and all connections gone. */
  close(): Promise<void>;
}

/**
 * Serves an app. A client may wait for its answer as long as it takes; everything else about a connection is bounded,
 * whatever the client does:
 * - sending    `sendWithin`, then a 408
 * - waiting    as long as it takes, also after it ended its own side of the connection (`watchHalfClosed`)
 * - taking     `takeWithin` without taking anything (`UntakenOutput`)
 * - refused    2 s and 1 MB from the answer on (`closeGently`), when it is unreadable or its body is not read on
 * - idle       72 s until the next request; less when connections run out (`ConnectionRoom`)
 *
 * @throws ConfigError when the address cannot be had.
 */
export async function serve(app: RequestListener, options: ServeOptions): Promise<Serving> {
  const { host, port, takeWithin = 15_000, closeWithin = 2_000 } = options;
  const server = configuredServer(options);
  const requests = new OpenRequests();
  const problems = new PlainProblems(options.log);
  const sockets = new Set<Socket>();
  const limit = descriptorLimit();
  const room = new ConnectionRoom(server, {
    limit,
    log: options.log,
    ...(options.connections ?? connectionBounds(limit)),
  });
  let closing = false;
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    closeGentlyWhenUnread(socket);
    watchHalfClosed(socket, requests);
  });
  const take: RequestListener = (request, response) => {
    requests.add({ request, response }, () => {
      if (closing) setImmediate(() => server.closeIdleConnections());
    });
    if (closing || room.isForProbes(request.socket)) response.setHeader("Connection", "close");
    closeOnAbandonedBody(request, response);
    const refused =
      refusedTarget(request) ?? (room.isForProbes(request.socket) ? refusedIfFull(request.url) : undefined);
    if (refused) problems.answer(response, refused);
    else app(request, response);
  };
  // Expectations are for the app: it answers 100 where it reads the body, and any other expectation like no expectation.
  server.on("request", take).on("checkContinue", take).on("checkExpectation", take);
  server.on("clientError", (error, socket) => answerUnreadable(error, socket as Socket, { requests, problems }));
  server.on("connect", (_request, socket) => refuseTunnel(socket as Socket, problems));
  await listen(server, host, port);
  const untaken = new UntakenOutput(sockets, takeWithin);
  const address = server.address() as AddressInfo;
  return {
    url: `http://${urlHost(host)}:${address.port}`,
    port: address.port,
    close: async () => {
      closing = true;
      await closeServer(server, { sockets, requests, closeWithinMs: closeWithin });
      untaken.close();
    },
  };
}

function configuredServer({ sendWithin = { request: 30_000, headers: 15_000 } }: ServeOptions): Server {
  const server = createServer({
    requestTimeout: sendWithin.request,
    headersTimeout: sendWithin.headers,
    // Node looks for late senders only so often; its default of 30 s would double the bound.
    connectionsCheckingInterval: Math.min(5_000, sendWithin.headers),
    // Longer than the 60 s after which load balancers drop an idle connection: if we were first, their next request
    // would meet a closed socket. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
    keepAliveTimeout: 72_000,
    // The kernel finds clients whose machine or network is gone, who send no FIN.
    keepAlive: true,
    keepAliveInitialDelay: 10_000,
    // Refused here, with a problem: Node's own answer is an empty 400.
    requireHostHeader: false,
  });
  // Node has no public name for it, and by default takes a client that ends its side for one that has gone.
  return Object.assign(server, { httpAllowHalfOpen: true });
}

function refusedIfFull(url: string | undefined): Problem | undefined {
  if (isProbe(url)) return undefined;
  return new Problem(503, "The service has all the connections it may have. Try again after Retry-After seconds.", {
    headers: { "Retry-After": "5" },
  });
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
    // A rush comes in one go; the kernel caps what exceeds its own limit.
    server.listen({ host, port, backlog: 4_096 }, resolve);
  });
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  switch (error.code) {
    case "EADDRINUSE":
      return new ConfigError(
        `PORT ${port} on ${host} is taken: stop who has it, or set PORT to another (0 picks a free one).`,
      );
    case "EACCES":
      return new ConfigError(
        `PORT ${port} needs privileges this process lacks: set PORT to one from 1024 up, or 0 for a free one.`,
      );
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new ConfigError(`HOST ${host} is no address of this machine: set HOST to one, such as 127.0.0.1.`);
    default:
      return error;
  }
}

/** A wildcard is an address to listen on, not one to go to. */
function urlHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}
