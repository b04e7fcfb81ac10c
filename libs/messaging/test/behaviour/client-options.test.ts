import { DeleteCommand, DynamoDBDocumentClient, GetCommand, type TranslateConfig } from "@aws-sdk/lib-dynamodb";
import { describe, expect, test } from "vitest";
import { ConcurrencyConflictError, createOutbox } from "../../src/index.ts";
import { FakeAws } from "../../src/testing/index.ts";
import { Noted } from "../fixtures/notes.fixture.ts";

const id = { key: { partition: { name: "id", type: "S" } } } as const;
const row = { key: { partition: { name: "aggregate", type: "S" }, sort: { name: "version", type: "N" } } } as const;
const tables = { outbox: "outbox", inbox: "inbox" };
const big = "12345678901234567890";

function open(options: TranslateConfig) {
  const aws = new FakeAws({ tables: { notes: id, outbox: row } });
  const client = DynamoDBDocumentClient.from(aws.clients().dynamodb, options);
  let answers = Number.POSITIVE_INFINITY;
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const answer = await next(args);
        if (commandName !== "TransactWriteItemsCommand" || answers > 0) return answer;
        answers = Number.POSITIVE_INFINITY;
        throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET", $metadata: {} });
      },
    { step: "initialize", priority: "high" },
  );
  // Each try has another token, so only the found item shows the result of an earlier one.
  client.middlewareStack.add(
    (next) => (args) => next({ ...args, input: { ...args.input, ClientRequestToken: undefined } }),
    { step: "initialize", priority: "high" },
  );
  const outbox = createOutbox({ client, source: "/notes", tables });
  const save = (item: Record<string, unknown> & { version?: never }) => ({
    table: "notes",
    key: { id: "1" },
    item,
    expected: 0,
  });
  return {
    client,
    outbox,
    save,
    loseAnAnswer: () => {
      answers = 0;
    },
  };
}

describe.each<[string, TranslateConfig]>([
  ["no options", {}],
  ["numbers wrapped", { unmarshallOptions: { wrapNumbers: true } }],
  ["numbers as bigints", { unmarshallOptions: { wrapNumbers: BigInt } }],
  ["empty values converted", { marshallOptions: { convertEmptyValues: true } }],
  ["undefined values removed", { marshallOptions: { removeUndefinedValues: true } }],
  [
    "options the client has completed itself",
    { marshallOptions: { convertTopLevelContainer: true }, unmarshallOptions: { convertWithoutMapWrapper: true } },
  ],
])("through a document client with %s", (_, options) => {
  test("a commit knows what it has written, though its answer was lost", async () => {
    const { outbox, save, loseAnAnswer } = open(options);
    loseAnAnswer();
    const commit = { aggregate: "note#1", save: save({ text: "", sum: 1, tags: new Set(["b", "a"]) }) };
    expect(await outbox.commit(commit)).toEqual({ outcome: "committed", version: 1 });
    await expect(outbox.commit(commit)).rejects.toThrow(ConcurrencyConflictError);
  });

  test("a recreated item goes on after the outbox's highest version", async () => {
    const { client, outbox, save } = open(options);
    const events = [Noted({ text: "milk" })];
    await outbox.commit({ aggregate: "note#1", save: save({}), events });
    await client.send(new DeleteCommand({ TableName: "notes", Key: { id: "1" } }));
    const recreating = outbox.commit({ aggregate: "note#1", save: { ...save({}), recreate: true }, events });
    expect(await recreating).toEqual({ outcome: "committed", version: 2 });
  });

  test("a refusal has the found item as the client reads it", async () => {
    const { client, outbox, save } = open(options);
    await outbox.commit({ aggregate: "note#1", save: save({ text: "milk", sum: 2 }) });
    const condition = { ConditionExpression: "attribute_not_exists(id)" };
    const taken = { Put: { TableName: "notes", Item: { id: "1" }, ...condition } };
    const result = await outbox.commit({ guarded: { taken } });
    const { Item } = await client.send(new GetCommand({ TableName: "notes", Key: { id: "1" } }));
    expect(result).toEqual({ outcome: "refused", by: "taken", found: Item });
  });
});

test("a refusal's found item may have a number that needs wrapping", async () => {
  const { outbox, save } = open({ unmarshallOptions: { wrapNumbers: BigInt } });
  await outbox.commit({ aggregate: "note#1", save: save({ sum: BigInt(big) }) });
  const taken = { Delete: { TableName: "notes", Key: { id: "1" }, ConditionExpression: "attribute_not_exists(id)" } };
  expect(await outbox.commit({ guarded: { taken } })).toMatchObject({ by: "taken", found: { sum: BigInt(big) } });
});
