import type { Response } from "express";

/**
 * Fires when the connection closes before the answer is out; has fired when it had closed before the handler asked for
 * the signal, as while it was reading something.
 *
 * A client that ends its own side of the connection has not gone: with HTTP/1.1 it may wait for its answer like that, and
 * TCP says no more of a client that closed. The signal fires once a write shows that nobody is there (`watchHalfClosed`):
 * within a second of a client that closed while it waited, 10 s at the latest. For a client whose machine or network
 * vanished it fires when the kernel gives the connection up.
 */
export function goneSignal(response: Response): AbortSignal {
  const gone = new AbortController();
  const leave = () => {
    // With a reason of its own, because making the default one costs a stack trace.
    if (!response.writableFinished) gone.abort("the caller has gone");
  };
  if (response.closed) leave();
  else response.once("close", leave);
  return gone.signal;
}
