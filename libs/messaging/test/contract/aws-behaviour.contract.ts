import { randomUUID } from "node:crypto";
import { PublishBatchCommand } from "@aws-sdk/client-sns";
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
} from "@aws-sdk/client-sqs";
import { GetCommand, PutCommand, QueryCommand, TransactWriteCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { describe, expect, test } from "vitest";
import { incrementIn } from "../fixtures/notes.fixture.ts";
import type { NotesService } from "./notes-service.fixture.ts";

/** The behaviour of AWS that the library relies on. If an endpoint differs here, the other tests prove nothing on it. */
export function describeTransactions(service: () => NotesService): void {
  const documents = () => service().clients.documents;
  const notes = () => service().endpoint.tables.notes;

  describe("the endpoint's tables", () => {
    test("tell which of a transaction's conditions failed, on what, and write nothing", async () => {
      const [there, other] = [randomUUID(), randomUUID()];
      await documents().send(new PutCommand({ TableName: notes(), Item: { id: there, n: 1 } }));
      const condition = {
        ConditionExpression: "attribute_not_exists(id)",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      } as const;
      const TransactItems = [other, there].map((id) => ({ Put: { TableName: notes(), Item: { id }, ...condition } }));
      const failure = await documents()
        .send(new TransactWriteCommand({ TransactItems }))
        .catch((error: unknown) => error);
      expect(failure).toMatchObject({
        name: "TransactionCanceledException",
        CancellationReasons: [
          { Code: "None" },
          { Code: "ConditionalCheckFailed", Item: { id: { S: there }, n: { N: "1" } } },
        ],
      });
      expect(await service().note(other)).toBeUndefined();
    });

    test("take a transaction once under one token", async () => {
      const id = randomUUID();
      const add = incrementIn(notes(), id);
      const send = (ClientRequestToken: string) =>
        documents().send(new TransactWriteCommand({ TransactItems: [{ Update: add }], ClientRequestToken }));
      const token = randomUUID();
      await send(token);
      await send(token);
      await send(randomUUID());
      expect(await service().note(id)).toEqual({ id, number: 2 });
    });

    test("refuse a transaction with an item in it twice", async () => {
      const TransactItems = [1, 2].map((n) => ({ Put: { TableName: notes(), Item: { id: "twice", n } } }));
      const send = documents().send(new TransactWriteCommand({ TransactItems }));
      await expect(send).rejects.toMatchObject({ name: "ValidationException" });
    });
  });
}

/** See `describeTransactions`. */
export function describeExpressions(service: () => NotesService): void {
  const documents = () => service().clients.documents;
  const notes = () => service().endpoint.tables.notes;

  describe("the endpoint's expressions", () => {
    test("refuse reserved words, and names and values that no expression uses", async () => {
      const id = randomUUID();
      const update = (more: object) =>
        documents().send(new UpdateCommand({ TableName: notes(), Key: { id }, ...more }));
      const set = { UpdateExpression: "SET n = :n", ExpressionAttributeValues: { ":n": 1 } };
      const refused = { name: "ValidationException" };
      await expect(update({ ...set, UpdateExpression: "SET status = :n" })).rejects.toMatchObject(refused);
      await expect(update({ ...set, ExpressionAttributeNames: { "#x": "x" } })).rejects.toMatchObject(refused);
      await expect(update({ ...set, ExpressionAttributeValues: { ":n": 1, ":m": 2 } })).rejects.toMatchObject(refused);
      await update(set);
    });

    test("compute updates and return what they made", async () => {
      const id = randomUUID();
      const update = (UpdateExpression: string, values: object) =>
        documents().send(
          new UpdateCommand({
            TableName: notes(),
            Key: { id },
            UpdateExpression,
            ExpressionAttributeValues: { ...values },
            ReturnValues: "ALL_NEW",
          }),
        );
      await update("SET a = if_not_exists(a, :zero), l = list_append(if_not_exists(l, :none), :x)", {
        ":zero": 0,
        ":none": [],
        ":x": ["x"],
      });
      const { Attributes } = await update("SET a = a + :two, l = list_append(l, :y) ADD n :two", {
        ":two": 2,
        ":y": ["y"],
      });
      expect(Attributes).toEqual({ id, a: 2, n: 2, l: ["x", "y"] });
    });

    test("keep what was put, and list a partition in the order of its sort key", async () => {
      const id = randomUUID();
      const Item = { id, list: [1, "two", null, true, { deep: ["x"] }], text: "☕ \u{1f600}", number: 1.5 };
      await documents().send(new PutCommand({ TableName: notes(), Item }));
      expect((await documents().send(new GetCommand({ TableName: notes(), Key: { id } }))).Item).toEqual(Item);
      const note = randomUUID();
      for (const version of [0, 1, 2]) await service().outbox.commit(service().noteCommit(note, "n", version));
      const { Items, LastEvaluatedKey } = await documents().send(
        new QueryCommand({
          TableName: service().endpoint.tables.outbox,
          KeyConditionExpression: "#a = :a AND #v > :one",
          ExpressionAttributeNames: { "#a": "aggregate", "#v": "version" },
          ExpressionAttributeValues: { ":a": `note#${note}`, ":one": 1 },
          ScanIndexForward: false,
          Limit: 1,
        }),
      );
      expect(Items?.map(({ version }) => version)).toEqual([3]);
      expect(LastEvaluatedKey).toEqual({ aggregate: `note#${note}`, version: 3 });
    });
  });
}

/** Publishes to the topic and receives from its queue. */
function queueOf(service: () => NotesService) {
  /** Receives the next messages of the group, and deletes those of other groups. */
  async function receive(group: string): Promise<Message[]> {
    for (;;) {
      const { Messages = [] } = await service().clients.sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: service().endpoint.queueUrl,
          MaxNumberOfMessages: 10,
          WaitTimeSeconds: 5,
          VisibilityTimeout: 30,
          MessageSystemAttributeNames: ["MessageGroupId", "ApproximateReceiveCount", "SentTimestamp"],
        }),
      );
      const { ours = [], others = [] } = Object.groupBy(Messages, ({ Attributes }) =>
        Attributes?.MessageGroupId === group ? "ours" : "others",
      );
      await Promise.all(others.map(remove));
      if (ours.length > 0) return ours;
    }
  }
  const remove = ({ ReceiptHandle }: Message) =>
    service().clients.sqs.send(new DeleteMessageCommand({ QueueUrl: service().endpoint.queueUrl, ReceiptHandle }));
  const publish = (group: string, bodies: readonly string[]) =>
    service().clients.sns.send(
      new PublishBatchCommand({
        TopicArn: service().endpoint.topicArn,
        PublishBatchRequestEntries: bodies.map((Message, index) => ({
          Id: String(index),
          Message,
          MessageGroupId: group,
          MessageDeduplicationId: `${group}-${Message}`,
        })),
      }),
    );
  return { receive, remove, publish };
}

