import {
  type Attributes,
  context,
  createTraceState,
  isSpanContextValid,
  type Link,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";

/**
 * Spans follow OpenTelemetry's conventions for messaging, through `@opentelemetry/api`. Without an SDK in the process they do
 * nothing. A commit creates messages, so they carry its span's context, and a handler's span *links* to it. It is not a child
 * of the commit's span: a message may be handled days later, by several subscribers, and again on replay.
 * @see https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/
 */
const tracer = trace.getTracer("@doubleshot/messaging");

export interface Operation {
  /** The span's name begins with it, and `destination` follows: "process orders". */
  readonly name: "commit" | "publish" | "process";
  /** A table, topic or subscriber: few values. */
  readonly destination: string;
  /** Overrides the conventions' kind for this operation. */
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
  readonly links?: Link[];
  /** Links that take work to find. Called only for a span that is recorded. */
  readonly findLinks?: () => Link[];
}

/** The conventions' names for the operations; the kinds follow from them. */
const conventions = {
  commit: { system: "doubleshot", type: "create", kind: SpanKind.PRODUCER },
  publish: { system: "aws.sns", type: "send", kind: SpanKind.CLIENT },
  process: { system: "aws_sqs", type: "process", kind: SpanKind.CONSUMER },
} as const;

/** Runs `work` inside a span, which ends with it and records its error. */
export function inSpan<T>(operation: Operation, work: () => Promise<T>): Promise<T> {
  const { name, destination, attributes, links = [], findLinks } = operation;
  const { system, type, kind } = conventions[name];
  const own = {
    "messaging.system": system,
    "messaging.operation.name": name,
    "messaging.operation.type": type,
    "messaging.destination.name": destination,
  };
  const options = { kind: operation.kind ?? kind, links, attributes: { ...own, ...attributes } };
  return tracer.startActiveSpan(`${name} ${destination}`, options, async (span) => {
    if (findLinks !== undefined && span.isRecording()) span.addLinks(findLinks());
    try {
      return await work();
    } catch (error) {
      span.setAttribute("error.type", error instanceof Error ? error.name : "_OTHER");
      span.setStatus({ code: SpanStatusCode.ERROR, ...(error instanceof Error && { message: error.message }) });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** W3C trace context as CloudEvents' distributed tracing extension carries it. */
export interface TraceContext {
  readonly traceparent?: string;
  readonly tracestate?: string;
}

/**
 * The active span's context, for messages created inside it; empty without an SDK. The process's own propagator may use
 * another format than CloudEvents, so the format is written here.
 * @see https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/distributed-tracing.md
 */
export function currentTrace(): TraceContext {
  const current = trace.getSpanContext(context.active());
  if (current === undefined || !isSpanContextValid(current)) return {};
  const { traceId, spanId, traceFlags, traceState } = current;
  const flags = (traceFlags & 0xff).toString(16).padStart(2, "0");
  const tracestate = traceState?.serialize() ?? "";
  return { traceparent: `00-${traceId}-${spanId}-${flags}`, ...(tracestate === "" ? {} : { tracestate }) };
}

/** Later versions may append fields. @see https://www.w3.org/TR/trace-context/#versioning-of-traceparent */
const traceparentForm = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:$|-)/;

/** Links to the span that created the message. Returns none if its trace context is absent or malformed. */
export function linksTo({ traceparent, tracestate }: TraceContext): Link[] {
  const [, version, traceId = "", spanId = "", flags = ""] = traceparentForm.exec(String(traceparent)) ?? [];
  const isWhole = version !== "00" || traceparent?.length === 55;
  const creation: SpanContext = {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16),
    isRemote: true,
    ...(typeof tracestate === "string" && tracestate !== "" && { traceState: createTraceState(tracestate) }),
  };
  return isWhole && isSpanContextValid(creation) ? [{ context: creation }] : [];
}
