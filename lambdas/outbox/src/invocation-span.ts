import type { relay } from "@doubleshot/messaging";
import { SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";

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
