import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from "node:http";
import type { Request } from "express";

/**
 * Header fields that concern one connection.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1
 */
const ofConnection = [
  "connection",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/**
 * Returns the header fields for the service. Its `TRUST_PROXY` decides whether it believes `X-Forwarded-For`, which has the
 * caller's address alone: a caller could claim any other one.
 */
export function requestHeaders(request: Request): OutgoingHttpHeaders {
  const { ip, protocol, headers } = request;
  const { forwarded: _, ...passed } = withoutConnection(headers);
  return {
    ...passed,
    ...(headers["transfer-encoding"] !== undefined && { "transfer-encoding": "chunked" }),
    "x-forwarded-for": ip ?? "",
    "x-forwarded-proto": protocol,
  };
}

/** Returns the header fields for the caller. Those of the same name that this process has set give way. */
export function answerHeaders({ headers }: IncomingMessage): OutgoingHttpHeaders {
  return withoutConnection(headers);
}

function withoutConnection(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const named = headers.connection?.toLowerCase().split(/[\s,]+/) ?? [];
  const left = Object.entries(headers).filter(([name]) => !ofConnection.includes(name) && !named.includes(name));
  return Object.fromEntries(left);
}
