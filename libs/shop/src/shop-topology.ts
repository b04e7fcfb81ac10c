import type {
  BucketSpec,
  MappingSpec,
  QueueSpec,
  ServiceSpec,
  SubscriptionSpec,
  TableSpec,
  TopicSpec,
  Topology,
} from "@doubleshot/topology";
import {
  claimBucket,
  deadLetterQueue,
  failedRecordsQueue,
  inboxTable,
  outboxTable,
  parkedTable,
  relayMapping,
  subscriberQueue,
} from "./messaging-specs.ts";
import type { Service } from "./service.ts";
import { instances } from "./table-specs.ts";

/** The resources of a shop's services, with the literal names of each. */
export interface ShopTopology<S extends Service = Service> {
  readonly tables: Readonly<Record<TableName<S>, TableSpec>>;
  readonly topics: Readonly<Record<PublisherNames<S>["topic"], TopicSpec>>;
  readonly queues: Readonly<Record<QueueName<S>, QueueSpec>>;
  readonly subscriptions: readonly SubscriptionSpec[];
  readonly mappings: Readonly<Record<PublisherNames<S>["relay"], MappingSpec>>;
  /** Data too large for a message. Any service may keep some there. */
  readonly buckets: { readonly claims: BucketSpec };
  readonly services: Readonly<Record<S["name"], ServiceSpec>>;
}

type TableName<S extends Service> =
  | (S extends Service ? keyof S["tables"] & string : never)
  | PublisherNames<S>["outbox" | "parked"]
  | SubscriberNames<S>["inbox"]
  | (S extends { readonly waits: false } ? never : S["names"]["instances"]);

type QueueName<S extends Service> =
  | PublisherNames<S>["failedRecords"]
  | SubscriberNames<S>["queue" | "deadLetters" | "undelivered"];

/** Resource names of the services that publish. */
type PublisherNames<S extends Service> = S extends { readonly publishes: readonly [] } ? never : S["names"];

/** Resource names of the services that subscribe. */
type SubscriberNames<S extends Service> = S extends Service
  ? keyof S["subscribes"] extends never
    ? never
    : S["names"]
  : never;

/** Derives all AWS resources of the services. `shop` is the first part of each event's `source`: `/<shop>/<service>`. */
export function topologyOf<S extends Service>(shop: string, services: readonly S[]): ShopTopology<S> {
  const publishers = services.filter(isPublisher);
  const subscribers = services.filter(isSubscriber);
  const topology: Topology = {
    tables: Object.assign({}, ...services.map(tablesOf)),
    topics: Object.fromEntries(publishers.map(({ names }) => [names.topic, { fifo: true }])),
    queues: Object.assign({}, ...subscribers.map(subscriberQueues), ...publishers.map(publisherQueues)),
    subscriptions: publishers.flatMap((publisher) => subscriptionsTo(publisher, subscribers)),
    mappings: Object.fromEntries(publishers.map((publisher) => [publisher.names.relay, mappingOf(shop, publisher)])),
    buckets: { claims: claimBucket },
    services: Object.fromEntries(services.map((service) => [service.name, specOf(service)])),
  };
  // The types compute the same names from the manifests' types; shop-topology.test.ts compares them with the data.
  return topology as ShopTopology<S>;
}

function specOf({ port, traced, signingKeys }: Service): ServiceSpec {
  return { port, ...(traced && { traced }), ...(signingKeys !== undefined && { signingKeys }) };
}

/** The CloudEvents `source` of a service's events. */
export function sourceOf(shop: string, { name }: Service): string {
  return `/${shop}/${name}`;
}

function isPublisher({ publishes }: Service): boolean {
  return publishes.length > 0;
}

function isSubscriber({ subscribes }: Service): boolean {
  return Object.keys(subscribes).length > 0;
}

export function tablesOf(service: Service): Record<string, TableSpec> {
  const { tables, names, waits } = service;
  return {
    ...tables,
    ...(isPublisher(service) && { [names.outbox]: outboxTable, [names.parked]: parkedTable }),
    ...(isSubscriber(service) && { [names.inbox]: inboxTable }),
    ...(waits && { [names.instances]: instances }),
  };
}

function subscriberQueues({ names }: Service): Record<string, QueueSpec> {
  return {
    [names.queue]: subscriberQueue(names.deadLetters),
    [names.deadLetters]: deadLetterQueue,
    [names.undelivered]: deadLetterQueue,
  };
}

function publisherQueues({ names }: Service): Record<string, QueueSpec> {
  return { [names.failedRecords]: failedRecordsQueue };
}

/** A service has one queue, and one subscription to each service whose events it handles. */
function subscriptionsTo(publisher: Service, subscribers: readonly Service[]): SubscriptionSpec[] {
  return subscribers.flatMap(({ name, names, subscribes }) => {
    const events = subscribes[publisher.name];
    if (events === undefined) return [];
    return {
      topic: publisher.names.topic,
      queue: names.queue,
      undelivered: names.undelivered,
      handles: events.map(({ type }) => type),
      handledBy: { subscriber: name, inbox: names.inbox },
    };
  });
}

function mappingOf(shop: string, publisher: Service): MappingSpec {
  const { names } = publisher;
  return {
    ...relayMapping,
    table: names.outbox,
    publishesTo: names.topic,
    source: sourceOf(shop, publisher),
    onFailure: names.failedRecords,
    parked: names.parked,
  };
}
