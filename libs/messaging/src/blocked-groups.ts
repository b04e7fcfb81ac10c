import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { type Clock, realClock } from "./clock.ts";
import type { Write } from "./commit.ts";
import { Markers } from "./markers.ts";

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
 * would overtake that message. A marker counts from when all consumers see it, see `tally.ts`.
 */

export interface BlockedMarker {
  /** `<subscriber>#blocked#<message group>`, in the inbox table, without TTL. */
  readonly message: string;
  /** SQS sequence number of the newest message that was moved. */
  readonly upTo: string;
  /** RFC 3339. */
  readonly since: string;
  readonly error: { readonly name: string; readonly message: string };
  /** SQS sequence number of the message whose error it is. Not there in a marker of an earlier version. */
  readonly sequence?: string;
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

/** No group has an empty name: under it stands the tally. */
function markersOf({ client, table, subscriber, clock = realClock }: BlockedGroupsOptions): Markers {
  return new Markers({ client, table, name: "message", tally: { message: blockedKey(subscriber, "") }, clock });
}

/**
 * Opens a group, for an operator whose run has sent back all of its dead letters: false, and it stays blocked, if the
 * marker names another run or another last message meanwhile.
 */
export function openGroup(
  options: BlockedGroupsOptions,
  group: string,
  { redrive, upTo }: { readonly redrive: string; readonly upTo: string },
): Promise<boolean> {
  return markersOf(options).remove({
    TableName: options.table,
    Key: { message: blockedKey(options.subscriber, group) },
    ConditionExpression: "#redrive = :redrive AND #upTo = :upTo",
    ExpressionAttributeNames: { "#redrive": "redrive", "#upTo": "upTo" },
    ExpressionAttributeValues: { ":redrive": redrive, ":upTo": upTo },
  });
}

/** A subscriber's blocked groups. */
export class BlockedGroups {
  readonly #options: BlockedGroupsOptions;
  readonly #markers: Markers;

  constructor(options: BlockedGroupsOptions) {
    this.#options = options;
    this.#markers = markersOf(options);
  }

  /** The markers of those of the groups that are blocked, consistently, by group. Takes a read if one of them may be, or if the last is a second old. */
  async among(groups: readonly string[]): Promise<Map<string, BlockedMarker>> {
    if (this.#markers.areNone) return new Map();
    const byKey = new Map(groups.map((group) => [blockedKey(this.#options.subscriber, group), group]));
    const found = await this.#markers.among([...byKey.keys()].map((message) => ({ message })));
    const markers = found as unknown[] as BlockedMarker[];
    return new Map(markers.map((marker) => [byKey.get(marker.message) ?? "", marker]));
  }

  /** For who will ask again soon: reads beside whatever else is done, so that the next answer takes no read. */
  lookAhead(): void {
    this.#markers.lookAhead();
  }

  /**
   * Blocks the group for the message with this sequence number, whether it was blocked or not, and ends its run.
   * Resolves when all consumers see it.
   */
  async block(group: string, upTo: string, error: BlockedMarker["error"]): Promise<void> {
    // Between the two, an operator may have released the group, or another consumer blocked it.
    while (!(await this.#create(group, upTo, error)) && (await this.#raise(group, upTo, true)) === "released");
    await this.#markers.seenByAll([this.#key(group)]);
  }

  /**
   * Raises `upTo` for a message that follows, and ends the run if it is a redriven one; `released` when the group is not
   * blocked any more, else resolves when all consumers see that it is. It is never lowered: a consumer that was stalled
   * may move again what has long been moved.
   */
  async raise(group: string, upTo: string, endsRun = false): Promise<"blocked" | "released"> {
    const outcome = await this.#raise(group, upTo, endsRun);
    // Who blocked it may have died before all saw it.
    if (outcome === "blocked") await this.#markers.seenByAll([this.#key(group)]);
    return outcome;
  }

  /** False when the group is blocked. */
  async #create(group: string, upTo: string, error: BlockedMarker["error"]): Promise<boolean> {
    const { clock = realClock } = this.#options;
    const since = new Date(clock.now()).toISOString();
    const marker = this.#marker(group, "SET #upTo = :upTo, #since = :since, #error = :error, #sequence = :upTo", {
      condition: "attribute_not_exists(#upTo)",
      values: { ":upTo": upTo, ":since": since, ":error": error },
    });
    return (await this.#markers.create(this.#key(group), [marker])).written;
  }

  async #raise(group: string, upTo: string, endsRun: boolean): Promise<"blocked" | "released"> {
    const end = endsRun ? " REMOVE #redrive" : "";
    const raised = { condition: "#upTo < :upTo", values: { ":upTo": upTo } };
    if (await this.#update(group, `SET #upTo = :upTo${end}`, raised)) return "blocked";
    const kept = await this.#update(group, `SET #upTo = #upTo${end}`, { condition: "attribute_exists(#upTo)" });
    return kept ? "blocked" : "released";
  }

  /** False when the condition does not hold. In a transaction, as whoever creates or removes the marker is. */
  async #update(group: string, update: string, change: Change): Promise<boolean> {
    return (await this.#markers.change([this.#marker(group, update, change)])).written;
  }

  #marker(group: string, update: string, { condition, values }: Change): Write {
    const { table } = this.#options;
    const names = ["upTo", "since", "error", "sequence", "redrive"].filter((name) =>
      `${update} ${condition}`.includes(`#${name}`),
    );
    return {
      Update: {
        TableName: table,
        Key: this.#key(group),
        UpdateExpression: update,
        ConditionExpression: condition,
        ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
        ...(values && { ExpressionAttributeValues: values }),
      },
    };
  }

  #key(group: string) {
    return { message: blockedKey(this.#options.subscriber, group) };
  }
}

interface Change {
  readonly condition: string;
  readonly values?: Record<string, unknown>;
}
