import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { type ParkedRow, type RelayTrouble, relay } from "@doubleshot/messaging";
import { emfMetrics } from "@doubleshot/messaging/emf";
import { refuseForeignAnswers } from "@doubleshot/topology";
import { readConfig } from "./config.ts";

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

const { parkedTable, metrics: format, ...config } = readConfig(process.env);
const metrics = format === "emf" ? emfMetrics({ namespace: "Doubleshot" }) : undefined;

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

/** Publishes the events in the records of an outbox table's stream. Each outbox has its own deployment. */
export const handler: typeof publish = async (event, context) => {
  try {
    return await publish(event, context);
  } finally {
    metrics?.flush();
  }
};

/** Writes one JSON line. Lambda logs everything on standard output. */
function log(level: string, msg: string, details: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify({ level, msg, ...details })}\n`);
}
