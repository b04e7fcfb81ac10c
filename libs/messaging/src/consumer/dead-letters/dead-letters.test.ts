import { randomUUID } from "node:crypto";
import {
  DeleteMessageCommand,
  type Message as QueueMessage,
  ReceiveMessageCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import { DeleteCommand, GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { type FaultProxy, startFaultProxy } from "@doubleshot/local-aws";
import { createAwsClients } from "@doubleshot/topology";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  type Notebook,
  Noted,
  noting,
  openNotebook,
  outboxOn,
  tables,
} from "../../../test/fixtures/notebook.fixture.ts";
import { RecordedMetrics } from "../../../test/fixtures/recorded-metrics.fixture.ts";
import { createOutbox, type Message, on, type PollTrouble, poll, type Settled, subscriber } from "../../index.ts";
import { type BlockedMarker, blockedKey, fromWire } from "../../operations.ts";

let notebook: Notebook;
let proxy: FaultProxy;
let stop: AbortController;
let readers: string;
const polls: Promise<void>[] = [];

beforeAll(async () => {
  notebook = await openNotebook();
});
afterAll(() => notebook?.aws.close());
beforeEach(async () => {
  stop = new AbortController();
  // A name of its own keeps one test's inbox rows and markers from the next.
  readers = `readers-${randomUUID()}`;
  proxy = await startFaultProxy(notebook.aws.endpoints.dynamodb);
});
afterEach(async () => {
  stop.abort();
  await Promise.all(polls.splice(0));
  await proxy.close();
  expect(await deadLetters()).toEqual([]);
});

const until = { interval: 5 };
const textOf = ({ Body = "" }: QueueMessage) => (fromWire(Body).data as { text: string }).text;

type Handler = (message: Message<{ text: string }>) => Promise<Settled>;

function polling(
  handler: Handler,
  { maxAttempts = 1, client = notebook.aws.clients.longPolls, outbox = notebook.outbox } = {},
) {
  const seen: string[] = [];
  const troubles: PollTrouble[] = [];
  const sub = subscriber(readers, outbox, [
    on(Noted, async (message) => {
      const settled = await handler(message);
      seen.push(message.data.text);
      return settled;
    }),
  ]);
  polls.push(
    poll(sub, {
      client,
      queueUrl: notebook.queueUrl,
      signal: stop.signal,
      deadLetters: { queueUrl: notebook.deadLetterUrl, maxAttempts },
      onTrouble: (trouble) => troubles.push(trouble),
    }),
  );
  return { seen, troubles };
}

async function commitNotes(id: string, ...texts: string[]): Promise<void> {
  const { version = 0 } = ((await notebook.note(id)) ?? {}) as { version?: number };
  for (const [index, text] of texts.entries()) await notebook.outbox.commit(noting(id, text, version + index));
}

const markerKey = (id: string) => ({ TableName: tables.inbox, Key: { message: blockedKey(readers, `note#${id}`) } });

async function marker(id: string): Promise<BlockedMarker | undefined> {
  const { Item } = await notebook.documents.send(new GetCommand({ ...markerKey(id), ConsistentRead: true }));
  return Item as BlockedMarker | undefined;
}

/** Takes out all that is in the dead-letter queue now, in order. */
async function deadLetters(): Promise<QueueMessage[]> {
  const taken: QueueMessage[] = [];
  for (;;) {
    const { Messages = [] } = await notebook.aws.clients.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: notebook.deadLetterUrl,
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ["All"],
        MessageSystemAttributeNames: ["All"],
      }),
    );
    if (Messages.length === 0) return taken;
    taken.push(...Messages);
    for (const { ReceiptHandle } of Messages) {
      await notebook.aws.clients.sqs.send(
        new DeleteMessageCommand({ QueueUrl: notebook.deadLetterUrl, ReceiptHandle }),
      );
    }
  }
}

async function deadOf(count: number): Promise<QueueMessage[]> {
  const taken: QueueMessage[] = [];
  await expect.poll(async () => taken.push(...(await deadLetters())), until).toBe(count);
  return taken;
}

