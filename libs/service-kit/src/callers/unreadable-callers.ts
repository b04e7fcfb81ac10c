import type { RequestHandler } from "express";
import type { Logger } from "../process/index.ts";
import { callerOf } from "./caller.ts";

/** Every request may be affected, and one line is enough for the operator. */
const loggedEveryMs = 60_000;

/** Logs, at most once a minute, that the proxy in front reports no address of a client, or a text that is none. */
export function logUnreadableCallers(log: Logger, now: () => number = () => performance.now()): RequestHandler {
  let loggedAt = Number.NEGATIVE_INFINITY;
  let requests = 0;
  return (request, _response, next) => {
    const { unreadable } = callerOf(request);
    if (unreadable !== undefined) {
      requests += 1;
      if (now() - loggedAt >= loggedEveryMs) {
        log.warn(
          { address: unreadable.slice(0, 100), proxy: request.socket.remoteAddress, requests },
          "the proxy in front reports no client address that can be read; make it append plain addresses to X-Forwarded-For",
        );
        loggedAt = now();
        requests = 0;
      }
    }
    next();
  };
}
