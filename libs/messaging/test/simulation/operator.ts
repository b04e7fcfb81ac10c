import { PublishCommand } from "@aws-sdk/client-sns";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { DeleteCommand, PutCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { blockedKey, openGroup } from "../../src/consumer/dead-letters/blocked-groups.ts";
import { fromWire } from "../../src/events/envelope.ts";
import { outboxRow } from "../../src/outbox/outbox-row.ts";
import { type ParkedRow, releaseParked } from "../../src/relay/parked.ts";
import type { FakeAws } from "../../src/testing/fake-aws.ts";
import type { FakeClients } from "../../src/testing/fake-clients.ts";
import type { FakeProcess } from "../../src/testing/hosts/fake-process.ts";
import type { FakeQueue } from "../../src/testing/sqs/fake-queue.ts";
import { queueUrl } from "../../src/testing/sqs/fake-sqs.ts";
import { Noted } from "./events.ts";
import { lateText } from "./observations.ts";
import { outboxRetentionSeconds } from "./producer.ts";
import { tables } from "./tables.ts";

interface DeadLetter {
  /** The event's id, and its sequence among the events of its aggregate. */
  readonly id: string;
  readonly order: string;
  /** Its sequence number in its own queue. */
  readonly sequence: string | undefined;
  readonly message: FakeQueue["messages"][number];
}

interface StoredRow extends ParkedRow {
  /** Only of the marker, which has version 0. */
  readonly upTo?: number;
  readonly changes?: number;
}

/**
 * An operator's work, each step repeated until it is answered:
 * - a parked aggregate: publishes its rows in order, under new deduplication ids, and releases it unless more was parked
 * - a blocked group: names a redrive in the marker, sends the dead letters back in order, and opens the group when all of them
 *   are handled and none has followed
 */
export class Operator {
  readonly #aws: FakeAws;
  readonly #topicArn: string;
  readonly #clients: FakeClients;
  readonly #process: FakeProcess;
  /** For each marker, the number of checks that did not find its last letter. */
  readonly #vainChecks = new Map<string, number>();
  /** Number of the current redrive or release. */
  #run = 0;

  constructor(aws: FakeAws, process: FakeProcess) {
    this.#aws = aws;
    this.#topicArn = aws.topicArn("notes-events.fifo");
    this.#clients = aws.clients(process);
    this.#process = process;
  }

  async release(aggregate: string): Promise<void> {
    const { documents } = this.#clients;
    const rows = await this.#parked(aggregate);
    const marker = rows.find(({ version }) => version === 0);
    if (marker === undefined) return;
    this.#run += 1;
    for (const { version, events } of rows) {
      if (version === 0) continue;
      for (const event of events) await this.#publish(aggregate, event);
      const Key = { aggregate, version };
      await this.#untilAnswered(() => documents.send(new DeleteCommand({ TableName: tables.parked, Key })));
    }
    const parking = { client: documents, table: tables.parked, clock: this.#process.clock };
    await this.#untilAnswered(() => releaseParked(parking, { ...marker, upTo: marker.upTo ?? 0 }));
  }

  /** Writes events into the outbox by hand, for a commit without events. Later versions are published already. */
  async addEvents(aggregate: string, version: number): Promise<void> {
    const options = {
      source: "/notes",
      aggregate,
      version,
      clock: this.#process.clock,
      retentionSeconds: outboxRetentionSeconds,
    };
    const put = new PutCommand({
      TableName: tables.outbox,
      Item: await outboxRow([Noted({ text: lateText(version) })], options),
      ConditionExpression: "attribute_not_exists(#aggregate)",
      ExpressionAttributeNames: { "#aggregate": "aggregate" },
    });
    await this.#untilAnswered(() => this.#clients.documents.send(put));
  }

  /** Groups with letters in the subscriber's dead-letter queue. */
  deadGroups(subscriber: string): Set<string> {
    const { messages } = this.#aws.sqs.queue(`${subscriber}-dead.fifo`);
    return new Set(messages.map(({ group = "" }) => group));
  }

  /**
   * One redrive of a group. It starts when the last letter that the marker names has arrived and no other redrive runs. It
   * sends the letters in the order of their events, because one that failed again lies behind those that followed it.
   */
  async redrive(subscriber: string, group: string): Promise<void> {
    const key = { message: blockedKey(subscriber, group) };
    const run = String(++this.#run);
    const letters = this.#letters(subscriber, group);
    const marker = this.#marker(key.message);
    if (marker !== undefined && (marker.redrive !== undefined || !this.#hasArrived(key.message, letters))) return;
    await this.#update(key, nameRedrive(run, marker?.upTo));
    if (this.#marker(key.message)?.redrive !== (marker && run)) return;
    for (const letter of letters) await this.#sendBack(subscriber, letter, run);
    const ids = letters.map(({ id }) => id);
    if (marker === undefined || !(await this.#allHandled(subscriber, ids, key.message, run))) return;
    const groups = { client: this.#clients.documents, table: tables.inbox, subscriber, clock: this.#process.clock };
    const { upTo = "" } = marker;
    await this.#untilAnswered(() => openGroup(groups, group, { redrive: run, upTo }));
    // Another message has followed meanwhile: it is for the next redrive.
    if (this.#marker(key.message)?.redrive === run) await this.#update(key, removeRedrive(run));
  }

  /**
   * Whether the letter that the marker names has arrived, or enough checks were in vain: a consumer that was suspended for long
   * may have moved a message again, and the queue has dropped it as a duplicate.
   */
  #hasArrived(marker: string, letters: readonly DeadLetter[]): boolean {
    const checks = (this.#vainChecks.get(marker) ?? 0) + 1;
    const arrived = checks > 10 || letters.some(({ sequence }) => sequence === this.#marker(marker)?.upTo);
    this.#vainChecks.set(marker, arrived ? 0 : checks);
    return arrived;
  }

  #letters(subscriber: string, group: string): DeadLetter[] {
    const { messages } = this.#aws.sqs.queue(`${subscriber}-dead.fifo`);
    return messages
      .filter((message) => message.group === group)
      .map((message) => {
        const { id, sequence: order } = fromWire(message.body);
        return { id, order, message, sequence: message.attributes?.sequence?.StringValue };
      })
      .sort((one, other) => (one.order < other.order ? -1 : 1));
  }

  async #sendBack(subscriber: string, { message }: DeadLetter, run: string): Promise<void> {
    const send = new SendMessageCommand({
      QueueUrl: queueUrl(`${subscriber}.fifo`),
      MessageBody: message.body,
      MessageGroupId: message.group,
      MessageDeduplicationId: `${message.id}:${run}`,
      MessageAttributes: { ...message.attributes, redrive: { DataType: "String", StringValue: run } },
    });
    await this.#untilAnswered(() => this.#clients.sqs.send(send));
    this.#aws.sqs.queue(`${subscriber}-dead.fifo`).discard(message.id);
  }

  /** False when one of them failed again. */
  async #allHandled(subscriber: string, ids: readonly string[], marker: string, run: string): Promise<boolean> {
    const inbox = this.#aws.dynamodb.table(tables.inbox);
    while (!ids.every((id) => inbox.get({ message: { S: `${subscriber}#${id}` } }) !== undefined)) {
      if (this.#marker(marker)?.redrive !== run) return false;
      await this.#process.clock.sleep(1_000);
    }
    return true;
  }

  #marker(message: string): { upTo: string | undefined; redrive: string | undefined } | undefined {
    const item = this.#aws.dynamodb.table(tables.inbox).get({ message: { S: message } });
    return item && { upTo: item.upTo?.S, redrive: item.redrive?.S };
  }

  async #update(
    Key: { message: string },
    update: ReturnType<typeof nameRedrive | typeof removeRedrive>,
  ): Promise<void> {
    const command = new UpdateCommand({ TableName: tables.inbox, Key, ...update });
    await this.#untilAnswered(() => this.#clients.documents.send(command));
  }

  async #parked(aggregate: string): Promise<StoredRow[]> {
    const query = new QueryCommand({
      TableName: tables.parked,
      ConsistentRead: true,
      KeyConditionExpression: "#aggregate = :aggregate",
      ExpressionAttributeNames: { "#aggregate": "aggregate" },
      ExpressionAttributeValues: { ":aggregate": aggregate },
    });
    const answer = await this.#untilAnswered(() => this.#clients.documents.send(query));
    return (answer?.Items ?? []) as StoredRow[];
  }

  async #publish(aggregate: string, { id, json }: ParkedRow["events"][number]): Promise<void> {
    const publish = new PublishCommand({
      TopicArn: this.#topicArn,
      Message: json,
      MessageGroupId: aggregate,
      MessageDeduplicationId: `${id}:${this.#run}`,
    });
    await this.#untilAnswered(() => this.#clients.sns.send(publish));
  }

  /** Undefined when a condition fails, because another process has changed the item: the next round does the rest. */
  async #untilAnswered<T>(call: () => Promise<T>): Promise<T | undefined> {
    for (;;) {
      try {
        return await call();
      } catch (error) {
        if (error instanceof Error && error.name === "ConditionalCheckFailedException") return undefined;
        await this.#process.clock.sleep(100);
      }
    }
  }
}

function nameRedrive(run: string, upTo = "") {
  return {
    UpdateExpression: "SET #redrive = :run",
    ConditionExpression: "#upTo = :upTo AND attribute_not_exists(#redrive)",
    ExpressionAttributeNames: { "#redrive": "redrive", "#upTo": "upTo" },
    ExpressionAttributeValues: { ":run": run, ":upTo": upTo },
  };
}

function removeRedrive(run: string) {
  return {
    UpdateExpression: "REMOVE #redrive",
    ConditionExpression: "#redrive = :run",
    ExpressionAttributeNames: { "#redrive": "redrive" },
    ExpressionAttributeValues: { ":run": run },
  };
}
