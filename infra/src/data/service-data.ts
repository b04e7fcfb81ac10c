import { DataTable, Inbox, Outbox, type ResourceProps, Subscriber } from "@doubleshot/cdk";
import type { ServiceInShop } from "@doubleshot/shop";
import { physicalName } from "@doubleshot/topology";
import { Code } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { tableSettings } from "./table-settings.ts";

export interface ServiceDataProps extends ResourceProps {
  /** Value of SHOP. */
  readonly shop: string;
  /** Folder with the relay's bundle, `handler.mjs`. */
  readonly relayBundle: string;
  /** Variables of the relay beside those that it needs. */
  readonly relayEnvironment: Readonly<Record<string, string>>;
}

/** The tables of a service, its outbox with relay and topic, and its subscriber's queues: all that its manifest asks for. */
export class ServiceData extends Construct {
  readonly service: ServiceInShop;
  readonly outbox: Outbox | undefined;
  subscriber: Subscriber | undefined;
  readonly #props: ServiceDataProps;

  constructor(scope: Construct, service: ServiceInShop, props: ServiceDataProps) {
    super(scope, service.name);
    this.service = service;
    this.#props = props;
    const { names, uses, topology, publishes } = service;
    for (const table of uses.tables) {
      const spec = topology.tables[table];
      // Outbox and inbox have constructs of their own.
      if (spec === undefined || table === names.outbox || table === names.inbox) continue;
      const settings = tableSettings(spec);
      new DataTable(this, table, { ...props, settings, timeToLive: spec.ttl, tableName: this.#physical(table) });
    }
    this.outbox = publishes.length > 0 ? this.#outbox() : undefined;
  }

  /** Adds the queues and their subscriptions to the topics of the services with these names. */
  subscribe(topics: ReadonlyMap<string, string>): void {
    const { names, subscribes } = this.service;
    const publishers = Object.keys(subscribes);
    if (publishers.length === 0) return;
    const inbox = new Inbox(this, "Inbox", { ...this.#props, tableName: this.#physical(names.inbox) });
    this.subscriber = new Subscriber(this, "Subscriber", {
      ...this.#props,
      topicArns: publishers.map((name) => topics.get(name) ?? ""),
      inbox,
      names: {
        queue: this.#physical(names.queue),
        deadLetters: this.#physical(names.deadLetters),
        undelivered: this.#physical(names.undelivered),
      },
    });
  }

  #outbox(): Outbox {
    const { names, source } = this.service;
    const { relayBundle, relayEnvironment: environment, shop } = this.#props;
    return new Outbox(this, "Outbox", {
      ...this.#props,
      source,
      relay: { code: Code.fromAsset(relayBundle), handler: "handler.handler", environment },
      metricsNamespace: `Doubleshot/${shop}`,
      names: {
        outbox: this.#physical(names.outbox),
        parked: this.#physical(names.parked),
        topic: this.#physical(names.topic),
        relay: this.#physical(names.relay),
        failedRecords: this.#physical(names.failedRecords),
      },
    });
  }

  #physical(shortName: string): string {
    return physicalName(this.#props.shop, shortName);
  }
}
