import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { ConfigError } from "./config.ts";
import { answerUnreadable, refuseTunnels } from "./unreadable-requests.ts";

export interface ServeOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** How long a client may take to send a request, in milliseconds: the whole of it, and its headers. */
  readonly sendWithin?: { readonly request: number; readonly headers: number };
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
 * Serves the app. What is bounded is how long a client takes to *send*, never how long it waits for its answer: callers
 * wait for minutes here. Throws `ConfigError` when the address cannot be had.
 */
export async function serve(app: RequestListener, options: ServeOptions): Promise<Serving> {
  const { host, port, sendWithin = { request: 30_000, headers: 15_000 }, closeWithin = 2_000 } = options;
  const server = createServer(
    {
      requestTimeout: sendWithin.request,
      headersTimeout: sendWithin.headers,
      // Node looks for late senders only so often; its default of 30 s would double the bound.
      connectionsCheckingInterval: Math.min(5_000, sendWithin.headers),
      // Longer than the 60 s after which load balancers drop an idle connection: if we were first, their next request
      // would meet a closed socket. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
      keepAliveTimeout: 72_000,
    },
    app,
  );
  // "Expect: <anything>" is answered like any request instead of with an empty 417.
  server.on("checkExpectation", app);
  server.on("clientError", answerUnreadable);
  server.on("connect", refuseTunnels);
  const close = closer(server, closeWithin);
  await listen(server, host, port);
  const address = server.address() as AddressInfo;
  return { url: `http://${urlHost(host)}:${address.port}`, port: address.port, close };
}

/**
 * `server.close()` alone waits until kept connections time out, and for ever on one that never sent anything (browsers
 * and pools open some in advance). So: answers still to come say `Connection: close`, what falls idle is closed, and
 * what never spoke is cut. So is, a moment later, who is still sending, since Node no longer looks for late senders then,
 * and who has not taken what they were answered: only who waits for an answer to begin may stay.
 */
function closer(server: Server, closeWithin: number): () => Promise<void> {
  const unanswered = new Map<ServerResponse, IncomingMessage>();
  const open = new Set<Socket>();
  let closing = false;
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  server.prependListener("request", (request, response) => {
    unanswered.set(response, request);
    if (closing) response.setHeader("Connection", "close");
    response.once("close", () => {
      unanswered.delete(response);
      if (closing) setImmediate(() => server.closeIdleConnections());
    });
  });
  return async () => {
    closing = true;
    for (const response of unanswered.keys()) if (!response.headersSent) response.setHeader("Connection", "close");
    for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
    const cutTheSlow = setTimeout(() => {
      const waiting = [...unanswered].filter(([answer, { complete }]) => complete && !answer.headersSent);
      const staying = new Set(waiting.map(([, { socket }]) => socket));
      for (const socket of open) if (!staying.has(socket)) socket.destroy();
    }, closeWithin);
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    clearTimeout(cutTheSlow);
  };
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