/** See `describeTransactions`. */
export function describeQueues(service: () => NotesService): void {
  const { receive, remove, publish } = queueOf(service);

  describe("the endpoint's topic and queue", () => {
    test("keep a group's order and swallow repeats", async () => {
      const group = randomUUID();
      const { Successful, Failed } = await publish(group, ["1", "2", "3"]);
      expect([Successful?.length, Failed?.length ?? 0]).toEqual([3, 0]);
      await publish(group, ["2"]);
      const bodies: (string | undefined)[] = [];
      while (bodies.length < 3) {
        const messages = await receive(group);
        bodies.push(...messages.map(({ Body }) => Body));
        await Promise.all(messages.map(remove));
      }
      expect(bodies).toEqual(["1", "2", "3"]);
    });

    test("hand a message out again, and count it, after its release", async () => {
      const group = randomUUID();
      await publish(group, ["again"]);
      const [first] = await receive(group);
      expect(first?.Attributes?.ApproximateReceiveCount).toBe("1");
      await service().clients.sqs.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: service().endpoint.queueUrl,
          ReceiptHandle: first?.ReceiptHandle,
          VisibilityTimeout: 1,
        }),
      );
      const [second] = await receive(group);
      expect(second).toMatchObject({
        Body: "again",
        Attributes: { ApproximateReceiveCount: "2", MessageGroupId: group },
      });
      if (second) await remove(second);
    });
  });
}
