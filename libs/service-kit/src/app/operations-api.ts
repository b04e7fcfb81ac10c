import { z } from "zod";
import { ProblemError } from "../problems/index.ts";
import type { Registry } from "../process/index.ts";
import { Api } from "./api.ts";

export interface OperationsOptions {
  /** Shown by `/livez`, so that an operator sees which service listens on a port. */
  readonly name: string;
  /** Whether the process takes new requests: false while it starts or drains. An error counts as false. */
  readonly ready: () => boolean | Promise<boolean>;
  /** Shown at `/metrics`, in Prometheus's text format. */
  readonly metrics?: Registry;
}

const status = z.literal("ok");

/** Routes for operators and load balancers: liveness, readiness and metrics. */
export function operationsApi({ name, ready, metrics }: OperationsOptions): Api {
  const api = new Api("operations");

  api.handle(
    {
      id: "getLiveness",
      method: "get",
      path: "/livez",
      summary: "Whether the process lives",
      access: "public",
      answers: { 200: { description: "The process lives.", schema: z.object({ status, service: z.string() }) } },
    },
    (_parsed, response) => {
      response.json({ status: "ok", service: name });
    },
  );

  api.handle(
    {
      id: "getReadiness",
      method: "get",
      path: "/readyz",
      summary: "Whether the process takes new requests",
      access: "public",
      answers: { 200: { description: "It takes new requests.", schema: z.object({ status }) } },
      problems: { 503: "The process is starting or draining." },
    },
    async ({ request }, response) => {
      let isReady = false;
      try {
        isReady = await ready();
      } catch (error) {
        request.log.warn({ err: error }, "not ready");
      }
      if (!isReady)
        throw new ProblemError(
          503,
          "The process is starting or draining. Send the request to another instance, or again in a second.",
        );
      response.json({ status: "ok" });
    },
  );

  if (metrics) {
    api.handle(
      {
        id: "getMetrics",
        method: "get",
        path: "/metrics",
        summary: "Metrics for Prometheus",
        access: {},
        answers: { 200: { description: "In the text exposition format.", type: "text/plain", schema: z.string() } },
      },
      async (_parsed, response) => {
        const text = await metrics.metrics();
        response.set("Content-Type", metrics.contentType).send(text);
      },
    );
  }
  return api;
}
