import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { expect, test } from "vitest";
import { manualClock } from "../../../test/fixtures/manual-clock.fixture.ts";
import { FakeAws } from "../../testing/index.ts";
import { BlockedGroups, blockedKey } from "./blocked-groups.ts";
import { DeadLetters } from "./dead-letters.ts";

const key = { partition: { name: "message", type: "S" } } as const;

/** The marker of a group that is blocked and being redriven, after a consumer has moved one more of its messages. */
async function markerAfterMoving(MessageAttributes: Record<string, { DataType: string; StringValue: string }>) {
  const aws = new FakeAws({ tables: { inbox: { key } }, queues: { "dead.fifo": { fifo: true } } });
  const { documents, sqs } = aws.clients();
  const message = blockedKey("readers", "note#1");
  await documents.send(new PutCommand({ TableName: "inbox", Item: { message, upTo: "1", redrive: "run" } }));
  const { clock } = manualClock();
  const groups = new BlockedGroups({ client: documents, table: "inbox", subscriber: "readers", clock });
  const deadLetters = new DeadLetters({ client: sqs, queueUrl: aws.queueUrl("dead.fifo"), groups });
  const Attributes = { MessageGroupId: "note#1", SequenceNumber: "2" };
  await deadLetters.follow({ MessageId: "m", Body: "{}", Attributes, MessageAttributes });
  return (await documents.send(new GetCommand({ TableName: "inbox", Key: { message } }))).Item;
}

test("a redriven message that is moved again ends its run: the next of the run would overtake it", async () => {
  const redrive = { DataType: "String", StringValue: "run" };
  expect(await markerAfterMoving({ redrive })).toEqual({ message: "readers#blocked#note#1", upTo: "2" });
});

test("a new message that follows leaves the run as it is", async () => {
  expect(await markerAfterMoving({})).toMatchObject({ upTo: "2", redrive: "run" });
});

test("a message moved again, after those behind it, does not take the marker back", async () => {
  const aws = new FakeAws({ tables: { inbox: { key } } });
  const { documents } = aws.clients();
  const { clock } = manualClock();
  const groups = new BlockedGroups({ client: documents, table: "inbox", subscriber: "readers", clock });
  const error = { name: "Error", message: "no" };
  await groups.block("note#1", "5", error);
  expect(await groups.raise("note#1", "7")).toBe("blocked");
  expect(await groups.raise("note#1", "6")).toBe("blocked");
  await groups.block("note#1", "4", error);
  const marker = (await groups.among(["note#1", "note#2"])).get("note#1");
  expect(marker).toMatchObject({ upTo: "7", error });
  expect(await groups.raise("note#2", "1")).toBe("released");
});
