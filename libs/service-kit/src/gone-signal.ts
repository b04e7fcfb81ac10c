import type { Response } from "express";

/**
 * Fires when the connection closes before the answer is out; has fired when it had closed before anybody asked, as while
 * the handler was reading something.
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
