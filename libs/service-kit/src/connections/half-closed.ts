import type { Socket } from "node:net";
import type { OpenRequest, OpenRequests } from "./open-requests.ts";

/** Milliseconds between signs of life: quick at first, because most clients that end their side have gone. */
const pausesMs = [20, 100, 500, 2_000];
const lastPauseMs = 5_000;
/** HTTP/1.0 has no interim answers to send as a sign of life, so its clients are waited for this long. */
const maxSilentWaitMs = 60_000;
/** An answer that has begun, and is no stream of events, has no room for a sign of life: it must go on within this. */
const maxStandstillMs = 500;

/**
 * Tells a client that ended its side and waits (`shutdown(SHUT_WR)`, `nc -N`) from one that has gone: TCP ends both with
 * the same FIN, and only a write shows which it was, since the kernel of a client that closed answers it with a reset.
 * From the FIN on, a waiting connection is one of:
 * - waiting   a `102 Processing` goes out now and then, which every HTTP/1.1 client skips; a comment, on an event stream
 * - answered  the answer goes out like any other, and the connection closes
 * - gone      a write met a reset: `goneSignal` fires, within a fraction of a second and at most 10 s after the client went
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-15.2
 */
export function watchHalfClosed(socket: Socket, requests: OpenRequests): void {
  socket.once("end", () => {
    let timer: NodeJS.Timeout;
    let since = performance.now();
    let written = socket.bytesWritten;
    const probe = (pauses: readonly number[]) => {
      const [open] = requests.on(socket);
      if (open === undefined || socket.destroyed) return;
      if (socket.bytesWritten !== written || sendSignOfLife(open)) since = performance.now();
      written = socket.bytesWritten;
      if (performance.now() - since > (open.response.headersSent ? maxStandstillMs : maxSilentWaitMs)) {
        socket.destroy();
        return;
      }
      const [pause = lastPauseMs, ...later] = pauses;
      timer = setTimeout(() => probe(later), pause);
    };
    probe(pausesMs);
    socket.once("close", () => clearTimeout(timer));
  });
}

/** False when there is nothing that this client could be sent before its answer. */
function sendSignOfLife({ request, response }: OpenRequest): boolean {
  if (response.headersSent) {
    if (!response.getHeader("content-type")?.toString().startsWith("text/event-stream")) return false;
    response.write(":\n\n");
    return true;
  }
  if (request.httpVersionMajor === 1 && request.httpVersionMinor === 0) return false;
  response.writeProcessing();
  return true;
}
