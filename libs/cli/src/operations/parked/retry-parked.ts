import { BatchWriteCommand, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { releaseParked } from "@doubleshot/messaging/operations";
import { topicArn } from "@doubleshot/topology";
import type { Shop } from "../../shop.ts";
import { pace } from "../replay/pace.ts";
import { publishAgain } from "../replay/publish-event.ts";
import { eventsOf, isDropped, type ParkedAggregate, parkedAggregate } from "./parked-rows.ts";

export interface RetryOptions {
  /** Events a second. As fast as they are taken, if not given. */
  readonly rate?: number;
  readonly signal?: AbortSignal;
  readonly onPublished?: (published: { readonly version: number; readonly type: string }) => void;
}

export type RetryOutcome =
  /** Everything is published, and the aggregate flows again. */
  | { readonly outcome: "released"; readonly events: number }
  /** An event still cannot be published; it and all behind it stay parked. */
  | { readonly outcome: "refused"; readonly events: number; readonly version: number; readonly reason: string }
  | { readonly outcome: "not parked" };

/**
 * Publishes what is parked of an aggregate, in order, and lets it flow again.
 *
 * *Reading*: the marker and the rows, consistently. *Publishing*: every row that is not published yet, in order; if one
 * is refused, nothing is taken away, and what went out before goes out again next time, where the inbox knows it.
 * *Releasing*: the marker is deleted, only if it still names a row that we published. If not, the relay has parked
 * another one meanwhile: back to reading. *Clearing*: the rows, which nobody needs without their marker, and which the
 * next retry clears should this one be cut short here.
 */
export async function retryParked(shop: Shop, aggregate: string, options: RetryOptions = {}): Promise<RetryOutcome> {
  const { documents } = shop.clients;
  const run = new Publishing(shop, options);
  for (;;) {
    const parked = await parkedAggregate(shop, aggregate);
    if (parked === undefined) return { outcome: "not parked" };
    if (parked.marker === undefined) {
      await clear(documents, parked);
      return run.rows.size === 0 ? { outcome: "not parked" } : { outcome: "released", events: run.events };
    }
    const refused = await run.publish(parked);
    if (refused !== undefined) return { outcome: "refused", events: run.events, ...refused };
    const { upTo } = parked.marker;
    const covered = run.rows.has(upTo) || (await isDropped(documents, parked, upTo));
    const parking = { client: documents, table: parked.outbox.parkedTable };
    if (!(covered && (await releaseParked(parking, { ...parked.marker, aggregate })))) continue;
    await clear(documents, parked);
    return { outcome: "released", events: run.events };
  }
}

class Publishing {
  events = 0;
  /** Versions of the rows that are published in full. */
  readonly rows = new Set<number>();
  readonly #shop: Shop;
  readonly #options: RetryOptions;
  readonly #turn: () => Promise<void>;
  readonly #nonce = crypto.randomUUID();

  constructor(shop: Shop, options: RetryOptions) {
    this.#shop = shop;
    this.#options = options;
    this.#turn = pace(options.rate, options.signal);
  }

  async publish(parked: ParkedAggregate): Promise<{ version: number; reason: string } | undefined> {
    const { clients, name } = this.#shop;
    const { outbox, aggregate } = parked;
    const topic = await topicArn(clients, name, outbox.topic);
    for (const row of parked.rows) {
      const { version } = row;
      if (this.rows.has(version)) continue;
      const events = await eventsOf(clients.documents, parked, row);
      if (events === undefined) return { version, reason: unreadable(parked) };
      for (const event of events) {
        await this.#turn();
        const resend = { event, aggregate, source: outbox.source, nonce: this.#nonce };
        const refusal = await publishAgain(clients, topic, resend).catch(refusalOf);
        if (refusal) return { version, reason: refusal };
        this.events += 1;
        this.#options.onPublished?.({ version, type: event.type });
      }
      this.rows.add(version);
    }
    return undefined;
  }
}

function unreadable({ outbox }: ParkedAggregate): string {
  return `it is no outbox row: repair it in table ${outbox.table}, or drop it.`;
}

/** What SNS says of this very message; everything else is an outage, and thrown. */
function refusalOf(error: unknown): string {
  const refusals = ["InvalidParameter", "InvalidParameterException", "ParameterValueInvalid", "ValidationError"];
  if (error instanceof Error && refusals.some((name) => error.name.startsWith(name))) {
    return `SNS refuses it still (${error.name}: ${error.message}).`;
  }
  throw error;
}

/** BatchWriteItem takes 25 requests: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html */
const writesPerCall = 25;

async function clear(client: DynamoDBDocumentClient, { outbox, aggregate, rows }: ParkedAggregate): Promise<void> {
  const table = outbox.parkedTable;
  let left = rows.map(({ version }) => ({ DeleteRequest: { Key: { aggregate, version } } }));
  while (left.length > 0) {
    const { UnprocessedItems } = await client.send(
      new BatchWriteCommand({ RequestItems: { [table]: left.slice(0, writesPerCall) } }),
    );
    const again = (UnprocessedItems?.[table] ?? []) as typeof left;
    left = [...again, ...left.slice(writesPerCall)];
  }
}
