import { context, type Link, propagation, ROOT_CONTEXT, type Span, trace } from "@opentelemetry/api";

/*
 * The span of a request that waits links to the span of the change that answers it. A hint carries that span's context to another
 * instance. Without an OpenTelemetry SDK in the process there are no spans, and hints carry nothing.
 */

/** A span's context in the format of the process's propagator. */
export type CarriedTrace = Readonly<Record<string, string>>;

/** Returns the active span as a field of a hint; no field without a span. */
export function carriedTraceOfActiveSpan(): { readonly trace?: CarriedTrace } {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return Object.keys(carrier).length === 0 ? {} : { trace: carrier };
}

/** The span in which this code runs, as the cause of an answer. */
export function activeCause(): Link | undefined {
  return linkIn(context.active());
}

export function carriedCause(carried: CarriedTrace | undefined): Link | undefined {
  return carried && linkIn(propagation.extract(ROOT_CONTEXT, carried));
}

/** Links the waiting request to the cause of its answer, unless the request is its own cause. */
export function linkToCause(waiting: Span | undefined, cause: Link | undefined): void {
  if (cause !== undefined && waiting?.spanContext().spanId !== cause.context.spanId) waiting?.addLink(cause);
}

function linkIn(where: ReturnType<typeof context.active>): Link | undefined {
  const found = trace.getSpanContext(where);
  return found && { context: found };
}
