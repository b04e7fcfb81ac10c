import { BatchGetCommand, type DynamoDBDocumentClient, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { type Clock, realClock } from "./clock.ts";

/*
 * When a message is dead-lettered, those behind it in its group must not be handled before it: they follow it into the
 * dead-letter queue. A dead-letter policy of the queue alone cannot do that, it removes one message and lets the next.
 *
 * A group is *open* until its consumer gives one of its messages up. It then writes a marker, and the group is *blocked*:
 * from now on every message of it is moved to the dead-letter queue, in order, each raising `upTo` before it is moved.
 * An operator who *redrives* the group names their run in the marker, and the messages they send back carry that name:
 * these are handled, new ones still follow behind. The operator deletes the marker when nothing of the group is left, and
 * only if `upTo` names the last message they sent back; the consumer raises it only while the marker is there. So
 * whoever comes second notices. A redriven message that fails again blocks the group anew: the marker forgets the run.
 * It also forgets it when a redriven message is moved by a consumer that had not heard of the run: the next of the run
 * would overtake that message.
 */

export interface BlockedMarker {
  /** `<subscriber>#blocked#<message group>`, in the inbox table, without TTL. */
  readonly message: string;
  /** SQS sequence number of the newest message that was moved. */
  readonly upTo: string;
  /** RFC 3339. */
  readonly since: string;
  readonly error: { readonly name: string; readonly message: string };
  /** The operator's run whose messages may pass. */
  readonly redrive?: string;
}

export interface BlockedGroupsOptions {
  readonly client: DynamoDBDocumentClient;
  /** The inbox. */
  readonly table: string;
  readonly subscriber: string;
  readonly clock?: Clock;
}

/** Key of the marker of a subscriber's group. */
export function blockedKey(subscriber: string, group: string): string {
  return `${subscriber}#blocked#${group}`;
}

/** A subscriber's blocked groups. */
export class BlockedGroups {
  readonly #options: BlockedGroupsOptions;

  constructor(options: BlockedGroupsOptions) {
    this.#options = options;
  }

  /** The markers of those of the groups that are blocked, consistently, by group: one read for up to a hundred. */
  async among(groups: readonly string[]): Promise<Map<string, BlockedMarker>> {
    const { client, table, subscriber } = this.#options;
    const byKey = new Map(groups.map((group) => [blockedKey(subscriber, group), group]));
    const blocked = new Map<string, BlockedMarker>();
    let keys: Record<string, unknown>[] = [...byKey.keys()].map((message) => ({ message }));
    while (keys.length > 0) {
      const { Responses, UnprocessedKeys } = await client.send(
        new BatchGetCommand({ RequestItems: { [table]: { Keys: keys, ConsistentRead: true } } }),
      );
      for (const item of Responses?.[table] ?? []) {
        const marker = item as BlockedMarker;
        blocked.set(byKey.get(marker.message) ?? "", marker);
      }
      keys = UnprocessedKeys?.[table]?.Keys ?? [];
    }
    return blocked;
  }

  /** Blocks the group for the message with this sequence number, whether it was blocked or not, and ends its run. */
  async block(group: string, upTo: string, error: BlockedMarker["error"]): Promise<void> {
    const { clock = realClock } = this.#options;
    const since = new Date(clock.now()).toISOString();
    // Between the two, an operator may have released the group, or another consumer blocked it.
    for (;;) {
      const first = "SET #upTo = :upTo, #since = :since, #error = :error";
      const values = { ":upTo": upTo, ":since": since, ":error": error };
      if (await this.#update(group, first, "attribute_not_exists(#upTo)", values)) return;
      if ((await this.raise(group, upTo, true)) === "blocked") return;
    }
  }

  /**
   * Raises `upTo` for a message that follows, and ends the run if it is a redriven one; `released` when the group is not
   * blocked any more. It is never lowered: a consumer that was stalled may move again what has long been moved.
   */
  async raise(group: string, upTo: string, endsRun = false): Promise<"blocked" | "released"> {
    const end = endsRun ? " REMOVE #redrive" : "";
    if (await this.#update(group, `SET #upTo = :upTo${end}`, "#upTo < :upTo", { ":upTo": upTo })) return "blocked";
    const kept = await this.#update(group, `SET #upTo = #upTo${end}`, "attribute_exists(#upTo)");
    return kept ? "blocked" : "released";
  }

  /** False when the condition does not hold. */
  async #update(group: string, update: string, condition: string, values?: Record<string, unknown>): Promise<boolean> {
    const { client, table, subscriber } = this.#options;
    const names = ["upTo", "since", "error", "redrive"].filter((name) => `${update} ${condition}`.includes(`#${name}`));
    try {
      await client.send(
        new UpdateCommand({
          TableName: table,
          Key: { message: blockedKey(subscriber, group) },
          UpdateExpression: update,
          ConditionExpression: condition,
          ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
          ...(values && { ExpressionAttributeValues: values }),
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof Error && error.name === "ConditionalCheckFailedException") return false;
      throw error;
    }
  }
}
