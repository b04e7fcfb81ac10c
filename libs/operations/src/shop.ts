import {
  type AwsClients,
  type MappingSpec,
  physicalName,
  type SubscriptionSpec,
  type Topology,
} from "@doubleshot/topology";

/** An outbox, and all resources on the way of its events. */
export interface OutboxResources {
  /** Short name of the table. */
  readonly name: string;
  readonly table: string;
  /** Short name of the topic that the relay publishes to. */
  readonly topic: string;
  readonly source: string;
  readonly parkedTable: string | undefined;
  /** Short name of the queue for batches that the stream mapping gave up on. */
  readonly onFailure: string;
  readonly subscribers: readonly SubscriberResources[];
}

/** A subscriber with its queues (short names) and its inbox. */
export interface SubscriberResources {
  readonly name: string;
  readonly inbox: string;
  readonly topic: string;
  readonly queue: string;
  readonly deadLetters: string | undefined;
  readonly undelivered: string;
  readonly handles: readonly string[];
}

/** A shop on an endpoint, as its operator sees it: the resources under its prefix, and clients for them. */
export interface Shop {
  /** Prefix of the resources, which services read from SHOP. */
  readonly name: string;
  readonly clients: AwsClients;
  readonly topology: Topology;
  readonly outboxes: readonly OutboxResources[];
  /** One for each queue, from its first subscription. `OutboxResources` lists all subscriptions of its topic. */
  readonly subscribers: readonly SubscriberResources[];
}

export function shopOf(topology: Topology, name: string, clients: AwsClients): Shop {
  const subscriptions = topology.subscriptions.flatMap((spec) => subscriberResources(spec, topology, name));
  const outboxes = Object.values(topology.mappings).map((spec) => outboxResources(spec, subscriptions, name));
  const subscribers = [...Map.groupBy(subscriptions, ({ queue }) => queue).values()].flatMap(([first]) => first ?? []);
  return { name, clients, topology, outboxes, subscribers };
}

function subscriberResources(spec: SubscriptionSpec, { queues }: Topology, shop: string): SubscriberResources[] {
  const { handledBy, topic, queue, undelivered, handles } = spec;
  // Without an inbox there is no record of handled events, so an audit has nothing to compare with.
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

function outboxResources(
  spec: MappingSpec,
  subscribers: readonly SubscriberResources[],
  shop: string,
): OutboxResources {
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
