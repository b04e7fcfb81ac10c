import { z } from "zod";
import { Problem } from "../problems/index.ts";
import type { Registry } from "../process/index.ts";
import { Api } from "./api.ts";

export interface OperationsOptions {
  /** Told by `/livez`, for whoever wonders what answers on a port. */
  readonly name: string;
  /** Whether new requests are welcome: false while starting and draining. One that throws counts as false. */
  readonly ready: () => boolean | Promise<boolean>;
  /** Shown at `/metrics`, in Prometheus's text format. */
  readonly metrics?: Registry;
}

const status = z.literal("ok");

/** What whoever runs the service asks it: whether it lives, whether it is ready, how it is doing. */
export function operationsApi({ name, ready, metrics }: OperationsOptions): Api {
  const api = new Api("operations");

  api.handle(
    {
      id: "getLiveness",
      method: "get",
      path: "/livez",
      summary: "Whether the process lives",
      answers: { 200: { description: "It does.", schema: z.object({ status, service: z.string() }) } },
    },
    (_asked, response) => {
      response.json({ status: "ok", service: name });
    },
  );

  api.handle(
    {
      id: "getReadiness",
      method: "get",
      path: "/readyz",
      summary: "Whether new requests are welcome",
      answers: { 200: { description: "They are.", schema: z.object({ status }) } },
      problems: { 503: "They are not: the process is starting or draining." },
    },
    async ({ request }, response) => {
      let isReady = false;
      try {
        isReady = await ready();
      } catch (error) {
        request.log.warn({ err: error }, "not ready");
      }
      if (!isReady) throw new Problem(503, "Not ready for requests. Ask another instance.");
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
        answers: { 200: { description: "In the text exposition format.", type: "text/plain", schema: z.string() } },
      },
      async (_asked, response) => {
        const text = await metrics.metrics();
        response.set("Content-Type", metrics.contentType).send(text);
      },
    );
  }
  return api;
}
