import {
  type Attributes,
  context,
  isSpanContextValid,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import type { Request, RequestHandler, Response } from "express";
import { isProbe } from "../connections/index.ts";
import { methodOf, routeOf } from "./request-labels.ts";

/*
 * Spans of requests, by OpenTelemetry's conventions for HTTP servers. The library's own instrumentation replaces functions of
 * `node:http` while modules load, which bundles prevent; one middleware does the same with `@opentelemetry/api` alone.
 * @see https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server
 */

const tracer = trace.getTracer("@doubleshot/service-kit");

/** Runs the request inside a server's span, a child of the caller's if the request names one. Does nothing without an SDK. */
export const traceRequests: RequestHandler = (request, response, next) => {
  if (isProbe(request.originalUrl)) return next();
  const parent = propagation.extract(context.active(), request.headers);
  const method = methodOf(request);
  const span = tracer.startSpan(method, { kind: SpanKind.SERVER, attributes: knownAtStart(request, method) }, parent);
  if (!isSpanContextValid(span.spanContext())) return next();
  if (span.isRecording()) {
    span.setAttributes(aboutCaller(request));
    response.once("close", () => {
      const route = routeOf(request);
      if (route !== "") span.updateName(`${method} ${route}`).setAttribute("http.route", route);
      span.setAttributes(outcome(response));
      if (response.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    });
  }
  context.with(trace.setSpan(parent, span), next);
};

/** Without the query, which may hold what no trace should. */
function knownAtStart({ method: original, originalUrl, protocol }: Request, method: string): Attributes {
  return {
    "http.request.method": method,
    ...(original !== method && { "http.request.method_original": original }),
    "url.path": originalUrl.split("?", 1)[0],
    "url.scheme": protocol,
  };
}

function aboutCaller(request: Request): Attributes {
  const { remoteAddress, localPort } = request.socket;
  return {
    "server.address": request.hostname,
    "server.port": localPort,
    "client.address": request.ip?.slice(0, 100),
    "network.peer.address": remoteAddress,
    "network.protocol.version": request.httpVersion,
    "user_agent.original": request.get("user-agent"),
  };
}

/** No status if the client left before it was sent. */
function outcome({ headersSent, statusCode }: Response): Attributes {
  if (!headersSent) return {};
  return {
    "http.response.status_code": statusCode,
    ...(statusCode >= 500 && { "error.type": String(statusCode) }),
  };
}
