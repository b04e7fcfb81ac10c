import type { Socket } from "node:net";
import type { OpenRequest, OpenRequests } from "./open-requests.ts";

/** Milliseconds between probes: short at first, because most clients that end their side have closed the connection. */
const probePausesMs = [20, 100, 500, 2_000];
const lastProbePauseMs = 5_000;
/** HTTP/1.0 has no interim response that could serve as a probe, so its clients wait for this long at most. */
const maxSilentWaitMs = 60_000;
/** A response that has begun and is no event stream has no room for a probe, so it must make progress within this. */
const maxStandstillMs = 500;

/**
 * Distinguishes a client that ended its side and waits (`shutdown(SHUT_WR)`, `nc -N`) from one that closed: TCP sends the
 * same FIN for both, and only a write shows the difference, because the kernel of a closed client answers it with a reset.
 * From the FIN on, a connection is one of:
 * - waiting   a probe goes out now and then: `102 Processing`, which every HTTP/1.1 client skips; a comment, on an event stream
 * - answered  the response goes out as usual, and the connection closes
 * - gone      a probe met a reset, within a second as a rule and 10 s at most after the client closed; or the connection was
 *             destroyed, because its response had no room for a probe and made no progress for too long. `goneSignal` fires
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-15.2
 */
export function watchHalfClosed(socket: Socket, requests: OpenRequests): void {
  socket.once("end", () => {
    let timer: NodeJS.Timeout;
    let progressAt = performance.now();
    let written = socket.bytesWritten;
    const probe = (pauses: readonly number[]) => {
      const [open] = requests.on(socket);
      if (open === undefined || socket.destroyed) return;
      if (socket.bytesWritten !== written || sendProbe(open)) progressAt = performance.now();
      written = socket.bytesWritten;
      if (performance.now() - progressAt > (open.response.headersSent ? maxStandstillMs : maxSilentWaitMs)) {
        socket.destroy();
        return;
      }
      const [pause = lastProbePauseMs, ...later] = pauses;
      timer = setTimeout(() => probe(later), pause);
    };
    probe(probePausesMs);
    socket.once("close", () => clearTimeout(timer));
  });
}

/** False when this response has no room for a probe. */
function sendProbe({ request, response }: OpenRequest): boolean {
  if (response.headersSent) {
    if (!response.getHeader("content-type")?.toString().startsWith("text/event-stream")) return false;
    response.write(":\n\n");
    return true;
  }
  if (request.httpVersionMajor === 1 && request.httpVersionMinor === 0) return false;
  response.writeProcessing();
  return true;
}
