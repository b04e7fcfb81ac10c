import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { refusalOfPage } from "@doubleshot/topology/web-pages";
import { faultJson } from "./fault-json.ts";
import { FaultProblemError } from "./fault-problem.ts";
import { readDelivery, readName, readRelayAction, readRush, readStall } from "./fault-request.ts";
import type { ShopFaults } from "./shop-faults.ts";

type Body = Readonly<Record<string, unknown>>;
type Cause = (faults: ShopFaults, body: Body) => Promise<void> | void;

/** By path and method. Each is answered with the state after it. */
const routes: Readonly<Record<string, Readonly<Record<string, Cause>>>> = {
  "/faults": { GET: () => undefined },
  "/faults/deliveries": { POST: (faults, body) => faults.causeInAws({ kind: "delivery", ...readDelivery(body) }) },
  "/faults/relays": { POST: (faults, body) => faults.causeInAws({ kind: "relays", action: readRelayAction(body) }) },
  "/faults/dynamodb": { POST: (faults, body) => faults.causeInAws(readStall(body)) },
  "/faults/processes": { POST: (faults, body) => faults.kill(readName(body, faults.names)) },
  "/faults/rush": { POST: (faults, body) => faults.startRush(readRush(body, faults.rushProgram?.numbers ?? [])) },
  "/faults/rush/stop": { POST: (faults) => faults.stopRush() },
};

export interface FaultServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves the fault API at a free port of 127.0.0.1. It takes no token, so it refuses requests of other origins' pages, as the
 * embedded AWS does. `npm start` alone opens it.
 */
export async function openFaultServer(faults: ShopFaults): Promise<FaultServer> {
  const server = createServer((request, response) => {
    answer(faults, request).then(
      (json) => send(response, 200, json),
      (error: unknown) => sendProblem(response, error),
    );
  });
  server.listen({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(faults: ShopFaults, request: IncomingMessage): Promise<string> {
  const refusal = refusalOfPage(request.method, request.headers);
  if (refusal !== undefined) throw new FaultProblemError(403, refusal);
  const [path = ""] = (request.url ?? "").split("?");
  const methods = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (methods === undefined) {
    throw new FaultProblemError(404, `There is no ${path}: the paths are ${Object.keys(routes).join(", ")}.`);
  }
  const { method = "" } = request;
  const cause = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (cause === undefined) {
    const allow = Object.keys(methods).join(", ");
    throw new FaultProblemError(405, `${path} takes ${allow}.`, { allow });
  }
  await cause(faults, method === "POST" ? await readBody(request) : {});
  return JSON.stringify(faultJson(await faults.state()));
}

const maxBodyBytes = 10_000;

async function readBody(request: IncomingMessage): Promise<Body> {
  // A form of another site can send the other types without a preflight.
  if (!/^application\/json\s*(;|$)/i.test(request.headers["content-type"] ?? "")) {
    throw new FaultProblemError(415, "The body is not JSON: send it with Content-Type application/json.");
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw new FaultProblemError(413, `The body is over ${maxBodyBytes} bytes: send less.`);
    chunks.push(chunk);
  }
  const body = parse(Buffer.concat(chunks).toString());
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new FaultProblemError(400, 'The body is not a JSON object: send one, such as {"action": "kill"}.');
  }
  return body as Body;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function send(
  response: ServerResponse,
  status: number,
  json: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const type = status === 200 ? "application/json" : "application/problem+json";
  response.writeHead(status, { "content-type": type, "cache-control": "no-store", ...headers }).end(json);
}

function sendProblem(response: ServerResponse, error: unknown): void {
  const problem =
    error instanceof FaultProblemError
      ? error
      : new FaultProblemError(500, "The fault could not be caused: see the terminal of npm start.");
  // The rest of a body that was not read would be taken for the next request.
  send(response, problem.status, problem.json, { ...problem.headers, connection: "close" });
}
