import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { Markers } from "../../markers/index.ts";
import { anObject, checkOptions, having, optional, type Rules, tableName } from "../../options/index.ts";
import type { Write } from "../../outbox/index.ts";
import { type Clock, realClock } from "../../runtime/index.ts";
import { type Subscriber, subscriberName } from "../../subscriber/index.ts";

/*
 * When a message is dead-lettered, the messages behind it in its group must not be handled before it: they follow it into
 * the dead-letter queue. The queue's own dead-letter policy cannot do that: it removes one message and hands out the next. A
 * group is one of:
 * - open      it has no marker; its messages are handled
 * - blocked   a handler failed for good, and the consumer wrote a marker. Every message of the group is moved to the
 *             dead-letter queue, in order, and raises `upTo` first.
 * - redriven  an operator named a redrive in the marker and sent the dead letters back with that name: these are handled,
 *             and new messages still follow into the dead-letter queue.
 *
 * The operator deletes the marker when the dead-letter queue has no more messages of the group, and only if `upTo` is the
 * last message of the redrive. The consumer raises `upTo` only while the marker exists. So the second of the two notices.
 * A redriven message that fails again, or is moved by a consumer that does not know of the redrive, ends the redrive: the
 * rest of it would overtake that message.
 *
 * The consumer reads the index of the markers after each receive. SQS hands out a group's next message only after the message
 * before it is deleted, which happens after the marker is committed, so that read finds the marker.
 */

export interface BlockedMarker {
  /** `<subscriber>#blocked#<message group>`, in the inbox table, without TTL. */
  readonly message: string;
  /** SQS sequence number of the newest moved message. */
  readonly upTo: string;
  /** RFC 3339. */
  readonly since: string;
  readonly error: { readonly name: string; readonly message: string };
  /** SQS sequence number of the message with this error. Earlier versions of the library did not write it. */
  readonly sequence?: string;
  /** Name of the redrive whose messages may pass. */
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

/** The index has the key of a group with an empty name, which no group has. */
function markersOf({ client, table, subscriber, clock = realClock }: BlockedGroupsOptions): Markers {
  return new Markers({ client, table, name: "message", index: { message: blockedKey(subscriber, "") }, clock });
}

/**
 * Opens a group, for an operator's tool whose redrive has sent back all its dead letters. Returns false, and the group stays
 * blocked, if the marker names another redrive or another last message now.
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

  /** Returns the markers of the blocked groups, by group: one consistent read, and another one if some may be blocked. */
  async among(groups: readonly string[]): Promise<Map<string, BlockedMarker>> {
    const byKey = new Map(groups.map((group) => [blockedKey(this.#options.subscriber, group), group]));
    const found = await this.#markers.among([...byKey.keys()].map((message) => ({ message })));
    const markers = found as unknown[] as BlockedMarker[];
    return new Map(markers.map((marker) => [byKey.get(marker.message) ?? "", marker]));
  }

  /** Blocks the group at the message with this sequence number, and ends its redrive. It may be blocked already. */
  async block(group: string, upTo: string, error: BlockedMarker["error"]): Promise<void> {
    // Between the two writes, an operator may open the group, or another consumer may block it.
    while (!(await this.#create(group, upTo, error)) && (await this.raise(group, upTo, true)) === "released");
  }

  /**
   * Raises `upTo` for a message that follows, and ends the redrive if asked to. Returns `released` if the group is no longer
   * blocked. `upTo` never falls: a stalled consumer may move an old message again.
   */
  async raise(group: string, upTo: string, endsRedrive = false): Promise<"blocked" | "released"> {
    const end = endsRedrive ? " REMOVE #redrive" : "";
    const raised = { condition: "#upTo < :upTo", values: { ":upTo": upTo } };
    if (await this.#update(group, `SET #upTo = :upTo${end}`, raised)) return "blocked";
    const kept = await this.#update(group, `SET #upTo = #upTo${end}`, { condition: "attribute_exists(#upTo)" });
    return kept ? "blocked" : "released";
  }

  /** False when the group is blocked already. */
  async #create(group: string, upTo: string, error: BlockedMarker["error"]): Promise<boolean> {
    const { clock = realClock } = this.#options;
    const since = new Date(clock.now()).toISOString();
    const marker = this.#marker(group, "SET #upTo = :upTo, #since = :since, #error = :error, #sequence = :upTo", {
      condition: "attribute_not_exists(#upTo)",
      values: { ":upTo": upTo, ":since": since, ":error": error },
    });
    return (await this.#markers.create(this.#key(group), [marker])).written;
  }

  /** False when the condition does not hold. It is a transaction, like the writes that create or remove the marker. */
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
