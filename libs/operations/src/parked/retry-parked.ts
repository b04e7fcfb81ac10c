import { BatchWriteCommand, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { releaseParked } from "@doubleshot/messaging/operations";
import { topicArn } from "@doubleshot/topology";
import { pace } from "../replay/pace.ts";
import { publishAgain } from "../replay/publish-event.ts";
import type { Shop } from "../shop.ts";
import { eventsOf, isDropped, type ParkedAggregate, parkedAggregate } from "./parked-rows.ts";

export interface RetryOptions {
  /** Events a second. Default: no limit. */
  readonly rate?: number;
  readonly signal?: AbortSignal;
  readonly onPublished?: (published: { readonly version: number; readonly type: string }) => void;
}

export type RetryOutcome =
  /** Everything is published, and the aggregate is released. */
  | { readonly outcome: "released"; readonly events: number }
  /** SNS refuses an event of row `version`, or that row is unreadable. All rows of the aggregate stay parked. */
  | { readonly outcome: "refused"; readonly events: number; readonly version: number; readonly reason: string }
  | { readonly outcome: "not-parked" };

/**
 * Publishes the parked rows of an aggregate in order, and releases it. A retry is in one of these states:
 * - reading     the marker and the rows, consistently
 * - publishing  every row that is not published yet, in order. At a refusal or an unreadable row the retry ends and all rows
 *               stay; the next retry publishes the earlier ones again, and the inbox ignores them
 * - releasing   deletes the marker, if it still names a row that this retry published or an operator dropped. If not, the
 *               relay has parked another row meanwhile: back to reading
 * - clearing    deletes the rows, which mean nothing without their marker. The next retry does it after an interruption
 */
export async function retryParked(shop: Shop, aggregate: string, options: RetryOptions = {}): Promise<RetryOutcome> {
  const { documents } = shop.clients;
  const run = new RetryRun(shop, options);
  for (;;) {
    const parked = await parkedAggregate(shop, aggregate);
    if (parked === undefined) return { outcome: "not-parked" };
    if (parked.marker === undefined) {
      await clear(documents, parked);
      return run.publishedVersions.size === 0
        ? { outcome: "not-parked" }
        : { outcome: "released", events: run.publishedCount };
    }
    const refused = await run.publish(parked);
    if (refused !== undefined) return { outcome: "refused", events: run.publishedCount, ...refused };
    const { upTo } = parked.marker;
    const isCovered = run.publishedVersions.has(upTo) || (await isDropped(documents, parked, upTo));
    const parking = { client: documents, table: parked.outbox.parkedTable };
    const isReleased = isCovered && (await releaseParked(parking, { ...parked.marker, aggregate }));
    if (!isReleased) continue;
    await clear(documents, parked);
    return { outcome: "released", events: run.publishedCount };
  }
}

/** The publications of one retry, which may read the parked rows several times. */
class RetryRun {
  /** Number of events published. */
  publishedCount = 0;
  /** Versions of the rows that are published in full. */
  readonly publishedVersions = new Set<number>();
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
      if (this.publishedVersions.has(version)) continue;
      const events = await eventsOf(clients.documents, parked, row);
      if (events === undefined) return { version, reason: unreadable(parked) };
      for (const event of events) {
        await this.#turn();
        const resend = { event, aggregate, source: outbox.source, nonce: this.#nonce };
        const refusal = await publishAgain(clients, topic, resend).catch(refusalOf);
        if (refusal) return { version, reason: refusal };
        this.publishedCount += 1;
        this.#options.onPublished?.({ version, type: event.type });
      }
      this.publishedVersions.add(version);
    }
    return undefined;
  }
}

function unreadable({ outbox }: ParkedAggregate): string {
  return `it is no outbox row: repair it in table ${outbox.table}, or drop it.`;
}

/** The reason for which SNS refuses this message. Every other error is an outage, and thrown. */
function refusalOf(error: unknown): string {
  const refusals = ["InvalidParameter", "InvalidParameterException", "ParameterValueInvalid", "ValidationError"];
  if (error instanceof Error && refusals.some((name) => error.name.startsWith(name))) {
    return `SNS still refuses it (${error.name}: ${error.message}).`;
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
