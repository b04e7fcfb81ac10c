import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { OpenRequests } from "./open-requests.ts";

/**
 * Closes a server. `server.close()` alone waits until kept connections time out, and for ever on one that never sent
 * anything (browsers and pools open some in advance). So:
 * - answers still to come say `Connection: close`
 * - connections that fall idle are closed, those that never sent anything destroyed
 * - `closeWithinMs` later, connections are destroyed whose client is still sending, since Node no longer looks for these
 *   then, or has not taken its answer: only clients that wait for an answer to begin may stay
 */
export async function closeServer(
  server: Server,
  { sockets, requests, closeWithinMs }: { sockets: Set<Socket>; requests: OpenRequests; closeWithinMs: number },
): Promise<void> {
  for (const { response } of requests.all()) if (!response.headersSent) response.setHeader("Connection", "close");
  for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  const cutTheSlow = setTimeout(() => {
    const waiting = requests.all().filter(({ request, response }) => request.complete && !response.headersSent);
    const staying = new Set(waiting.map(({ request }) => request.socket));
    for (const socket of sockets) if (!staying.has(socket)) socket.destroy();
  }, closeWithinMs);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  clearTimeout(cutTheSlow);
  // Node reports the server closed before its last sockets emit "close", by which responses learn that they were lost.
  await Promise.all([...sockets].map((socket) => new Promise((resolve) => socket.once("close", resolve))));
}
