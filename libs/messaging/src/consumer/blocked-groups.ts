import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { Markers } from "../markers/index.ts";
import type { Write } from "../outbox/index.ts";
import {
  anObject,
  type Clock,
  checkOptions,
  having,
  optional,
  type Rules,
  realClock,
  tableName,
} from "../runtime/index.ts";
import { type Subscriber, subscriberName } from "../subscriber/index.ts";

/*
 * When a message is dead-lettered, the messages behind it in its group must not be handled before it: they follow it into
 * the dead-letter queue. A dead-letter policy of the queue alone cannot do that: it removes one message and lets the next.
 *
 * - open      the group has no marker; its messages are handled
 * - blocked   the consumer has given up one of its messages and written a marker. Every message of the group is moved to
 *             the dead-letter queue, in order, and raises `upTo` before it is moved.
 * - redriven  an operator has named a run in the marker and sent the dead letters back under that name: these are handled;
 *             new messages still follow into the dead-letter queue.
 *
 * The operator deletes the marker when the dead-letter queue holds nothing more of the group, and only if `upTo` names the
 * last message of the run. The consumer raises `upTo` only while the marker exists. So the second of them notices.
 * A redriven message that fails again, or is moved by a consumer that has not read of the run, ends the run: the rest of
 * the run would overtake it.
 *
 * The consumer reads the index of the markers after each receive. SQS hands out a group's next message only after the
 * message before it is deleted, which happens after its marker is committed, so that read finds the marker.
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

const rules: Rules<BlockedGroupsOptions> = {
  client: having("a DynamoDBDocumentClient", "send"),
  table: tableName,
  subscriber: subscriberName,
  clock: optional(anObject),
};

/** Key of the marker of a subscriber's group. */
export function blockedKey(subscriber: string, group: string): string {
  return `${subscriber}#blocked#${group}`;
}

/** The index has the key of a group without a name, which no group is. */
function markersOf({ client, table, subscriber, clock = realClock }: BlockedGroupsOptions): Markers {
  return new Markers({ client, table, name: "message", index: { message: blockedKey(subscriber, "") }, clock });
}

/**
 * Opens a group, for an operator whose run has sent back all of its dead letters: false, and it stays blocked, if the
 * marker names another run or another last message meanwhile.
 */
export async function openGroup(
  options: BlockedGroupsOptions,
  group: string,
  { redrive, upTo }: { readonly redrive: string; readonly upTo: string },
): Promise<boolean> {
  checkOptions("openGroup", options, rules);
  return markersOf(options).remove({
    TableName: options.table,
    Key: { message: blockedKey(options.subscriber, group) },
    ConditionExpression: "#redrive = :redrive AND #upTo = :upTo",
    ExpressionAttributeNames: { "#redrive": "redrive", "#upTo": "upTo" },
    ExpressionAttributeValues: { ":redrive": redrive, ":upTo": upTo },
  });
}

/** The groups of a subscriber that are blocked, by the markers in its inbox. */
export function blockedGroupsOf({ name, inbox }: Pick<Subscriber, "name" | "inbox">): BlockedGroups {
  return new BlockedGroups({ ...inbox, subscriber: name });
}

/** A subscriber's blocked groups. */
export class BlockedGroups {
  readonly #options: BlockedGroupsOptions;
  readonly #markers: Markers;

  constructor(options: BlockedGroupsOptions) {
    this.#options = options;
    this.#markers = markersOf(options);
  }

  /** The markers of the blocked ones among the groups, consistently, by group: one read, and another if some may be. */
  async among(groups: readonly string[]): Promise<Map<string, BlockedMarker>> {
    const byKey = new Map(groups.map((group) => [blockedKey(this.#options.subscriber, group), group]));
    const found = await this.#markers.among([...byKey.keys()].map((message) => ({ message })));
    const markers = found as unknown[] as BlockedMarker[];
    return new Map(markers.map((marker) => [byKey.get(marker.message) ?? "", marker]));
  }

  /** Blocks the group for the message with this sequence number, whether it was blocked or not, and ends its run. */
  async block(group: string, upTo: string, error: BlockedMarker["error"]): Promise<void> {
    // Between the two, an operator may have released the group, or another consumer blocked it.
    while (!(await this.#create(group, upTo, error)) && (await this.raise(group, upTo, true)) === "released");
  }

  /**
   * Raises `upTo` for a message that follows, and ends the run if the message is a redriven one; `released` when the group
   * is not blocked any more. `upTo` is never lowered: a consumer that was stalled may move an old message again.
   */
  async raise(group: string, upTo: string, endsRun = false): Promise<"blocked" | "released"> {
    const end = endsRun ? " REMOVE #redrive" : "";
    const raised = { condition: "#upTo < :upTo", values: { ":upTo": upTo } };
    if (await this.#update(group, `SET #upTo = :upTo${end}`, raised)) return "blocked";
    const kept = await this.#update(group, `SET #upTo = #upTo${end}`, { condition: "attribute_exists(#upTo)" });
    return kept ? "blocked" : "released";
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
