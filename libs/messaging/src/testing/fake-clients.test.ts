import { DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { expect, test } from "vitest";
import { FakeAws } from "./fake-aws.ts";

const tables = { rows: { key: { partition: { name: "id", type: "S" } } } } as const;

test("middleware is added to one process's clients alone, whichever of them it is added to", async () => {
  const aws = new FakeAws({ tables });
  const [watched, others] = [aws.clients(), aws.clients()];
  const seen: string[] = [];
  watched.documents.middlewareStack.add(
    (next) => (args) => {
      seen.push("call");
      return next(args);
    },
    { step: "initialize", priority: "high" },
  );
  await others.documents.send(new PutCommand({ TableName: "rows", Item: { id: "1" } }));
  expect(seen).toEqual([]);
  await watched.documents.send(new GetCommand({ TableName: "rows", Key: { id: "1" } }));
  expect(seen).toEqual(["call"]);
  expect(aws.clients().dynamodb.middlewareStack.identify()).toEqual(others.dynamodb.middlewareStack.identify());
});

test("a document client of one's own, with other options, changes nothing for other processes", async () => {
  const aws = new FakeAws({ tables });
  const strict = DynamoDBDocumentClient.from(aws.clients().dynamodb);
  const lenient = aws.clients().documents;
  const put = new PutCommand({ TableName: "rows", Item: { id: "1", left: undefined } });
  await expect(strict.send(put)).rejects.toThrow("removeUndefinedValues");
  await lenient.send(put);
  const { Item } = await lenient.send(new GetCommand({ TableName: "rows", Key: { id: "1" } }));
  expect(Item).toEqual({ id: "1" });
});
