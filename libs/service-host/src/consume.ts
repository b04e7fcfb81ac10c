import { type PollTrouble, poll, type Subscriber } from "@doubleshot/messaging";
import type { Logger } from "@doubleshot/service-kit";
import type { AwsClients } from "@doubleshot/topology";
import type { SubscriberQueues } from "./check-resources.ts";

export interface ConsumeOptions {
  readonly subscriber: Subscriber;
  readonly clients: AwsClients;
  readonly log: Logger;
  readonly queues: SubscriberQueues;
  /** Aborts when the process is asked to stop: no more messages are received. */
  readonly signal: AbortSignal;
}

/** Handles the messages of the subscriber queue. Resolves after the signal, when every message in hand is settled. */
export function consume({ subscriber, clients, log, queues, signal }: ConsumeOptions): Promise<void> {
  return poll(subscriber, {
    client: clients.longPolls,
    queueUrl: queues.messages,
    deadLetters: { queueUrl: queues.deadLetters },
    signal,
    onSettled: (settlement) => log.debug(settlement, "message settled"),
    onTrouble: ({ error, ...trouble }: PollTrouble) =>
      log.warn({ err: error, ...trouble }, "a message or its queue has a problem; trying again"),
  });
}
