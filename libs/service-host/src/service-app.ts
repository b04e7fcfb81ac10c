import { type Authentication, createApp } from "@doubleshot/service-kit";
import type { Container } from "inversify";
import { carryCorrelation } from "./carry-correlation.ts";
import { host } from "./host-tokens.ts";
import { outageAsProblem } from "./outage-problem.ts";
import type { HostConfig } from "./service-config.ts";

export interface ServiceAppOptions {
  readonly name: string;
  readonly container: Container;
  readonly config: Pick<HostConfig, "TRUST_PROXY">;
  readonly ready: () => boolean;
  /** Judges the callers' tokens. Without it, every caller may call every route. */
  readonly authentication?: Authentication | undefined;
}

/** The Express app of a service: probes, metrics and document, the service's routes, and 503 for an outage. */
export function serviceApp({
  name,
  container,
  config,
  ready,
  authentication,
}: ServiceAppOptions): ReturnType<typeof createApp> {
  const document = container.get(host.http);
  return createApp({
    name,
    log: container.get(host.log),
    trustProxy: config.TRUST_PROXY,
    metrics: container.get(host.metrics),
    ready,
    authentication,
    document,
    routes: (app) => app.use(carryCorrelation, ...document.apis.map(({ router }) => router), outageAsProblem),
  });
}
