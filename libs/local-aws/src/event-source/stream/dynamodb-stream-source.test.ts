import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { startBareDynoxide } from "../../quirks/dynoxide.fixture.ts";
import { dynamodbStreamSource } from "./dynamodb-stream-source.ts";
import { StreamReads } from "./stream-reads.ts";
import { IteratorLostError } from "./stream-source.ts";

async function aStream(readFrom?: string, timeoutMs = 5_000) {
  const { clients, dynoxide, streamArn, put } = await startBareDynoxide();
  const reads = new StreamReads(readFrom ?? dynoxide.url, { timeoutMs });
  onTestFinished(() => reads.close());
  const source = dynamodbStreamSource(clients.streams, reads, streamArn);
  const [shard] = await source.shards();
  return { source, put, shard: shard?.id ?? "", dynoxide };
}

/** Gives every call the same answer, or none. */
async function endpointThat(answers: { status: number; body: string } | "no answer"): Promise<string> {
  const server = createServer((_request, response) => {
    if (answers !== "no answer") response.writeHead(answers.status).end(answers.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("every type of value arrives as a function gets it", async () => {
  const { source, put, shard } = await aStream();
  const bytes = new Uint8Array([0, 255, 128]);
  const values = {
    bytes,
    listOfBytes: new Set([bytes]),
    deep: [{ bytes }],
    none: null,
    yes: true,
    numbers: new Set([1]),
  };
  await put({ id: "é☕", ...values });
  const { records } = await source.read(await source.iterator(shard, "horizon"), 10);
  expect(records.map(({ dynamodb }) => dynamodb?.NewImage)).toEqual([
    {
      id: { S: "é☕" },
      bytes: { B: "AP+A" },
      listOfBytes: { BS: ["AP+A"] },
      deep: { L: [{ M: { bytes: { B: "AP+A" } } }] },
      none: { NULL: true },
      yes: { BOOL: true },
      numbers: { NS: ["1"] },
    },
  ]);
});

test("a page holds no more than the limit, and the next one goes on behind it", async () => {
  const { source, put, shard } = await aStream();
  for (const id of ["one", "two", "three"]) await put({ id });
  const ids = async (iterator = "") => {
    const { records, next } = await source.read(iterator, 2);
    return { ids: records.map(({ dynamodb }) => dynamodb?.Keys?.id?.S), next };
  };
  const first = await ids(await source.iterator(shard, "horizon"));
  expect(first.ids).toEqual(["one", "two"]);
  expect((await ids(first.next)).ids).toEqual(["three"]);
});

test("the user who deleted a row is named as in Lambda's records", async () => {
  const body = { Records: [{ eventName: "REMOVE", userIdentity: { Type: "Service", PrincipalId: "dynamodb" } }] };
  const { source } = await aStream(await endpointThat({ status: 200, body: JSON.stringify(body) }));
  const { records, next } = await source.read("any", 10);
  expect(records[0]?.userIdentity).toEqual({ type: "Service", principalId: "dynamodb" });
  expect(next).toBeUndefined();
});

test("an iterator that means nothing to the endpoint is lost", async () => {
  const { source } = await aStream();
  await expect(source.read("nonsense", 10)).rejects.toThrow(IteratorLostError);
});

test.each(["ExpiredIteratorException", "com.amazonaws.dynamodb.v20120810#ExpiredIteratorException"])(
  "an iterator is lost when the endpoint reports %s",
  async (__type) => {
    const { source } = await aStream(
      await endpointThat({ status: 400, body: JSON.stringify({ __type, message: "old" }) }),
    );
    await expect(source.read("any", 10)).rejects.toThrow(IteratorLostError);
  },
);

test("an endpoint that does not answer, or is gone, is a failure", async () => {
  const silent = await aStream(await endpointThat("no answer"), 50);
  await expect(silent.source.read("any", 10)).rejects.toThrow("GetRecords was not answered in time.");
  const gone = await aStream();
  const iterator = await gone.source.iterator(gone.shard, "horizon");
  await gone.dynoxide.close();
  await expect(gone.source.read(iterator, 10)).rejects.toThrow();
});

test("a page that arrives in pieces is whole, wherever a character of several bytes is cut", async () => {
  const text = "é漢e\u0301\u{1f600}".repeat(50_000);
  const body = JSON.stringify({ Records: [{ eventID: "1", dynamodb: { Keys: { name: { S: text } } } }] });
  const { source } = await aStream(await endpointThat({ status: 200, body }));
  const { records } = await source.read("any", 10);
  expect(records[0]?.dynamodb?.Keys?.name?.S === text).toBe(true);
});
