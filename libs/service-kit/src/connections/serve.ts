import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { TrustProxy } from "../callers/index.ts";
import { ProblemError } from "../problems/index.ts";
import type { Logger } from "../process/index.ts";
import { closeServer } from "./close-server.ts";
import { type ConnectionBounds, connectionBounds, descriptorLimit } from "./descriptor-limit.ts";
import { watchHalfClosed } from "./half-closed.ts";
import { ConnectionLimit } from "./limit/connection-limit.ts";
import { listen, urlHost } from "./listen.ts";
import { OpenRequests } from "./open-requests.ts";
import { isProbe } from "./probe-paths.ts";
import { ProblemsOutsideApp } from "./problems-outside-app.ts";
import { refusedTarget } from "./request-target.ts";
import { StalledOutput } from "./stalled-output.ts";
import { closeAfterAnswer, closeOnUnreadBody, lingerWhenUnread, takesNoMore } from "./unread-bodies.ts";
import { answerUnreadable, refuseTunnel } from "./unreadable-requests.ts";

export interface ServeOptions {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** Gets a line when no more connections are allowed, and for each request that does not reach the app. */
  readonly log?: Logger;
  /** The proxies in front, as for `createApp`: their connections never give way to those of other addresses. */
  readonly trustProxy?: TrustProxy;
  /** Requests that may wait or stream at once, if the service bounds them. Behind a proxy, each takes a connection. */
  readonly maxLongRequests?: number | undefined;
  /** Descriptors that a connection takes: 2 in a proxy, which connects to a service for each caller. Default 1. */
  readonly descriptorsPerConnection?: number | undefined;
  /** How many connections may be open. By default, as many as the limit of open files allows. */
  readonly connections?: ConnectionBounds;
  /** Milliseconds in which a client must have sent its whole request. Default 30,000. */
  readonly requestTimeoutMs?: number;
  /** Milliseconds in which a client must have sent the headers of its request. Default 15,000. */
  readonly headersTimeoutMs?: number;
  /** Milliseconds for which an idle connection stays open. Default 72,000. */
  readonly keepAliveMs?: number;
  /** Milliseconds for which a client may read nothing of the pending output. Default 15,000. */
  readonly maxStallMs?: number;
  /** Milliseconds, from `close()` on, in which requests half sent and responses half read must be complete. Default 2,000. */
  readonly closeWithinMs?: number;
}

export interface Serving {
  readonly url: string;
  readonly port: number;
  /** Accepts no more connections. Resolves when the requests in flight have their responses and all connections are closed. */
  close(): Promise<void>;
}

/**
 * Requests of one connection whose responses are not finished. Node reads 64 KB at a time, which hold 2,000 requests: it
 * parses all of them at once, and their handling would keep every other connection waiting for seconds. Clients that
 * send requests ahead at all send a few.
 */
const maxOpenRequests = 16;

/**
 * Serves an app. A client may wait for its response without limit. Every other state of a connection is bounded:
 * - sending    `requestTimeoutMs` and `headersTimeoutMs`, then a 408
 * - ahead      16 requests of one connection, handled one after another; the next is a 503, and the connection closes
 * - waiting    no limit, even after the client ended its own side of the connection (`watchHalfClosed`)
 * - reading    `maxStallMs` without reading anything (`StalledOutput`)
 * - refused    2 s and 1 MB after the response (`closeWithLinger`), if the request is malformed or its body is abandoned
 * - idle       `keepAliveMs` until the next request; less when connections run out (`ConnectionLimit`)
 *
 * @throws ConfigError when the process cannot listen on the address.
 */
