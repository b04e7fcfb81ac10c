import type { Request } from "express";

/** @see https://opentelemetry.io/docs/specs/semconv/registry/attributes/http/ for `http.request.method` */
const methods = new Set(["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"]);

/** The method, or `_OTHER` for an unusual one, so that it has few values. */
export function methodOf({ method }: Request): string {
  return methods.has(method) ? method : "_OTHER";
}

/** The path of the route that serves the request, as Express has it: `/orders/:id`. Empty before a route is found. */
export function routeOf(request: Request): string {
  const path: unknown = request.route?.path;
  return typeof path === "string" ? path : "";
}
