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

/** Fields that `Connection` may not name: without them the service would see another request than this process. */
const ofMessage = ["authorization", "content-length", "host"];

/**
 * Returns the header fields for the service. `X-Forwarded-For` carries the caller's address alone: values that the caller sent
 * are dropped. The service uses it if its `TRUST_PROXY` allows.
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

/** Returns the header fields for the caller. They replace fields of the same name. */
export function answerHeaders({ headers }: IncomingMessage): OutgoingHttpHeaders {
  return withoutConnection(headers);
}

function withoutConnection(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const named = headers.connection?.toLowerCase().split(/[\s,]+/) ?? [];
  const isDropped = (name: string) =>
    ofConnection.includes(name) || (named.includes(name) && !ofMessage.includes(name));
  const left = Object.entries(headers).filter(([name]) => !isDropped(name));
  return Object.fromEntries(left);
}
