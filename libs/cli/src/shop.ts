import {
  type AwsClients,
  type MappingSpec,
  physicalName,
  type SubscriptionSpec,
  type Topology,
} from "@doubleshot/topology";

/** An outbox, and everything its events touch on their way. */
export interface OutboxPlace {
  /** Short name of the table. */
  readonly name: string;
  readonly table: string;
  /** Short name of the topic that the relay publishes to. */
  readonly topic: string;
  readonly source: string;
  readonly parkedTable: string | undefined;
  /** Short name of the queue that says which part of the stream the mapping gave up on. */
  readonly onFailure: string;
  readonly subscribers: readonly SubscriberPlace[];
}

/** A subscriber with its queues (short names) and the inbox that says what it has handled. */
export interface SubscriberPlace {
  readonly name: string;
  readonly inbox: string;
  readonly topic: string;
  readonly queue: string;
  readonly deadLetters: string | undefined;
  readonly undelivered: string;
  readonly handles: readonly string[];
}

/** A shop as its operator sees it: where everything is, by the topology, on the endpoint of the clients. */
export interface Shop {
  readonly name: string;
  readonly clients: AwsClients;
  readonly topology: Topology;
  readonly outboxes: readonly OutboxPlace[];
  readonly subscribers: readonly SubscriberPlace[];
}

export function shopOf(topology: Topology, name: string, clients: AwsClients): Shop {
  const subscribers = topology.subscriptions.flatMap((spec) => subscriberPlace(spec, topology, name));
  const outboxes = Object.values(topology.mappings).map((spec) => outboxPlace(spec, subscribers, name));
  return { name, clients, topology, outboxes, subscribers };
}

function subscriberPlace(spec: SubscriptionSpec, { queues }: Topology, shop: string): SubscriberPlace[] {
  const { handledBy, topic, queue, undelivered, handles } = spec;
  // Without an inbox it does not say what it has handled, so there is nothing to compare with.
  if (handledBy === undefined) return [];
  const inbox = physicalName(shop, handledBy.inbox);
  return [
    {
      name: handledBy.subscriber,
      inbox,
      topic,
      queue,
      undelivered,
      handles,
      deadLetters: queues[queue]?.deadLetter?.queue,
    },
  ];
}

function outboxPlace(spec: MappingSpec, subscribers: readonly SubscriberPlace[], shop: string): OutboxPlace {
  return {
    name: spec.table,
    table: physicalName(shop, spec.table),
    topic: spec.publishesTo,
    source: spec.source,
    parkedTable: spec.parked === undefined ? undefined : physicalName(shop, spec.parked),
    onFailure: spec.onFailure,
    subscribers: subscribers.filter(({ topic }) => topic === spec.publishesTo),
  };
}
