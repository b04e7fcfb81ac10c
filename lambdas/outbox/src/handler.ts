import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { type ParkedRow, type RelayTrouble, relay } from "@doubleshot/messaging";
import { emfMetrics } from "@doubleshot/messaging/emf";
import { traceIds } from "@doubleshot/service-kit/trace-ids";
import { refuseForeignAnswers } from "@doubleshot/topology";
import { startTracing } from "@doubleshot/tracing";
import { readConfig } from "./config.ts";
import { functionAttributes } from "./function-attributes.ts";
import { inInvocationSpan } from "./invocation-span.ts";

// One set of clients serves an execution environment, so connections stay open between invocations. The time limit of a
// call must be well below the function's, or a stalled socket would use it up.
const requestHandler = {
  connectionTimeout: 1_000,
  requestTimeout: 5_000,
  throwOnRequestTimeout: true,
  socketTimeout: 5_000,
};
const sns = new SNSClient({ requestHandler });
const dynamodb = new DynamoDBClient({ requestHandler });
for (const client of [sns, dynamodb]) refuseForeignAnswers(client);

const { parkedTable, metrics: format, metricsNamespace: namespace, ...config } = readConfig(process.env);
const metrics = format === "emf" ? emfMetrics({ namespace }) : undefined;

const name = process.env.AWS_LAMBDA_FUNCTION_NAME ?? "outbox-relay";
const tracing = await startTracing({
  service: name,
  attributes: functionAttributes(process.env),
  onTrouble: (error) => log("warn", "spans are lost: the collector does not take them", { reason: String(error) }),
});

const publish = relay({
  ...config,
  ...(metrics && { metrics }),
  client: sns,
  parking: { client: DynamoDBDocumentClient.from(dynamodb), table: parkedTable },
  onParked: ({ aggregate, version, reason }: Pick<ParkedRow, "aggregate" | "version" | "reason">) =>
    log("error", "parked", { aggregate, version, reason }),
  onTrouble: ({ aggregate, eventId, reason }: RelayTrouble) =>
    log("warn", "not published", {
      aggregate,
      eventId,
      reason: reason instanceof Error ? { code: reason.name, message: reason.message } : reason,
    }),
});

/** A collector that does not answer must not use up the time of the function. */
const maxExportMs = 1_000;

/** Publishes the events in the records of an outbox table's stream. Each outbox has its own deployment. */
export const handler: typeof publish = async (event, context) => {
  try {
    return await inInvocationSpan(name, event, context, () => publish(event, context));
  } finally {
    metrics?.flush();
    // Lambda freezes the process until the next invocation.
    await tracing?.flush(Math.min(maxExportMs, context.getRemainingTimeInMillis() / 2));
  }
};

/** Writes one JSON line. Lambda logs everything on standard output. */
function log(level: string, msg: string, details: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify({ level, msg, ...traceIds(), ...details })}\n`);
}
