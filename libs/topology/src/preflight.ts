import type { AwsClients } from "./clients/aws-clients.ts";
import { type Endpoint, endpointOf } from "./clients/failed-call.ts";
import { failureSentence, missingSentence } from "./clients/failure-sentence.ts";
import { findQueueUrl } from "./lookups.ts";
import { physicalName } from "./physical-name.ts";
import { describeTable } from "./provision/describe-table.ts";
import type { TableSpec, Topology } from "./topology.ts";

/** A resource of the service is missing. The message is the one sentence that the process ends with. */
export class PreflightError extends Error {
  override readonly name = "PreflightError";
  readonly exitSentence = true;
}

export interface PreflightOptions {
  readonly topology: Topology;
  readonly shop: string;
  readonly clients: AwsClients;
  /** Short names of the tables and queues that the service uses: the `uses` of a manifest. */
  readonly tables: readonly string[];
  readonly queues: readonly string[];
}

/**
 * Checks every table, with its partition key and stream, and every queue before a service listens. Without the check, a
 * missing one would fail a customer's order.
 *
 * @throws PreflightError that names the missing resource and its endpoint, or the variable to correct
 */
export async function preflight(options: PreflightOptions): Promise<void> {
  const { shop, clients, topology, tables, queues } = options;
  await inOneSentence(async () => {
    const dynamodb = () => endpointOf("DynamoDB", clients.dynamodb.config);
    for (const name of tables) await checkTable(clients, physicalName(shop, name), topology.tables[name], dynamodb);
    for (const name of queues) {
      const queue = physicalName(shop, name);
      if ((await findQueueUrl(clients, queue)) === undefined) {
        throw missing(`Queue ${queue}`, await endpointOf("SQS", clients.sqs.config));
      }
    }
  });
}

async function checkTable(
  { dynamodb }: AwsClients,
  table: string,
  spec: TableSpec | undefined,
  endpoint: () => Promise<Endpoint>,
): Promise<void> {
  const description = await describeTable(dynamodb, table);
  if (!description) throw missing(`Table ${table}`, await endpoint());
  const [partition] = description.KeySchema ?? [];
  if (spec && partition?.AttributeName !== spec.key.partition.name) {
    throw new PreflightError(
      `Table ${table} at ${(await endpoint()).where} has the key ${partition?.AttributeName}, not ${spec.key.partition.name}: correct SHOP.`,
    );
  }
  // Without a stream, the service would commit events that the relay never publishes.
  if (spec?.stream && description.StreamSpecification?.StreamEnabled !== true) {
    throw missing(`The stream of table ${table}`, await endpoint());
  }
}

function missing(resource: string, endpoint: Endpoint): PreflightError {
  return new PreflightError(missingSentence(resource, endpoint));
}

/**
 * Runs the steps of a process before it listens. When an AWS call fails, the process ends with one sentence, and its
 * supervisor restarts it.
 *
 * @throws PreflightError instead of the SDK's own error
 */
export async function inOneSentence<Result>(start: () => Promise<Result>): Promise<Result> {
  try {
    return await start();
  } catch (error) {
    const sentence = failureSentence(error);
    throw sentence === undefined || "exitSentence" in Object(error) ? error : new PreflightError(sentence);
  }
}
