import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { RequestHandler } from "express";

export interface RequestContext {
  /** Ours, new for each request; also in the answer's `X-Request-Id` and in every problem's `instance`. */
  readonly requestId: string;
  /** The caller's `X-Correlation-Id`, or the request id when there is none. */
  readonly correlationId: string;
}

const current = new AsyncLocalStorage<RequestContext>();
const contexts = new WeakMap<IncomingMessage, RequestContext>();

/** The request that the running code serves, if it serves one. */
export function requestContext(): RequestContext | undefined {
  return current.getStore();
}

/** For code that runs on a socket's events, outside of the request's own flow. */
export function contextOf(request: IncomingMessage): RequestContext | undefined {
  return contexts.get(request);
}

/** Callers choose what goes into our logs and events, so only what looks like an id is taken. */
const wellFormed = /^[\w.:-]{1,128}$/;

export const withRequestContext: RequestHandler = (request, response, next) => {
  const requestId = randomUUID();
  const claimed = request.get("x-correlation-id") ?? "";
  const context = { requestId, correlationId: wellFormed.test(claimed) ? claimed : requestId };
  contexts.set(request, context);
  response.setHeader("X-Request-Id", requestId);
  current.run(context, next);
};
