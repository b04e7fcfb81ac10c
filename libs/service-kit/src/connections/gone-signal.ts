import type { Response } from "express";

/**
 * Returns a signal that aborts when the connection closes before the whole response is sent. It is aborted already if the
 * connection closed earlier, for instance while the handler read something.
 *
 * A half-closed client may still wait for its response. TCP sends the same FIN for a full close, so only a write shows the
 * difference (`watchHalfClosed`). After a client's full close, the signal aborts:
 * - over HTTP/1.1, within a second as a rule, and 10 s at most
 * - over HTTP/1.0, which has no probe, within 60 s; the connection of a half-closed client ends then, too
 *
 * If the client's machine or network vanished, the signal aborts when the kernel gives up the connection.
 */
export function goneSignal(response: Response): AbortSignal {
  const gone = new AbortController();
  const leave = () => {
    // The default reason would cost a stack trace.
    if (!response.writableFinished) gone.abort("the caller has gone");
  };
  if (response.closed) leave();
  else response.once("close", leave);
  return gone.signal;
}
