import { randomUUID } from "node:crypto";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { DeleteCommand } from "@aws-sdk/lib-dynamodb";
import { startFaultProxy } from "@doubleshot/local-aws";
import { createAwsClients } from "@doubleshot/topology";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type NotesAws, openNotesAws, outboxOn, tables } from "../../../test/fixtures/notes-aws.fixture.ts";
import { RecordedMetrics } from "../../../test/fixtures/recorded-metrics.fixture.ts";
import { createOutbox } from "../../index.ts";
import { DeadLetterReaders, failingOn, textOf, until } from "./dead-letters.fixture.ts";

let notes: NotesAws;
let readers: DeadLetterReaders;

beforeAll(async () => {
  notes = await openNotesAws();
});
afterAll(() => notes?.aws.close());
beforeEach(async () => {
  readers = await DeadLetterReaders.open(notes);
});
afterEach(() => readers.close());

describe("dead-lettering", () => {
  test("moves a message that keeps failing and those behind it, in order, and lets other groups go on", async () => {
    const [bad, good] = [randomUUID(), randomUUID()];
    const { seen, troubles } = readers.startReaders(failingOn("b"), { maxAttempts: 2 });
    await readers.commitNotes(bad, "a", "b", "c", "d");
    await readers.commitNotes(good, "x", "y");
    const dead = await readers.deadOf(3);
    expect(dead.map(textOf)).toEqual(["b", "c", "d"]);
    await expect.poll(() => seen.toSorted(), until).toEqual(["a", "x", "y"]);
    expect(dead[0]).toMatchObject({
      Attributes: { MessageGroupId: `note#${bad}` },
      MessageAttributes: {
        type: { StringValue: "Noted" },
        source: { StringValue: "/notes" },
        error: { StringValue: expect.stringMatching(/^Error: cannot read b ☠ /) },
        attempts: { StringValue: "2" },
      },
    });
    expect(dead[1]).toMatchObject({ MessageAttributes: { error: { StringValue: expect.stringContaining("Behind") } } });
    expect(troubles.map(({ kind }) => kind)).toEqual(["failed", "dead"]);
    const { upTo, error } = (await readers.marker(bad)) ?? {};
    expect(error).toMatchObject({ name: "Error" });
    expect(upTo).toBe(dead[2]?.MessageAttributes?.sequence?.StringValue);
    expect(await readers.marker(good)).toBeUndefined();
  });

  test("is counted, message by message", async () => {
    const id = randomUUID();
    const metrics = new RecordedMetrics();
    const outbox = createOutbox({ client: readers.notes.documents, source: "/notes", tables, metrics });
    readers.startReaders(failingOn("b"), { outbox });
    await readers.commitNotes(id, "a", "b", "c");
    await readers.deadOf(2);
    await expect
      .poll(() => metrics.labels("subscriber.dead_lettered"), until)
      .toEqual([{ subscriber: readers.name }, { subscriber: readers.name }]);
  });

  test("moves what is committed later behind what is dead already, also in another process", async () => {
    const id = randomUUID();
    readers.startReaders(failingOn("a"));
    await readers.commitNotes(id, "a");
    expect((await readers.deadOf(1)).map(textOf)).toEqual(["a"]);
    await readers.stop();
    const { seen } = readers.startReaders(failingOn());
    await readers.commitNotes(id, "b");
    expect((await readers.deadOf(1)).map(textOf)).toEqual(["b"]);
    expect(seen).toEqual([]);
  });
});

describe("a redrive", () => {
  test("handles what is redriven, and keeps moving what is new behind it", async () => {
    const id = randomUUID();
    let isMended = false;
    const { seen } = readers.startReaders(async (message) =>
      isMended ? message.commit({}) : Promise.reject(new Error("broken")),
    );
    await readers.commitNotes(id, "a", "b");
    const dead = await readers.deadOf(2);
    isMended = true;
    await readers.redrive(id, dead);
    await expect.poll(() => seen, until).toEqual(["a", "b"]);
    await readers.commitNotes(id, "c");
    const late = await readers.deadOf(1);
    expect(late.map(textOf)).toEqual(["c"]);
    await readers.redrive(id, late);
    await readers.notes.documents.send(new DeleteCommand(readers.markerKey(id)));
    await readers.commitNotes(id, "d");
    await expect.poll(() => seen, until).toEqual(["a", "b", "c", "d"]);
  });

  test("blocks the group again when a redriven message fails again: the messages redriven with it do not overtake it", async () => {
    const id = randomUUID();
    const { seen } = readers.startReaders(failingOn("a"));
    await readers.commitNotes(id, "a", "b");
    await readers.redrive(id, await readers.deadOf(2));
    expect((await readers.deadOf(2)).map(textOf)).toEqual(["a", "b"]);
    expect(seen).toEqual([]);
    expect((await readers.marker(id))?.redrive).toBeUndefined();
  });

  test("handles a message whose group an operator released between the read and the move", async () => {
    const id = randomUUID();
    readers.startReaders(failingOn("a"));
    await readers.commitNotes(id, "a");
    await readers.deadOf(1);
    await readers.stop();
    const clients = createAwsClients({ endpoints: readers.notes.aws.endpoints });
    clients.documents.middlewareStack.add(
      (next, context) => async (args) => {
        const result = await next(args);
        if (context.commandName === "BatchGetItemCommand") {
          await readers.notes.documents.send(new DeleteCommand(readers.markerKey(id)));
        }
        return result;
      },
      { step: "initialize" },
    );
    const { seen } = readers.startReaders(failingOn(), { outbox: outboxOn(clients.documents) });
    await readers.commitNotes(id, "b");
    await expect.poll(() => seen, until).toEqual(["b"]);
    clients.destroy();
  });
});

