import type { LambdaClient } from "@aws-sdk/client-lambda";
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import type { AwsClients } from "../clients/aws-clients.ts";
import { endpointOf } from "../clients/failed-call.ts";
import { missingSentence } from "../clients/failure-sentence.ts";
import { NotProvisionedError, queueUrl, topicArn } from "../lookups.ts";
import { physicalName } from "../physical-name.ts";
import { describeTable } from "../provision/describe-table.ts";
import { ProvisionError, type ProvisionReport, type Report, reporting } from "../provision/provision-report.ts";
import type { MappingSpec, Topology } from "../topology.ts";
import { deployFunction } from "./relay-function.ts";
import { deployMapping } from "./relay-mapping.ts";
import { zipOf } from "./zip.ts";

export interface DeployOptions {
  readonly topology: Topology;
  readonly shop: string;
  readonly clients: AwsClients;
  readonly lambda: LambdaClient;
  /** The relay's ES modules by their names. `handler.mjs` exports `handler`. */
  readonly modules: Readonly<Record<string, Uint8Array>>;
  /** More variables of the functions, such as those of OpenTelemetry. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Called with one line for each function and mapping that was made or changed. */
  readonly log?: (line: string) => void;
}

/**
 * Deploys the relay for each outbox of the topology to a LocalStack-compatible endpoint: a function, and the mapping of the
 * outbox's stream to it. Idempotent; it completes a run that died, and updates a function with other code.
 *
 * The relays report failures by throwing (`FAILURES=throw`), because some endpoints take a batch with reported failures for
 * handled, and its events would be lost. On AWS the relays are part of the deployment with the CDK.
 *
 * @throws NotProvisionedError when a table, topic or queue is missing; ProvisionError when a function does not become ready
 */
export async function deployRelays(options: DeployOptions): Promise<ProvisionReport> {
  const { topology, modules, log } = options;
  const { parts, report } = reporting(log);
  const code = zipOf(modules);
  const relays = Object.entries(topology.mappings);
  // All lookups come first: in the wrong region or shop, nothing is made.
  const ends = await Promise.all(relays.map(([name, spec]) => endsOf(options, name, spec)));
  await Promise.all(ends.map((relay) => deployRelay({ ...options, code, report }, relay)));
  return { parts };
}

interface Relay {
  readonly name: string;
  readonly spec: MappingSpec;
  readonly parkedTable: string;
  readonly streamArn: string;
  readonly topicArn: string;
  readonly onFailureArn: string;
}

async function endsOf({ clients, shop }: DeployOptions, name: string, spec: MappingSpec): Promise<Relay> {
  if (spec.parked === undefined) {
    throw new ProvisionError(`Mapping ${name} names no table for parked events: add "parked" to it in the topology.`);
  }
  return {
    name: physicalName(shop, name),
    spec,
    parkedTable: physicalName(shop, spec.parked),
    streamArn: await streamArnOf(clients, physicalName(shop, spec.table)),
    topicArn: await topicArn(clients, shop, spec.publishesTo),
    onFailureArn: await queueArnOf(clients, await queueUrl(clients, shop, spec.onFailure)),
  };
}

async function deployRelay(
  { lambda, code, report, variables: more }: DeployOptions & { code: Uint8Array; report: Report },
  { name, spec, parkedTable, ...ends }: Relay,
): Promise<void> {
  const own = { TOPIC_ARN: ends.topicArn, SOURCE: spec.source, PARKED_TABLE: parkedTable, FAILURES: "throw" };
  const settings = {
    Runtime: "nodejs24.x",
    Handler: "handler.handler",
    // Endpoints want an ARN, and check no rights.
    Role: `arn:aws:iam::${accountOf(ends.topicArn)}:role/${name}`,
    Timeout: spec.functionTimeoutSeconds,
    MemorySize: spec.functionMemoryMegabytes,
    Environment: { Variables: { ...more, ...own } },
  } as const;
  await deployFunction({ lambda, name, code, settings, report });
  await deployMapping({ lambda, name, spec, ...ends, report });
}

async function streamArnOf({ dynamodb }: AwsClients, table: string): Promise<string> {
  const description = await describeTable(dynamodb, table);
  if (description?.LatestStreamArn !== undefined) return description.LatestStreamArn;
  const missing = description === undefined ? `Table ${table}` : `The stream of table ${table}`;
  throw new NotProvisionedError(missingSentence(missing, await endpointOf("DynamoDB", dynamodb.config)));
}

async function queueArnOf({ sqs }: AwsClients, QueueUrl: string): Promise<string> {
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
  return Attributes?.QueueArn ?? "";
}

const accountOf = (arn: string): string => arn.split(":")[4] ?? "";
