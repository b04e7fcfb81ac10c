import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { OpenRequests } from "./open-requests.ts";

/**
 * Closes a server. `server.close()` alone waits until kept connections time out, and without end for a connection that
 * never sent anything (browsers and connection pools open some in advance). So:
 * - pending responses say `Connection: close`
 * - connections that become idle are closed; connections that never sent anything are destroyed
 * - after `closeWithinMs`, connections are destroyed whose client is still sending, which Node no longer times out by
 *   then, or still reading its response. Only clients that wait for their response to begin stay
 */
export async function closeServer(
  server: Server,
  { sockets, requests, closeWithinMs }: { sockets: Set<Socket>; requests: OpenRequests; closeWithinMs: number },
): Promise<void> {
  for (const { response } of requests.all()) if (!response.headersSent) response.setHeader("Connection", "close");
  for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  const destroySlow = setTimeout(() => {
    const waiting = requests.all().filter(({ request, response }) => request.complete && !response.headersSent);
    const staying = new Set(waiting.map(({ request }) => request.socket));
    for (const socket of sockets) if (!staying.has(socket)) socket.destroy();
  }, closeWithinMs);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  clearTimeout(destroySlow);
  // Node reports the server closed before its last sockets emit "close", and responses need that event to learn that they were lost.
  await Promise.all([...sockets].map((socket) => new Promise((resolve) => socket.once("close", resolve))));
}
