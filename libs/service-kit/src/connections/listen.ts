import type { Server } from "node:http";
import { ConfigError } from "../process/index.ts";

/** @throws ConfigError when the process cannot listen on the address. */
export async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
    // Many clients may connect at once. The kernel lowers this to its own limit.
    server.listen({ host, port, backlog: 4_096 }, resolve);
  });
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  switch (error.code) {
    case "EADDRINUSE":
      return new ConfigError(
        `PORT ${port} on ${host} is taken: stop the process that uses it, or set PORT to another port (0 picks a free one).`,
      );
    case "EACCES":
      return new ConfigError(
        `PORT ${port} needs privileges that this process lacks: set PORT to a port from 1024 up, or to 0 for a free one.`,
      );
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new ConfigError(`HOST ${host} is not an address of this machine: set HOST to one, such as 127.0.0.1.`);
    default:
      return error;
  }
}

/** Returns the host for a URL. Clients cannot connect to a wildcard address. */
export function urlHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}
