import { once } from "node:events";
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream";
import { refusalOfPage } from "@doubleshot/topology/web-pages";

export interface Front {
  readonly port: number;
  /** Passes requests on to this address from now on; those that have come before wait for it. */
  forwardTo(url: string): void;
  close(): Promise<void>;
}

/**
 * The entrance to DynamoDB for people and programs: an HTTP server on 127.0.0.1 that refuses the requests of web pages and
 * passes the others on. dynoxide itself answers every page with `Access-Control-Allow-Origin: *`.
 * Rejects with the system's error when the port is taken.
 */
export async function openFront(port: number): Promise<Front> {
  const agent = new Agent({ keepAlive: true });
  const target = Promise.withResolvers<string>();
  const server = createServer((incoming, outgoing) => {
    const refusal = refusalOfPage(incoming.method, incoming.headers);
    if (refusal !== undefined) refuse(outgoing, refusal);
    else void target.promise.then((url) => forward(url, agent, incoming, outgoing));
  });
  // Clients keep idle connections, and dynoxide closes none either.
  server.keepAliveTimeout = 0;
  server.listen({ port, host: "127.0.0.1" });
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    forwardTo: target.resolve,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
      agent.destroy();
    },
  };
}

function refuse(outgoing: ServerResponse, message: string): void {
  const body = JSON.stringify({ __type: "com.amazon.coral.service#AccessDeniedException", message });
  outgoing.writeHead(403, { "content-type": "application/x-amz-json-1.0", connection: "close" }).end(body);
}

function forward(target: string, agent: Agent, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { method, url = "/", headers } = incoming;
  const path = url.startsWith("/") ? url : "/";
  const call = request(`${target}${path}`, { method, headers, agent }, (answer) => {
    // The client may have hung up while dynoxide worked: there is nothing left to pipe into.
    if (outgoing.destroyed) {
      answer.destroy();
      return;
    }
    const { "access-control-allow-origin": _everybody, ...answerHeaders } = answer.headers;
    outgoing.writeHead(answer.statusCode ?? 502, answerHeaders);
    pipeline(answer, outgoing, () => undefined);
  });
  // A connection that breaks is an outage, which every client of AWS tries again.
  call.on("error", () => outgoing.destroy());
  pipeline(incoming, call, () => undefined);
}
