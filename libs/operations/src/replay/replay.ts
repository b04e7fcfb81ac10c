import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { queueUrl, topicArn } from "@doubleshot/topology";
import { isStoredEvent, type StoredEvent } from "../parked/parked-rows.ts";
import type { OutboxResources, Shop } from "../shop.ts";
import { pace } from "./pace.ts";
import type { PlannedRow, ReplayPlan } from "./plan-replay.ts";
import { publishAgain, type Resend, sendAgain } from "./publish-event.ts";

export interface ReplayOptions {
  readonly queue?: string | undefined;
  /** Events a second. Default: no limit. */
  readonly rate?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onSent?: (eventsSent: number) => void;
}

export interface ReplayResult {
  readonly events: number;
  /** Rows that were gone when their turn came. */
  readonly expired: number;
  /** Rows without events to send, which no commit has written. */
  readonly unreadable: number;
}

/** Aggregates that are sent concurrently; within one, each event waits for the one before. */
const aggregatesAtOnce = 10;

/**
 * Sends the planned rows' events again, those of an aggregate in order. A subscriber ignores events whose ids are in its
 * inbox, so a replay may run twice, and may start again after an interruption.
 */
export async function replay(shop: Shop, plan: ReplayPlan, options: ReplayOptions = {}): Promise<ReplayResult> {
  const send = await sender(shop, plan, options);
  const halt = new AbortController();
  const turn = pace(options.rate, AbortSignal.any([halt.signal, ...(options.signal ? [options.signal] : [])]));
  const nonce = crypto.randomUUID();
  const result = { events: 0, expired: 0, unreadable: 0 };
  const byAggregate = [...Map.groupBy(plan.rows, ({ outbox, aggregate }) => `${outbox.name} ${aggregate}`).values()];

  const replayRow = async ({ outbox, aggregate, version }: PlannedRow): Promise<void> => {
    const events = await storedEvents(shop, { outbox, aggregate, version });
    if (events === undefined) result.expired += 1;
    else if (events.length === 0) result.unreadable += 1;
    for (const event of events ?? []) {
      await turn();
      await send(outbox, { event, aggregate, source: outbox.source, nonce });
      result.events += 1;
      options.onSent?.(result.events);
    }
  };
  const work = byAggregate
    .map((rows) => rows.toSorted((a, b) => a.version - b.version))
    .sort(([a], [b]) => (a?.committedAt ?? "").localeCompare(b?.committedAt ?? ""))
    .values();
  const replayNext = async (): Promise<void> => {
    for (const rows of work) for (const row of rows) await replayRow(row);
  };
  // When one call fails for good, the others stop at their next event.
  const workers = Array.from({ length: aggregatesAtOnce }, replayNext);
  await Promise.all(workers).finally(() => halt.abort());
  return result;
}

async function sender(
  { clients, name }: Shop,
  plan: ReplayPlan,
  { queue }: ReplayOptions,
): Promise<(outbox: OutboxResources, resend: Resend) => Promise<void>> {
  if (queue !== undefined) {
    const url = await queueUrl(clients, name, queue);
    return (_, resend) => sendAgain(clients, url, resend);
  }
  const topics = new Map<string, string>();
  for (const { outbox } of plan.rows) {
    if (!topics.has(outbox.topic)) topics.set(outbox.topic, await topicArn(clients, name, outbox.topic));
  }
  return (outbox, resend) => publishAgain(clients, topics.get(outbox.topic) ?? "", resend);
}

/** Undefined when the row has expired. */
async function storedEvents(
  { clients }: Shop,
  { outbox, aggregate, version }: Pick<PlannedRow, "outbox" | "aggregate" | "version">,
): Promise<StoredEvent[] | undefined> {
  const Key = { aggregate, version };
  const { Item } = await clients.documents.send(new GetCommand({ TableName: outbox.table, Key }));
  if (Item === undefined) return undefined;
  const events: unknown = Item.events;
  return Array.isArray(events) ? events.filter(isStoredEvent) : [];
}
