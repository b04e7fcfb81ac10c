import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { AwsClients } from "./aws-clients.ts";
import { describeTable } from "./describe-table.ts";
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
  await inOneSentence({ name: "DynamoDB", client: clients.dynamodb }, async (where) => {
    for (const name of tables) await checkTable(clients, physicalName(shop, name), topology.tables[name], where);
  });
  await inOneSentence({ name: "SQS", client: clients.sqs }, async (where) => {
    for (const name of queues) {
      const queue = physicalName(shop, name);
      if ((await findQueueUrl(clients, queue)) === undefined) throw missing(`Queue ${queue}`, where);
    }
  });
}

async function checkTable(
  { dynamodb }: AwsClients,
  table: string,
  spec: TableSpec | undefined,
  where: string,
): Promise<void> {
  const description = await describeTable(dynamodb, table);
  if (!description) throw missing(`Table ${table}`, where);
  const [partition] = description.KeySchema ?? [];
  if (spec && partition?.AttributeName !== spec.key.partition.name) {
    throw new PreflightError(
      `Table ${table} at ${where} is another one, by ${partition?.AttributeName}: correct SHOP.`,
    );
  }
  // Without a stream, orders would be taken and never reach the bar.
  if (spec?.stream && description.StreamSpecification?.StreamEnabled !== true) {
    throw missing(`The stream of table ${table}`, where);
  }
}

function missing(what: string, where: string): PreflightError {
  return new PreflightError(`${what} is not at ${where}: provision it (npm start does) or correct SHOP.`);
}

async function inOneSentence(
  { name, client }: { name: "DynamoDB" | "SQS"; client: DynamoDBClient | SQSClient },
  check: (where: string) => Promise<void>,
): Promise<void> {
  const variable = `AWS_ENDPOINT_URL_${name.toUpperCase()}`;
  const configured = process.env[variable] ?? process.env.AWS_ENDPOINT_URL;
  try {
    const explicit = await client.config.endpoint?.();
    const where = explicit ? endpointUrl(explicit) : (configured ?? `AWS in ${await client.config.region()}`);
    await check(where).catch((error: unknown) => {
      throw unanswered(error, name, where, variable) ?? error;
    });
  } catch (error) {
    throw misconfigured(error, variable, configured) ?? error;
  }
}

function unanswered(error: unknown, service: string, where: string, variable: string): PreflightError | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = "code" in error ? String(error.code) : "";
  if (error.name === "TimeoutError" || /^(ECONN|ENOTFOUND|EAI_|ETIMEDOUT|EHOST|ENET|EPIPE)/.test(code)) {
    return new PreflightError(
      `${service} does not answer at ${where}: start it (npm start does) or correct ${variable}.`,
    );
  }
  if (/AccessDenied|UnrecognizedClient|InvalidSignature|InvalidClientTokenId|ExpiredToken/.test(error.name)) {
    return new PreflightError(
      `${service} at ${where} refuses (${error.name}): correct the AWS credentials or their rights.`,
    );
  }
  return undefined;
}

/** What the SDK itself says of a missing setting does not name the variable to set. */
function misconfigured(error: unknown, variable: string, configured: string | undefined): PreflightError | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.message === "Region is missing") {
    return new PreflightError(
      "AWS_REGION is not set: set it to the region that has the shop (us-east-1 on the embedded AWS).",
    );
  }
  if (error.name === "CredentialsProviderError") {
    return new PreflightError(
      "There are no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE.",
    );
  }
  if ("code" in error && error.code === "ERR_INVALID_URL") {
    return new PreflightError(
      `${variable} is ${JSON.stringify(configured)}, which is no URL: set it to one, such as http://127.0.0.1:8000.`,
    );
  }
  return undefined;
}

function endpointUrl({ protocol, hostname, port }: { protocol: string; hostname: string; port?: number }): string {
  return `${protocol}//${hostname}${port === undefined ? "" : `:${port}`}`;
}
