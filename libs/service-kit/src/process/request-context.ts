import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { RequestHandler } from "express";
import { type TraceIds, traceIds } from "./trace-ids.ts";

export interface RequestContext {
  /** New for each request. Also in the response's `X-Request-Id` and in every problem's `instance`. */
  readonly requestId: string;
  /** The caller's `X-Correlation-Id`, or else the request id. */
  readonly correlationId: string;
}

const current = new AsyncLocalStorage<RequestContext>();
const contexts = new WeakMap<IncomingMessage, RequestContext & Partial<TraceIds>>();

/** Returns the context of the request that the running code serves, if any. */
export function requestContext(): RequestContext | undefined {
  return current.getStore();
}

/** With the ids of the request's span. For code that runs on a socket's events, outside of the request's asynchronous context. */
export function contextOf(request: IncomingMessage): (RequestContext & Partial<TraceIds>) | undefined {
  return contexts.get(request);
}

/** The caller's id appears in logs and events, so only a text that looks like an id is accepted. */
const wellFormed = /^[\w.:-]{1,128}$/;

export const withRequestContext: RequestHandler = (request, response, next) => {
  const requestId = randomUUID();
  const claimed = request.get("x-correlation-id") ?? "";
  const context = { requestId, correlationId: wellFormed.test(claimed) ? claimed : requestId };
  contexts.set(request, { ...context, ...traceIds() });
  response.setHeader("X-Request-Id", requestId);
  current.run(context, next);
};
