import type { RequestHandler } from "express";
import { Histogram } from "prom-client";
import { isProbe } from "../connections/index.ts";
import type { Registry } from "../process/index.ts";
import { methodOf, routeOf } from "./request-labels.ts";
import { statusFor } from "./request-log.ts";

/**
 * Measures each request that is no probe, under the name and labels of OpenTelemetry's `http.server.request.duration`. A
 * request that waits for an order is as long as its wait.
 * @see https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#metric-httpserverrequestduration
 */
export function measureRequests(registry: Registry): RequestHandler {
  const duration = new Histogram({
    name: "http_server_request_duration_seconds",
    help: "Time from a request to the end of its response. Status 499: the client left first.",
    labelNames: ["http_request_method", "http_route", "http_response_status_code"],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
    registers: [registry],
  });
  return (request, response, next) => {
    if (isProbe(request.originalUrl)) return next();
    const startedAt = performance.now();
    response.once("close", () => {
      const labels = {
        http_request_method: methodOf(request),
        http_route: routeOf(request),
        http_response_status_code: statusFor(response).status,
      };
      duration.observe(labels, (performance.now() - startedAt) / 1_000);
    });
    next();
  };
}
