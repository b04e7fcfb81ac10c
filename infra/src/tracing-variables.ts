import type { Settings } from "./stage.ts";

/**
 * The variables that turn traces on in a process or a relay; none without a collector. The share is of all traces: a parent-based
 * sampler would let every caller that sends `traceparent` decide.
 */
export function tracingVariables({ collector, traceRatio, stage }: Settings): Record<string, string> {
  if (collector === undefined) return {};
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector,
    OTEL_RESOURCE_ATTRIBUTES: `deployment.environment.name=${stage}`,
    OTEL_TRACES_SAMPLER: "traceidratio",
    OTEL_TRACES_SAMPLER_ARG: traceRatio,
  };
}
