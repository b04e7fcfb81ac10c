import { setTimeout as delay } from "node:timers/promises";
import type { AwsClients } from "../clients/aws-clients.ts";
import { failureSentence } from "../clients/failure-sentence.ts";
import { findQueueUrl, findTopicArn } from "../lookups.ts";
import { physicalName } from "../physical-name.ts";
import type { Topology } from "../topology.ts";
import { bucketExists } from "./buckets.ts";
import { describeTable } from "./describe-table.ts";
import { ProvisionError } from "./provision-report.ts";

/** LocalStack takes half a minute for its DynamoDB on a slow machine. */
const answeringWithinMs = 120_000;

interface Endpoint {
  readonly topology: Topology;
  readonly shop: string;
  readonly clients: AwsClients;
  readonly log?: (line: string) => void;
}

/**
 * Waits until each service that the topology needs answers. An emulator loads a service when its first call comes, and leaves
 * it unanswered meanwhile: dozens of first calls at once would all run into their time limits.
 *
 * @throws ProvisionError when a service does not answer within two minutes. Errors other than timeouts as they are.
 */
export async function whenAnswering({ topology, shop, clients, log }: Endpoint): Promise<void> {
  const first = (specs: Readonly<Record<string, unknown>> = {}) =>
    Object.keys(specs)
      .slice(0, 1)
      .map((name) => physicalName(shop, name));
  // These are calls that provisioning makes anyway, so they need no further rights.
  const calls = [
    ...first(topology.tables).map((table) => () => describeTable(clients.dynamodb, table)),
    ...first(topology.queues).map((queue) => () => findQueueUrl(clients, queue)),
    ...first(topology.topics).map((topic) => () => findTopicArn(clients, topic)),
    ...first(topology.buckets).map((bucket) => () => bucketExists(clients.s3, bucket)),
  ];
  const failed = new AbortController();
  try {
    await Promise.all(calls.map((call) => untilAnswered(call, failed.signal, log)));
  } finally {
    failed.abort();
  }
}

/** After the failure of another service, nothing is waited for, and no line follows the failure's. */
async function untilAnswered(call: () => Promise<unknown>, failed: AbortSignal, log: Endpoint["log"]): Promise<void> {
  const deadline = Date.now() + answeringWithinMs;
  for (let attempt = 1; ; attempt++) {
    try {
      await call();
      return;
    } catch (error) {
      const sentence = failureSentence(error);
      if (failed.aborted || sentence === undefined || !isStarting(error)) throw error;
      if (Date.now() > deadline) throw new ProvisionError(sentence);
      if (attempt === 1) log?.(`${sentence} Waiting for it.`);
      await delay(500);
    }
  }
}

/** A closed port is no service that starts: a closed port answers at once, and for as long as nothing listens. */
function isStarting(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  return error.name === "TimeoutError" || $metadata?.httpStatusCode === 503;
}
