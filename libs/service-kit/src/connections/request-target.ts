import type { IncomingMessage } from "node:http";
import { ProblemError } from "../problems/index.ts";

/**
 * Rewrites the request's target to the form that the routes match, a path with a query. Returns a problem for any other
 * target, which Express would answer with an HTML page, and for a missing or repeated `Host`, which Node would answer
 * with an empty 400. `*` stays as it is, for OPTIONS.
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-3.2
 */
export function refusedTarget(request: IncomingMessage): ProblemError | undefined {
  const { url = "", method, httpVersionMajor, httpVersionMinor } = request;
  const hosts = request.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === "host").length;
  if (hosts > 1) return new ProblemError(400, "The request has more than one Host header. Send exactly one.");
  if (hosts === 0 && (httpVersionMajor > 1 || httpVersionMinor > 0)) {
    return new ProblemError(400, "The request has no Host header, which HTTP/1.1 requires. Send one.");
  }
  if (url.startsWith("/") || (url === "*" && method === "OPTIONS")) return undefined;
  const absolute = URL.parse(url);
  if (absolute === null || !["http:", "https:"].includes(absolute.protocol)) {
    return new ProblemError(
      400,
      "The request's target is neither a path that begins with / nor an absolute http URL. Send one of these.",
    );
  }
  request.url = absolute.pathname + absolute.search;
  return undefined;
}
