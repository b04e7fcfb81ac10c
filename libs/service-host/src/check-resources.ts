import { type AwsClients, inOneSentence, preflight, queueUrl } from "@doubleshot/topology";
import type { HostedService } from "./hosted-service.ts";

export interface CheckOptions {
  readonly shop: string;
  readonly clients: AwsClients;
  /** Whether the process receives messages. If not, it needs no queue. */
  readonly consumes: boolean;
}

export interface SubscriberQueues {
  /** URL of the subscriber queue. */
  readonly messages: string;
  /** URL of its dead-letter queue. */
  readonly deadLetters: string;
}

/**
 * Checks the tables and queues of the service, and returns the URLs of its subscriber queues if it receives messages.
 *
 * @throws PreflightError that names the missing resource, or the failed AWS call, in one sentence
 */
export async function checkResources(
  { uses, names, topology }: HostedService,
  { shop, clients, consumes }: CheckOptions,
): Promise<SubscriberQueues | undefined> {
  const queues = consumes ? uses.queues : [];
  await preflight({ topology, shop, clients, tables: uses.tables, queues });
  if (queues.length === 0) return undefined;
  return inOneSentence(async () => ({
    messages: await queueUrl(clients, shop, names.queue),
    deadLetters: await queueUrl(clients, shop, names.deadLetters),
  }));
}
