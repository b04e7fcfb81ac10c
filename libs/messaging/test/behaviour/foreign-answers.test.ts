import type { SQSClient } from "@aws-sdk/client-sqs";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { expect, test } from "vitest";
import { DeadLetters } from "../../src/consumer/dead-letters/dead-letters.ts";
import { Deletions } from "../../src/consumer/deletions.ts";
import { Outages } from "../../src/consumer/outages.ts";
import { Markers } from "../../src/markers/markers.ts";
import { isAmbiguous, isOutage } from "../../src/runtime/aws-errors.ts";
import { realClock } from "../../src/runtime/clock.ts";

// The SDK reads a 200 that AWS did not send as an answer without members, which looks like "nothing found" or "all done".

/** A client whose every call gets this answer. */
const clientReturning = <Client>(answer: object) => ({ send: () => Promise.resolve(answer) }) as unknown as Client;

const failureOf = (call: Promise<unknown>) =>
  call.then(
    () => expect.unreachable(),
    (error: unknown) => error,
  );

test("an answer without Responses does not say that there is no marker", async () => {
  const client = clientReturning<DynamoDBDocumentClient>({ $metadata: { httpStatusCode: 200 } });
  const markers = new Markers({ client, table: "parked", name: "id", index: { id: "the index" }, clock: realClock });
  for (const read of [markers.present([{ id: "a" }]), markers.among([{ id: "a" }])]) {
    const failure = await failureOf(read);
    expect([isOutage(failure), isAmbiguous(failure)]).toEqual([true, true]);
    expect(failure).toHaveProperty("message", expect.stringContaining("no Responses"));
  }
});

test("an answer whose Responses lack the table says that there is no marker", async () => {
  const client = clientReturning<DynamoDBDocumentClient>({ Responses: {} });
  const markers = new Markers({ client, table: "parked", name: "id", index: { id: "the index" }, clock: realClock });
  expect(await markers.present([{ id: "a" }])).toEqual([]);
});

const letter = {
  MessageId: "m-1",
  ReceiptHandle: "r-1",
  Body: "{",
  Attributes: { MessageGroupId: "note#1", SequenceNumber: "1" },
};

/** Dead-letters a message, and returns whether it counts as moved. */
async function giveUp(answer: object) {
  let moved = 0;
  const letters = new DeadLetters({
    client: clientReturning<SQSClient>(answer),
    queueUrl: "http://127.0.0.1/dead.fifo",
    groups: { among: async () => new Map(), block: async () => undefined, raise: async () => "blocked" },
    onMoved: () => moved++,
  });
  const failure = await letters.deadLetter(letter, new Error("no beans")).catch((error: unknown) => error);
  return { moved, failure };
}

test("a dead letter without a MessageId has not been moved, and stays in its queue", async () => {
  const { moved, failure } = await giveUp({});
  expect([moved, isOutage(failure)]).toEqual([0, true]);
  expect(await giveUp({ MessageId: "d-1" })).toEqual({ moved: 1, failure: undefined });
});

/** Deletes a message. Returns the names of the reported outages, and whether AWS counts as out. */
async function remove(answer: object) {
  const reported: unknown[] = [];
  const onOutage = (error: unknown) => reported.push(Object(error).name);
  const outages = new Outages({ clock: realClock, signal: new AbortController().signal, onOutage });
  outages.failed(new Error("before"));
  const deletions = new Deletions({
    client: clientReturning<SQSClient>(answer),
    queueUrl: "http://127.0.0.1/q",
    outages,
  });
  await deletions.delete(letter);
  return { reported: reported.slice(1), isOut: outages.isOut };
}

test.each([
  ["says neither what was deleted nor what was not", {}, ["UnreadableAnswerError"], true],
  ["says that it was not", { Failed: [{ Id: "0", Code: "InternalError", Message: "?" }] }, ["InternalError"], true],
  ["says that it was", { Successful: [{ Id: "0" }] }, [], false],
])("an answer to a deletion that %s", async (_, answer, reported, isOut) => {
  expect(await remove(answer)).toEqual({ reported, isOut });
});
