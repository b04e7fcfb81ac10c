import type { Attributes } from "@opentelemetry/api";

export interface TracingOptions {
  /** `service.name` of the spans, unless `OTEL_SERVICE_NAME` or `OTEL_RESOURCE_ATTRIBUTES` names another. */
  readonly service: string;
  /** Further attributes of the resource. */
  readonly attributes?: Attributes;
  /** Called when spans cannot be exported, at most once a minute. */
  readonly onTrouble: (error: unknown) => void;
  /** Default: `process.env`, which the SDK reads in any case. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** The exporter of a process. Neither function throws, and neither takes longer than it is given. */
export interface Tracing {
  /** Exports the spans that have ended. */
  flush(withinMs: number): Promise<void>;
  /** Exports the spans that have ended, and ends tracing. */
  stop(withinMs: number): Promise<void>;
}
