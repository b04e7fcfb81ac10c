import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { createOutbox, type Outbox, type PendingEvent } from "@doubleshot/messaging";
import { inboxTable, outboxTable } from "@doubleshot/messaging/infrastructure";
import { FakeAws } from "@doubleshot/messaging/testing";

const tables = { outbox: "outbox", inbox: "inbox" };

/** Plays another service by its events: commits them to an outbox in memory, and takes the messages from its rows. */
export class OtherService {
  readonly #client = new FakeAws({ tables: { outbox: outboxTable, inbox: inboxTable } }).clients().documents;
  readonly #outbox: Outbox;
  readonly #versions = new Map<string, number>();
  readonly #send: (message: { group: string; body: string }) => Promise<void>;

  /** `send` puts a message in the queue of the tested service. */
  constructor(source: string, send: (message: { group: string; body: string }) => Promise<void>) {
    this.#outbox = createOutbox({ client: this.#client, source, tables });
    this.#send = send;
  }

  /** Returns the message of the aggregate's next event as it is on the wire, without sending it. */
  async message(aggregate: string, event: PendingEvent): Promise<string> {
    const version = (this.#versions.get(aggregate) ?? 0) + 1;
    this.#versions.set(aggregate, version);
    await this.#outbox.commit({ aggregate, version, events: [event] });
    const row = await this.#client.send(new GetCommand({ TableName: tables.outbox, Key: { aggregate, version } }));
    return String(row.Item?.events[0].json);
  }

  /** Sends a message, for the first time or again. */
  deliver(aggregate: string, message: string): Promise<void> {
    return this.#send({ group: aggregate, body: message });
  }

  /** Publishes the aggregate's next event to the tested service. Returns the message, to be delivered again. */
  async publish(aggregate: string, event: PendingEvent): Promise<string> {
    const message = await this.message(aggregate, event);
    await this.deliver(aggregate, message);
    return message;
  }
}