describe("dead-lettering and its failures", () => {
  test("dead-letters an unreadable message at its first receive", async () => {
    const { troubles } = readers.startReaders(failingOn(), { maxAttempts: 50 });
    await readers.notes.aws.clients.sqs.send(
      new SendMessageCommand({
        QueueUrl: readers.notes.queueUrl,
        MessageBody: "{",
        MessageGroupId: readers.name,
        MessageDeduplicationId: readers.name,
      }),
    );
    const dead = await readers.deadOf(1);
    expect(dead[0]).toMatchObject({ Body: "{", MessageAttributes: { attempts: { StringValue: "1" } } });
    expect(troubles).toMatchObject([{ kind: "dead" }]);
  });

  test("keeps what the dead-letter queue refuses, and those behind it; the others go on", async () => {
    const clients = createAwsClients({ endpoints: readers.notes.aws.endpoints });
    let refusals = 0;
    let isRefusing = true;
    clients.longPolls.middlewareStack.add(
      (next, context) => async (args) => {
        if (!isRefusing || context.commandName !== "SendMessageCommand") return next(args);
        refusals += 1;
        const refusal = { name: "InvalidParameterValue", $metadata: { httpStatusCode: 400 } };
        throw Object.assign(new Error("One or more parameters are invalid. Message is too long."), refusal);
      },
      { step: "initialize" },
    );
    const [bad, good] = [randomUUID(), randomUUID()];
    const { seen, troubles } = readers.startReaders(failingOn("a"), { client: clients.longPolls });
    await readers.commitNotes(bad, "a", "b");
    await expect.poll(() => refusals, until).toBeGreaterThan(0);
    await readers.commitNotes(good, "x");
    await expect.poll(() => seen, until).toEqual(["x"]);
    expect(troubles[0]).toMatchObject({ kind: "failed", error: { name: "InvalidParameterValue" } });
    isRefusing = false;
    expect((await readers.deadOf(2)).map(textOf)).toEqual(["a", "b"]);
    await readers.stop();
    clients.destroy();
  });
});

describe("dead-lettering through an outage", () => {
  test("dead-letters nothing while DynamoDB is unavailable, however few attempts are allowed", async () => {
    const clients = createAwsClients({ endpoints: { ...notes.aws.endpoints, dynamodb: readers.proxy.url } });
    let dropped = 0;
    readers.proxy.inflict(({ operation }) => {
      if (operation === "BatchGetItem") return "pass";
      dropped += 1;
      return "drop";
    });
    const { seen, troubles } = readers.startReaders(failingOn(), { outbox: outboxOn(clients.documents) });
    await readers.commitNotes(randomUUID(), "a");
    await expect.poll(() => dropped, until).toBeGreaterThan(5);
    readers.proxy.inflict(() => "pass");
    await expect.poll(() => seen, until).toEqual(["a"]);
    expect(troubles.filter(({ kind }) => kind !== "outage")).toEqual([]);
    await readers.stop();
    clients.destroy();
  });

  test("moves a message once although the answer to the move is lost", async () => {
    const queues = await startFaultProxy(readers.notes.aws.endpoints.sqs);
    const clients = createAwsClients({ endpoints: { ...notes.aws.endpoints, sqs: queues.url } });
    let sent = 0;
    queues.inflict(({ operation }) => (operation === "SendMessage" && ++sent === 1 ? "cut" : "pass"));
    readers.startReaders(failingOn("a"), { client: clients.longPolls });
    await readers.commitNotes(randomUUID(), "a", "b");
    expect((await readers.deadOf(2)).map(textOf)).toEqual(["a", "b"]);
    expect(sent).toBe(3);
    await readers.stop();
    clients.destroy();
    await queues.close();
  });
});