export async function serve(app: RequestListener, options: ServeOptions): Promise<Serving> {
  const { host, port, maxStallMs = 15_000, closeWithinMs = 2_000 } = options;
  const server = configuredServer(options);
  const requests = new OpenRequests();
  const problems = new ProblemsOutsideApp(options.log);
  const sockets = new Set<Socket>();
  const limit = descriptorLimit();
  const bounds = options.connections ?? connectionBounds(limit, options.descriptorsPerConnection);
  const connectionLimit = new ConnectionLimit(server, {
    limit,
    log: options.log,
    trustProxy: options.trustProxy,
    ...bounds,
  });
  let isClosing = false;
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    lingerWhenUnread(socket);
    watchHalfClosed(socket, requests);
  });
  const start: RequestListener = (request, response) => {
    response.once("close", () => {
      if (isClosing) setImmediate(() => server.closeIdleConnections());
    });
    if (isClosing || connectionLimit.isForProbes(request.socket)) response.setHeader("Connection", "close");
    closeOnUnreadBody(request, response);
    const refused =
      refusedTarget(request) ?? (connectionLimit.isForProbes(request.socket) ? refusedIfFull(request.url) : undefined);
    if (refused) problems.answer(response, refused);
    else app(request, response);
  };
  const take: RequestListener = (request, response) => {
    if (takesNoMore(request.socket)) return;
    if (requests.on(request.socket).length < maxOpenRequests) {
      requests.add({ request, response, start: () => start(request, response) });
      return;
    }
    closeAfterAnswer(request.socket, response);
    problems.answer(response, tooManyOpen());
  };
  // The app handles `Expect`: it sends 100 where it reads the body, and ignores any other expectation.
  server.on("request", take).on("checkContinue", take).on("checkExpectation", take);
  server.on("clientError", (error, socket) => answerUnreadable(error, socket as Socket, { requests, problems }));
  server.on("connect", (_request, socket) => refuseTunnel(socket as Socket, problems));
  await listen(server, host, port);
  logTooFewConnections(options, bounds.max);
  const stalled = new StalledOutput(sockets, maxStallMs);
  const address = server.address() as AddressInfo;
  return {
    url: `http://${urlHost(host)}:${address.port}`,
    port: address.port,
    close: async () => {
      isClosing = true;
      await closeServer(server, { sockets, requests, closeWithinMs });
      stalled.close();
    },
  };
}

function configuredServer(options: ServeOptions): Server {
  const { requestTimeoutMs = 30_000, headersTimeoutMs = 15_000, keepAliveMs = 72_000 } = options;
  const server = createServer({
    requestTimeout: requestTimeoutMs,
    headersTimeout: headersTimeoutMs,
    // Node checks the timeouts once in this interval; its default of 30 s would double the bound.
    connectionsCheckingInterval: Math.min(5_000, headersTimeoutMs),
    // 72 s is longer than the 60 s after which load balancers close an idle connection: if the service closed it first, their next
    // request would meet a closed socket. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
    keepAliveTimeout: keepAliveMs,
    // The kernel finds clients whose machine or network has vanished: they send no FIN.
    keepAlive: true,
    keepAliveInitialDelay: 10_000,
    // The service refuses such requests with a problem: Node's own response is an empty 400.
    requireHostHeader: false,
  });
  // Node has no public option for this. By default it treats a client that ended its side like one that closed.
  return Object.assign(server, { httpAllowHalfOpen: true });
}

/** Behind a proxy, waiting places are shared out by client address. That works only if places run out before connections. */
function logTooFewConnections({ trustProxy = false, maxLongRequests = 0, log }: ServeOptions, max: number): void {
  if (trustProxy === false || trustProxy === 0 || maxLongRequests < max) return;
  log?.warn(
    { connections: max, longRequests: maxLongRequests },
    `${maxLongRequests} requests may wait or stream, and the open files allow ${max} connections: one client behind the proxy ` +
      `can use them all. Lower MAX_WAITING, or raise the limit of open files (ulimit -n, LimitNOFILE=, nofile of the container).`,
  );
}

function tooManyOpen(): ProblemError {
  const detail = `The connection has ${maxOpenRequests} requests without a response. Read the responses before you send more.`;
  return new ProblemError(503, detail, { headers: { "Retry-After": "1" } });
}

function refusedIfFull(url: string | undefined): ProblemError | undefined {
  if (isProbe(url)) return undefined;
  return new ProblemError(
    503,
    "The service has as many connections as it may have. Send the request again after Retry-After seconds.",
    {
      headers: { "Retry-After": "5" },
    },
  );
}
