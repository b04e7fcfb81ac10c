import type { Response } from "express";

/**
 * Returns a signal that aborts when the connection closes before the whole response is sent. It is aborted already if the
 * connection closed earlier, for instance while the handler read something.
 *
 * A client that only ends its own side has not gone: over HTTP/1.1 it may wait for its response like that, and TCP sends
 * no other sign for a client that closed. The signal then aborts when a probe fails (`watchHalfClosed`): within a second
 * as a rule, 10 s at most after the client closed. If the client's machine or network vanished, the signal aborts when
 * the kernel gives up the connection.
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
