import { randomUUID } from "node:crypto";
import {
  DeleteMessageCommand,
  type Message as QueueMessage,
  ReceiveMessageCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import { GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { type FaultProxy, startFaultProxy } from "@doubleshot/local-aws";
import { expect } from "vitest";
import { Noted, type NotesAws, noteCommit, tables } from "../../../test/fixtures/notes-aws.fixture.ts";
import { type Message, on, type PollTrouble, poll, type Settled, subscriber } from "../../index.ts";
import { type BlockedMarker, blockedKey, fromWire } from "../../operations.ts";

export const until = { interval: 5 };
export const textOf = ({ Body = "" }: QueueMessage): string => (fromWire(Body).data as { text: string }).text;

type Handler = (message: Message<{ text: string }>) => Promise<Settled>;

/** Handles all messages but those with one of these texts. */
export const failingOn =
  (...texts: string[]): Handler =>
  async (message) => {
    if (texts.includes(message.data.text)) throw new Error(`cannot read ${message.data.text} ☠\u0007`);
    return message.commit({});
  };

/** A subscriber of a notes that polls with a dead-letter queue, for one test. */
export class DeadLetterReaders {
  readonly notes: NotesAws;
  /** Between a client and DynamoDB, for clients that are created with its URL. */
  readonly proxy: FaultProxy;
  /** A name of its own keeps one test's inbox rows and markers from the next. */
  readonly name = `readers-${randomUUID()}`;
  #stop = new AbortController();
  readonly #polls: Promise<void>[] = [];

  private constructor(notes: NotesAws, proxy: FaultProxy) {
    this.notes = notes;
    this.proxy = proxy;
  }

  static async open(notes: NotesAws): Promise<DeadLetterReaders> {
    return new DeadLetterReaders(notes, await startFaultProxy(notes.aws.endpoints.dynamodb));
  }

  /** Polls with the handler. Returns the texts of the settled messages and the troubles, which grow. */
  startReaders(
    handler: Handler,
    { maxAttempts = 1, client = this.notes.longPolls(this.#stop.signal), outbox = this.notes.outbox } = {},
  ) {
    const seen: string[] = [];
    const troubles: PollTrouble[] = [];
    const sub = subscriber(this.name, outbox, [
      on(Noted, async (message) => {
        const settled = await handler(message);
        seen.push(message.data.text);
        return settled;
      }),
    ]);
    this.#polls.push(
      poll(sub, {
        client,
        queueUrl: this.notes.queueUrl,
        signal: this.#stop.signal,
        deadLetters: { queueUrl: this.notes.deadLetterUrl, maxAttempts },
        onTrouble: (trouble) => troubles.push(trouble),
      }),
    );
    return { seen, troubles };
  }

  /** Ends the polls. Others may begin afterwards. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#polls.splice(0));
    this.#stop = new AbortController();
  }

  async close(): Promise<void> {
    await this.stop();
    await this.proxy.close();
    expect(await this.#deadLetters()).toEqual([]);
  }

  async commitNotes(id: string, ...texts: string[]): Promise<void> {
    const { version = 0 } = ((await this.notes.note(id)) ?? {}) as { version?: number };
    for (const [index, text] of texts.entries()) await this.notes.outbox.commit(noteCommit(id, text, version + index));
  }

  markerKey(id: string) {
    return { TableName: tables.inbox, Key: { message: blockedKey(this.name, `note#${id}`) } };
  }

  async marker(id: string): Promise<BlockedMarker | undefined> {
    const get = new GetCommand({ ...this.markerKey(id), ConsistentRead: true });
    return (await this.notes.documents.send(get)).Item as BlockedMarker | undefined;
  }

  /** Waits for that many dead letters, and takes them. */
  async deadOf(count: number): Promise<QueueMessage[]> {
    const taken: QueueMessage[] = [];
    await expect.poll(async () => taken.push(...(await this.#deadLetters())), until).toBe(count);
    return taken;
  }

  /** An operator's redrive: lets the messages pass in the group's marker, and sends them back in order. */
  async redrive(id: string, dead: readonly QueueMessage[]): Promise<void> {
    const run = randomUUID();
    const allow = { UpdateExpression: "SET #redrive = :run", ExpressionAttributeNames: { "#redrive": "redrive" } };
    await this.notes.documents.send(
      new UpdateCommand({ ...this.markerKey(id), ...allow, ExpressionAttributeValues: { ":run": run } }),
    );
    for (const { Body, MessageId, MessageAttributes } of dead) {
      await this.notes.aws.clients.sqs.send(
        new SendMessageCommand({
          QueueUrl: this.notes.queueUrl,
          MessageBody: Body,
          MessageGroupId: `note#${id}`,
          MessageDeduplicationId: `${MessageId}:${run}`,
          MessageAttributes: { ...MessageAttributes, redrive: { DataType: "String", StringValue: run } },
        }),
      );
    }
  }

  /** Takes all messages that are in the dead-letter queue now, in order. */
  async #deadLetters(): Promise<QueueMessage[]> {
    const { sqs } = this.notes.aws.clients;
    const QueueUrl = this.notes.deadLetterUrl;
    const taken: QueueMessage[] = [];
    const all = { MessageAttributeNames: ["All"], MessageSystemAttributeNames: ["All" as const] };
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...all }),
      );
      if (Messages.length === 0) return taken;
      taken.push(...Messages);
      for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
}
