import { type DynamoDBDocumentClient, GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { Save } from "@doubleshot/messaging";
import { batchGet } from "@doubleshot/topology";
import type { Ticket } from "./ticket.ts";
import { doneLane, leasedLane, rowOf, ticketOf, waitingLane } from "./ticket-row.ts";

/** A part of a lane, in its order; `next` continues after it, and is absent at the lane's end. */
export interface Page {
  readonly tickets: readonly Ticket[];
  readonly next?: Record<string, unknown>;
}

interface Cut {
  readonly limit: number;
  readonly after?: Record<string, unknown>;
}

/**
 * Reads tickets, and describes how to save them. It never commits: state and events commit together, through the outbox.
 *
 * All but `get` and `getMany` read an eventually consistent index. A ticket from there may have changed since, and one that
 * was just queued may be missing for a moment. So a decision about such a ticket is committed on the version that was read,
 * and ends in a ConcurrencyConflictError if the table holds another one.
 */
export abstract class TicketStore {
  /** Strongly consistent. */
  abstract get(id: string): Promise<Ticket | undefined>;
  /** Those of the tickets that exist, in no particular order. Strongly consistent. */
  abstract getMany(ids: readonly string[]): Promise<Ticket[]>;
  abstract save(ticket: Ticket): Save;
  /** The line: fair turns first, then the oldest. */
  abstract waiting(bar: string, cut: Cut): Promise<Page>;
  /** The tickets that baristas hold, the lease that ends next first. */
  abstract leased(bar: string, cut: Cut): Promise<Page>;
  /** The tickets that were done in the hour of `at`, the latest first; with `from`, not before that instant. */
  abstract done(bar: string, at: Date, cut: Cut & { readonly from?: Date }): Promise<Page>;
  /** Tickets whose lease ended before `now`, the longest ago first; at most `limit`. */
  abstract lapsed(bar: string, now: Date, limit: number): Promise<readonly Ticket[]>;
}

/** A row that is no ticket: it was edited by hand, or a newer service wrote it. */
export interface UnreadableTicket {
  readonly id: string;
  readonly reason: unknown;
}

export class DynamoTicketStore extends TicketStore {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;
  readonly #onUnreadable: (unreadable: UnreadableTicket) => void;

  /** @param onUnreadable Called each time that a read skips such a row. */
  constructor(
    client: DynamoDBDocumentClient,
    table: string,
    onUnreadable: (unreadable: UnreadableTicket) => void = () => undefined,
  ) {
    super();
    this.#client = client;
    this.#table = table;
    this.#onUnreadable = onUnreadable;
  }

  async get(id: string): Promise<Ticket | undefined> {
    const { Item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: { id }, ConsistentRead: true }),
    );
    return Item === undefined ? undefined : ticketOf(Item);
  }

  save(ticket: Ticket): Save {
    return { table: this.#table, key: { id: ticket.id }, item: rowOf(ticket), expected: ticket.version };
  }

  async getMany(ids: readonly string[]): Promise<Ticket[]> {
    const keys = ids.map((id) => ({ id }));
    const rows = await batchGet({ documents: this.#client, table: this.#table, keys, consistent: true });
    return rows.flatMap((row) => this.#readable(row));
  }

  waiting(bar: string, cut: Cut): Promise<Page> {
    return this.#page({ lane: waitingLane(bar) }, cut);
  }

  leased(bar: string, cut: Cut): Promise<Page> {
    return this.#page({ lane: leasedLane(bar) }, cut);
  }

  done(bar: string, at: Date, { from, ...cut }: Cut & { readonly from?: Date }): Promise<Page> {
    const lane = doneLane(bar, at.toISOString());
    return this.#page({ lane, latestFirst: true, ...(from && { from: from.toISOString() }) }, cut);
  }

  async lapsed(bar: string, now: Date, limit: number): Promise<readonly Ticket[]> {
    const { tickets } = await this.#page({ lane: leasedLane(bar), before: now.toISOString() }, { limit });
    return tickets;
  }

  async #page(
    {
      lane,
      from,
      before,
      latestFirst = false,
    }: { lane: string; from?: string; before?: string; latestFirst?: boolean },
    { limit, after }: Cut,
  ): Promise<Page> {
    const bound = from === undefined ? before : from;
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new QueryCommand({
        TableName: this.#table,
        IndexName: "lanes",
        KeyConditionExpression: `#lane = :lane${bound === undefined ? "" : ` AND #place ${from === undefined ? "<" : ">="} :bound`}`,
        ExpressionAttributeNames: { "#lane": "lane", ...(bound === undefined ? {} : { "#place": "place" }) },
        ExpressionAttributeValues: { ":lane": lane, ...(bound === undefined ? {} : { ":bound": bound }) },
        ScanIndexForward: !latestFirst,
        Limit: limit,
        ExclusiveStartKey: after,
      }),
    );
    const tickets = Items.flatMap((row) => this.#readable(row));
    return { tickets, ...(LastEvaluatedKey === undefined ? {} : { next: LastEvaluatedKey }) };
  }

  /** A row that cannot be read concerns one order. An error here would keep all baristas from all orders. */
  #readable(row: Record<string, unknown>): Ticket[] {
    try {
      return [ticketOf(row)];
    } catch (reason) {
      this.#onUnreadable({ id: String(row.id), reason });
      return [];
    }
  }
}
