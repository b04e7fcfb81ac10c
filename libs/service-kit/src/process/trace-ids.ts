import { isSpanContextValid, trace } from "@opentelemetry/api";

/** Named as OpenTelemetry names them in logs. @see https://opentelemetry.io/docs/specs/otel/compatibility/logging_trace_context/ */
export interface TraceIds {
  readonly trace_id: string;
  readonly span_id: string;
  /** Two hexadecimal digits; `01` means that the span is recorded. */
  readonly trace_flags: string;
}

/** The ids of the active span. Undefined outside of a span, and always without an OpenTelemetry SDK in the process. */
export function traceIds(): TraceIds | undefined {
  const active = trace.getActiveSpan()?.spanContext();
  if (active === undefined || !isSpanContextValid(active)) return undefined;
  const { traceId, spanId, traceFlags } = active;
  return { trace_id: traceId, span_id: spanId, trace_flags: traceFlags.toString(16).padStart(2, "0") };
}
