import type { AwsClients } from "./aws-clients.ts";
import { describeTable } from "./describe-table.ts";
import { placeOf } from "./failed-call.ts";
import { failureSentence } from "./failure-sentence.ts";
import { findQueueUrl } from "./lookups.ts";
import { physicalName } from "./physical-name.ts";
import type { TableSpec, Topology } from "./topology.ts";

/** Something a service needs is not there. The message is the one sentence to end the process with. */
export class PreflightError extends Error {
  override readonly name = "PreflightError";
  readonly exitSentence = true;
}

export interface PreflightOptions<T extends Topology> {
  readonly topology: T;
  readonly shop: string;
  readonly clients: AwsClients;
  /** Short names of the tables and queues that the service uses. */
  readonly tables: readonly (keyof T["tables"] & string)[];
  readonly queues: readonly (keyof T["queues"] & string)[];
}

/**
 * Looks for every table (with its key and stream) and queue before a service says it listens: found out at the first
 * order, a missing one would cost a customer. Throws `PreflightError`, naming what is missing and where, or which
 * variable to correct.
 */
export async function preflight<T extends Topology>(options: PreflightOptions<T>): Promise<void> {
  const { shop, clients, topology, tables, queues } = options;
  await inOneSentence(async () => {
    const dynamodb = () => placeOf("DynamoDB", clients.dynamodb.config);
    for (const name of tables) await checkTable(clients, physicalName(shop, name), topology.tables[name], dynamodb);
    for (const name of queues) {
      const queue = physicalName(shop, name);
      if ((await findQueueUrl(clients, queue)) === undefined) {
        throw missing(`Queue ${queue}`, await placeOf("SQS", clients.sqs.config));
      }
    }
  });
}

async function checkTable(
  { dynamodb }: AwsClients,
  table: string,
  spec: TableSpec | undefined,
  place: () => Promise<string>,
): Promise<void> {
  const description = await describeTable(dynamodb, table);
  if (!description) throw missing(`Table ${table}`, await place());
  const [partition] = description.KeySchema ?? [];
  if (spec && partition?.AttributeName !== spec.key.partition.name) {
    throw new PreflightError(
      `Table ${table} at ${await place()} is another one, by ${partition?.AttributeName}: correct SHOP.`,
    );
  }
  // Without a stream, orders would be taken and never reach the bar.
  if (spec?.stream && description.StreamSpecification?.StreamEnabled !== true) {
    throw missing(`The stream of table ${table}`, await place());
  }
}

function missing(what: string, where: string): PreflightError {
  const remedy = where.startsWith("AWS in ")
    ? "correct AWS_REGION or SHOP"
    : "provision it (npm start does) or correct SHOP";
  return new PreflightError(`${what} is not at ${where}: ${remedy}.`);
}

/**
 * Runs what a process does before it listens. An AWS that is lost at any call of it ends the process with one sentence;
 * its supervisor starts it again. @throws PreflightError instead of the SDK's own error
 */
export async function inOneSentence<Result>(start: () => Promise<Result>): Promise<Result> {
  try {
    return await start();
  } catch (error) {
    const sentence = failureSentence(error);
    throw sentence === undefined || "exitSentence" in Object(error) ? error : new PreflightError(sentence);
  }
}
