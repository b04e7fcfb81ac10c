import type { relay } from "@doubleshot/messaging";
import { type Attributes, isSpanContextValid, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";

/*
 * The span of an invocation, by OpenTelemetry's conventions for functions. The calls to SNS are its children.
 * @see https://opentelemetry.io/docs/specs/semconv/faas/aws-lambda/
 */

type Relay = ReturnType<typeof relay>;

const tracer = trace.getTracer("@doubleshot/outbox-lambda");
let isCold = true;

/** Runs one invocation of the function inside its span, which keeps the error that the function throws. */
export function inInvocationSpan<T>(
  name: string,
  event: Parameters<Relay>[0],
  context: Parameters<Relay>[1] & { readonly awsRequestId?: string },
  work: () => Promise<T>,
): Promise<T> {
  const attributes = {
    "faas.trigger": "datasource",
    "faas.document.collection": tableOf(event.Records[0]?.eventSourceARN),
    "faas.document.operation": "insert",
    "faas.invocation_id": context.awsRequestId,
    "faas.coldstart": isCold,
    "messaging.batch.message_count": event.Records.length,
  };
  isCold = false;
  return tracer.startActiveSpan(name, { kind: SpanKind.SERVER, attributes }, async (span) => {
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

/** The table's name in `arn:aws:dynamodb:<region>:<account>:table/<name>/stream/<label>`. */
function tableOf(arn = ""): string | undefined {
  return arn.split("/")[1];
}

/** Attributes of the process, from the variables that Lambda sets. */
export function functionAttributes(env: Readonly<Record<string, string | undefined>>): Attributes {
  if (env.AWS_LAMBDA_FUNCTION_NAME === undefined) return {};
  return {
    "cloud.provider": "aws",
    "cloud.platform": "aws_lambda",
    "cloud.region": env.AWS_REGION,
    "faas.name": env.AWS_LAMBDA_FUNCTION_NAME,
    "faas.version": env.AWS_LAMBDA_FUNCTION_VERSION,
  };
}

/** The ids of the active span for a log line, named as OpenTelemetry names them in logs. */
export function traceIds(): { trace_id: string; span_id: string } | undefined {
  const active = trace.getActiveSpan()?.spanContext();
  if (active === undefined || !isSpanContextValid(active)) return undefined;
  return { trace_id: active.traceId, span_id: active.spanId };
}