/** What an operator does: lets the group's messages of one run pass, and sends them back in order. */
async function redrive(id: string, dead: readonly QueueMessage[]): Promise<void> {
  const run = randomUUID();
  const allow = { UpdateExpression: "SET #redrive = :run", ExpressionAttributeNames: { "#redrive": "redrive" } };
  await notebook.documents.send(
    new UpdateCommand({ ...markerKey(id), ...allow, ExpressionAttributeValues: { ":run": run } }),
  );
  for (const { Body, MessageId, MessageAttributes } of dead) {
    await notebook.aws.clients.sqs.send(
      new SendMessageCommand({
        QueueUrl: notebook.queueUrl,
        MessageBody: Body,
        MessageGroupId: `note#${id}`,
        MessageDeduplicationId: `${MessageId}:${run}`,
        MessageAttributes: { ...MessageAttributes, redrive: { DataType: "String", StringValue: run } },
      }),
    );
  }
}

const failingOn =
  (...texts: string[]): Handler =>
  async (message) => {
    if (texts.includes(message.data.text)) throw new Error(`cannot read ${message.data.text} ☠\u0007`);
    return message.commit({});
  };

describe("dead-lettering", () => {
  test("moves a message that keeps failing and those behind it, in order, and lets other groups go on", async () => {
    const [bad, good] = [randomUUID(), randomUUID()];
    const { seen, troubles } = polling(failingOn("b"), { maxAttempts: 2 });
    await commitNotes(bad, "a", "b", "c", "d");
    await commitNotes(good, "x", "y");
    const dead = await deadOf(3);
    expect(dead.map(textOf)).toEqual(["b", "c", "d"]);
    await expect.poll(() => seen.toSorted(), until).toEqual(["a", "x", "y"]);
    expect(dead[0]).toMatchObject({
      Attributes: { MessageGroupId: `note#${bad}` },
      MessageAttributes: {
        type: { StringValue: "Noted" },
        source: { StringValue: "/notebook" },
        error: { StringValue: expect.stringMatching(/^Error: cannot read b ☠ /) },
        attempts: { StringValue: "2" },
      },
    });
    expect(dead[1]).toMatchObject({ MessageAttributes: { error: { StringValue: expect.stringContaining("Behind") } } });
    expect(troubles.map(({ kind }) => kind)).toEqual(["failed", "dead"]);
    const { upTo, error } = (await marker(bad)) ?? {};
    expect(error).toMatchObject({ name: "Error" });
    expect(upTo).toBe(dead[2]?.MessageAttributes?.sequence?.StringValue);
    expect(await marker(good)).toBeUndefined();
  });

  test("is counted, message by message", async () => {
    const id = randomUUID();
    const metrics = new RecordedMetrics();
    const outbox = createOutbox({ client: notebook.documents, source: "/notebook", tables, metrics });
    polling(failingOn("b"), { outbox });
    await commitNotes(id, "a", "b", "c");
    await deadOf(2);
    await expect
      .poll(() => metrics.labels("subscriber.dead_lettered"), until)
      .toEqual([{ subscriber: readers }, { subscriber: readers }]);
  });

  test("moves what is committed later behind what is dead already, also in another process", async () => {
    const id = randomUUID();
    polling(failingOn("a"));
    await commitNotes(id, "a");
    expect((await deadOf(1)).map(textOf)).toEqual(["a"]);
    stop.abort();
    await Promise.all(polls.splice(0));
    stop = new AbortController();
    const { seen } = polling(failingOn());
    await commitNotes(id, "b");
    expect((await deadOf(1)).map(textOf)).toEqual(["b"]);
    expect(seen).toEqual([]);
  });

  test("handles what is redriven, and keeps moving what is new behind it", async () => {
    const id = randomUUID();
    let mended = false;
    const { seen } = polling(async (message) => (mended ? message.commit({}) : Promise.reject(new Error("broken"))));
    await commitNotes(id, "a", "b");
    const dead = await deadOf(2);
    mended = true;
    await redrive(id, dead);
    await expect.poll(() => seen, until).toEqual(["a", "b"]);
    await commitNotes(id, "c");
    const late = await deadOf(1);
    expect(late.map(textOf)).toEqual(["c"]);
    await redrive(id, late);
    await notebook.documents.send(new DeleteCommand(markerKey(id)));
    await commitNotes(id, "d");
    await expect.poll(() => seen, until).toEqual(["a", "b", "c", "d"]);
  });

  test("blocks the group anew when a redriven message fails again: those redriven with it do not overtake", async () => {
    const id = randomUUID();
    const { seen } = polling(failingOn("a"));
    await commitNotes(id, "a", "b");
    await redrive(id, await deadOf(2));
    expect((await deadOf(2)).map(textOf)).toEqual(["a", "b"]);
    expect(seen).toEqual([]);
    expect((await marker(id))?.redrive).toBeUndefined();
  });

  test("handles a message whose group an operator released between the look and the move", async () => {
    const id = randomUUID();
    polling(failingOn("a"));
    await commitNotes(id, "a");
    await deadOf(1);
    stop.abort();
    await Promise.all(polls.splice(0));
    stop = new AbortController();
    const clients = createAwsClients({ endpoints: notebook.aws.endpoints });
    clients.documents.middlewareStack.add(
      (next, context) => async (args) => {
        const result = await next(args);
        if (context.commandName === "BatchGetItemCommand") {
          await notebook.documents.send(new DeleteCommand(markerKey(id)));
        }
        return result;
      },
      { step: "initialize" },
    );
    const { seen } = polling(failingOn(), { outbox: outboxOn(clients.documents) });
    await commitNotes(id, "b");
    await expect.poll(() => seen, until).toEqual(["b"]);
    clients.destroy();
  });

  test("gives up at once what will never become readable", async () => {
    const { troubles } = polling(failingOn(), { maxAttempts: 50 });
    await notebook.aws.clients.sqs.send(
      new SendMessageCommand({
        QueueUrl: notebook.queueUrl,
        MessageBody: "{",
        MessageGroupId: readers,
        MessageDeduplicationId: readers,
      }),
    );
    const dead = await deadOf(1);
    expect(dead[0]).toMatchObject({ Body: "{", MessageAttributes: { attempts: { StringValue: "1" } } });
    expect(troubles).toMatchObject([{ kind: "dead" }]);
  });

  test("keeps what the dead-letter queue refuses, and those behind it; the others go on", async () => {
    const clients = createAwsClients({ endpoints: notebook.aws.endpoints });
    let refusals = 0;
    let refusing = true;
    clients.longPolls.middlewareStack.add(
      (next, context) => async (args) => {
        if (!refusing || context.commandName !== "SendMessageCommand") return next(args);
        refusals += 1;
        const refusal = { name: "InvalidParameterValue", $metadata: { httpStatusCode: 400 } };
        throw Object.assign(new Error("One or more parameters are invalid. Message is too long."), refusal);
      },
      { step: "initialize" },
    );
    const [bad, good] = [randomUUID(), randomUUID()];
    const { seen, troubles } = polling(failingOn("a"), { client: clients.longPolls });
    await commitNotes(bad, "a", "b");
    await expect.poll(() => refusals, until).toBeGreaterThan(0);
    await commitNotes(good, "x");
    await expect.poll(() => seen, until).toEqual(["x"]);
    expect(troubles[0]).toMatchObject({ kind: "failed", error: { name: "InvalidParameterValue" } });
    refusing = false;
    expect((await deadOf(2)).map(textOf)).toEqual(["a", "b"]);
    stop.abort();
    await Promise.all(polls.splice(0));
    clients.destroy();
  });

  test("gives up nothing while DynamoDB is away, however many attempts are allowed", async () => {
    const clients = createAwsClients({ endpoints: { ...notebook.aws.endpoints, dynamodb: proxy.url } });
    let dropped = 0;
    proxy.inflict(({ operation }) => {
      if (operation === "BatchGetItem") return "pass";
      dropped += 1;
      return "drop";
    });
    const { seen, troubles } = polling(failingOn(), { outbox: outboxOn(clients.documents) });
    await commitNotes(randomUUID(), "a");
    await expect.poll(() => dropped, until).toBeGreaterThan(5);
    proxy.inflict(() => "pass");
    await expect.poll(() => seen, until).toEqual(["a"]);
    expect(troubles.filter(({ kind }) => kind !== "outage")).toEqual([]);
    stop.abort();
    await Promise.all(polls.splice(0));
    clients.destroy();
  });

  test("moves a message once although the answer to the move is lost", async () => {
    const queues = await startFaultProxy(notebook.aws.endpoints.sqs);
    const clients = createAwsClients({ endpoints: { ...notebook.aws.endpoints, sqs: queues.url } });
    let sent = 0;
    queues.inflict(({ operation }) => (operation === "SendMessage" && ++sent === 1 ? "cut" : "pass"));
    polling(failingOn("a"), { client: clients.longPolls });
    await commitNotes(randomUUID(), "a", "b");
    expect((await deadOf(2)).map(textOf)).toEqual(["a", "b"]);
    expect(sent).toBe(3);
    stop.abort();
    await Promise.all(polls.splice(0));
    clients.destroy();
    await queues.close();
  });
});
