import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { createOutbox, type Outbox } from "../../src/index.ts";
import { noteCommitIn, noteCommitWithoutEventsIn } from "../fixtures/notes.fixture.ts";
import type { ContractClients, ContractEndpoint } from "./endpoint.ts";

/** A minimal service on any endpoint: notes and their events. */
export class NotesService {
  readonly endpoint: ContractEndpoint;
  readonly clients: ContractClients;
  readonly outbox: Outbox;

  constructor(endpoint: ContractEndpoint, clients = endpoint.newClients()) {
    this.endpoint = endpoint;
    this.clients = clients;
    const { outbox, inbox } = endpoint.tables;
    this.outbox = createOutbox({ client: clients.documents, source: "/notes", tables: { outbox, inbox } });
  }

  note(id: string) {
    return this.#item(this.endpoint.tables.notes, { id });
  }

  outboxRow(id: string, version: number) {
    return this.#item(this.endpoint.tables.outbox, { aggregate: `note#${id}`, version });
  }

  inboxRow(subscriber: string, eventId: string) {
    return this.#item(this.endpoint.tables.inbox, { message: `${subscriber}#${eventId}` });
  }

  /** A commit of version `expected + 1` of a note. */
  noteCommit(id: string, text: string, expected = 0) {
    return noteCommitIn(this.endpoint.tables.notes, id, text, expected);
  }

  noteCommitWithoutEvents(id: string, text: string, expected = 0) {
    return noteCommitWithoutEventsIn(this.endpoint.tables.notes, id, text, expected);
  }

  /** A write that fails if the note exists. */
  putUnlessExists(id: string) {
    const Put = {
      TableName: this.endpoint.tables.notes,
      Item: { id, text: "created" },
      ConditionExpression: "attribute_not_exists(id)",
    };
    return { Put };
  }

  async #item(TableName: string, Key: Record<string, string | number>): Promise<Record<string, unknown> | undefined> {
    const { Item } = await this.clients.documents.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
    return Item;
  }
}
