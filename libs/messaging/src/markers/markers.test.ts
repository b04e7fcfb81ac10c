import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import type { BatchGetCommandInput } from "@aws-sdk/lib-dynamodb";
import { DeleteCommand, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { beforeEach, describe, expect, test } from "vitest";
import { manualClock } from "../../test/fixtures/manual-clock.fixture.ts";
import { FakeAws } from "../testing/index.ts";
import { Markers } from "./markers.ts";

const table = "markers";
const index = { id: "the index" };
const key = (id: string) => ({ id });

let aws: FakeAws;
let manual: ReturnType<typeof manualClock>;
beforeEach(() => {
  aws = new FakeAws({ tables: { [table]: { key: { partition: { name: "id", type: "S" } } } } });
  manual = manualClock();
});

/** The markers of one process, and the number of keys in each of its reads. */
function reader() {
  const { documents: client } = aws.clients();
  const reads: number[] = [];
  /** Number of batch reads that DynamoDB leaves incomplete next. */
  const unprocessed = { next: 0 };
  client.middlewareStack.add(
    (next) => async (args) => {
      const { RequestItems } = args.input as Partial<BatchGetCommandInput>;
      const batch = RequestItems?.[table];
      if (batch === undefined) return next(args);
      expect(batch.ConsistentRead).toBe(true);
      reads.push(batch.Keys?.length ?? 0);
      if (unprocessed.next > 0) {
        unprocessed.next -= 1;
        return { response: {}, output: { $metadata: {}, Responses: {}, UnprocessedKeys: RequestItems } } as never;
      }
      return next(args);
    },
    { step: "initialize", priority: "high" },
  );
  const markers = new Markers({ client, table, name: "id", index, clock: manual.clock });
  return { markers, reads, unprocessed };
}

const conditionOn = (ConditionExpression: string) => ({
  ConditionExpression,
  ExpressionAttributeNames: { "#id": "id" },
});

async function create({ markers }: Pick<ReturnType<typeof reader>, "markers">, id: string): Promise<boolean> {
  const Put = { TableName: table, Item: key(id), ...conditionOn("attribute_not_exists(#id)") };
  return (await markers.create(key(id), [{ Put }])).written;
}

const remove = ({ markers }: ReturnType<typeof reader>, id: string) =>
  markers.remove({ TableName: table, Key: key(id), ...conditionOn("attribute_exists(#id)") });

/** The names in the index, and its count of further markers. */
async function entered(): Promise<{ names: string[]; others: unknown }> {
  const { Item } = await aws.clients().documents.send(new GetCommand({ TableName: table, Key: index }));
  return { names: [...(Item?.names ?? [])], others: Item?.count ?? 0 };
}

const editIndex = (attributes: Record<string, unknown>) =>
  aws.clients().documents.send(new PutCommand({ TableName: table, Item: { ...index, ...attributes } }));

/** The maximum of names in an index. */
const many = Array.from({ length: 20 }, (_, n) => `n${n}`);

const ids = async ({ markers }: ReturnType<typeof reader>, ...wanted: string[]) =>
  (await markers.among(wanted.map(key))).map(({ id }) => id);

test("while there is no marker, each check is one read of one item, and the next check reads again", async () => {
  const { markers, reads } = reader();
  for (let look = 0; look < 3; look++) expect(await markers.among([key("a"), key("b")])).toEqual([]);
  expect(await markers.present([key("a")])).toEqual([]);
  expect(reads).toEqual([1, 1, 1, 1]);
});

test("without a key, nothing is read", async () => {
  const { markers, reads } = reader();
  expect([...(await markers.among([])), ...(await markers.present([]))]).toEqual([]);
  expect(reads).toEqual([]);
});

test("a marker is found by the first read after its commit, in every process, however lately that process has read", async () => {
  const [one, other] = [reader(), reader()];
  expect(await ids(other, "a")).toEqual([]);
  await create(one, "a");
  expect(await ids(other, "a", "b")).toEqual(["a"]);
  expect(await other.markers.present([key("b"), key("a")])).toEqual([key("a")]);
  await remove(one, "a");
  expect(await ids(other, "a")).toEqual([]);
  expect(await other.markers.present([key("a")])).toEqual([]);
});

test("others' transactions on the index are waited for, for as long as it takes", async () => {
  const { documents: client } = aws.clients();
  const conflict = new TransactionCanceledException({
    message: "cancelled",
    $metadata: {},
    CancellationReasons: [{ Code: "None" }, { Code: "TransactionConflict" }],
  });
  let conflicts = 100;
  client.middlewareStack.add(
    (next) => async (args) => {
      if (conflicts === 0) return next(args);
      conflicts -= 1;
      throw conflict;
    },
    { step: "initialize", priority: "high" },
  );
  manual.clock.random = () => 1;
  expect(await create({ markers: new Markers({ client, table, name: "id", index, clock: manual.clock }) }, "a")).toBe(
    true,
  );
  expect(manual.sleptMs()).toBeGreaterThan(60_000);
  expect(await entered()).toEqual({ names: ["a"], others: 0 });
});

test.each(["a failure", "a signal"])("%s ends the wait for others' transactions", async (end) => {
  const { documents: client } = aws.clients();
  const given = new AbortController();
  const Code = end === "a failure" ? "ValidationError" : "TransactionConflict";
  const cancelled = { message: "cancelled", $metadata: {}, CancellationReasons: [{ Code }] };
  client.middlewareStack.add(
    () => async () => {
      if (end === "a signal") given.abort();
      throw new TransactionCanceledException(cancelled);
    },
    { step: "initialize", priority: "high" },
  );
  const markers = new Markers({ client, table, name: "id", index, clock: manual.clock });
  await expect(markers.change([], given.signal)).rejects.toThrow("cancelled");
});

describe("the index", () => {
  test("names what is created until it is removed, once each", async () => {
    const one = reader();
    expect([await create(one, "a"), await create(one, "b"), await create(one, "a")]).toEqual([true, true, false]);
    expect(await entered()).toEqual({ names: ["a", "b"], others: 0 });
    expect([await remove(one, "a"), await remove(one, "a")]).toEqual([true, false]);
    expect(await entered()).toEqual({ names: ["b"], others: 0 });
    expect(await remove(one, "b")).toBe(true);
    expect(await entered()).toEqual({ names: [], others: 0 });
  });

  test("counts those it has no room to name", async () => {
    const one = reader();
    for (const id of many) await create(one, id);
    expect([await create(one, "a"), await create(one, "a"), await create(one, "b")]).toEqual([true, false, true]);
    expect(await entered()).toEqual({ names: many, others: 2 });
    expect([await remove(one, "n0"), await remove(one, "a"), await remove(one, "a")]).toEqual([true, true, false]);
    expect(await entered()).toEqual({ names: many.slice(1), others: 1 });
    await create(one, "a");
    expect(await entered()).toEqual({ names: [...many.slice(1), "a"], others: 1 });
  });

  test("spares the read of every marker but those it names, and tells alone which exist", async () => {
    const one = reader();
    await create(one, "a");
    const wanted = Array.from({ length: 100 }, (_, n) => `m${n}`);
    expect(await ids(one, ...wanted)).toEqual([]);
    expect(one.reads).toEqual([1]);
    expect(await ids(one, ...wanted, "a")).toEqual(["a"]);
    expect(one.reads).toEqual([1, 1, 1]);
    expect(await one.markers.present([...wanted, "a"].map(key))).toEqual([key("a")]);
    expect(one.reads).toEqual([1, 1, 1, 1]);
  });

  test("sends readers to every marker while it does not name them all, a hundred keys a call", async () => {
    const one = reader();
    for (const id of [...many, "a"]) await create(one, id);
    const wanted = Array.from({ length: 100 }, (_, n) => `m${n}`);
    expect(await ids(one, ...wanted, "a")).toEqual(["a"]);
    expect(await one.markers.present([...wanted, "a"].map(key))).toEqual([key("a")]);
    expect(one.reads).toEqual([1, 100, 1, 1, 100, 1]);
    await remove(one, "a");
    await ids(one, "a");
    expect(one.reads.slice(6)).toEqual([1]);
  });
});

describe("the index, damaged or incomplete", () => {
  test("is asked again, after a pause that grows, for what a read leaves unprocessed", async () => {
    const { markers, unprocessed } = reader();
    await create({ markers }, "a");
    const pauses: number[] = [];
    const { sleep } = manual.clock;
    manual.clock.sleep = (milliseconds) => {
      pauses.push(milliseconds);
      return sleep(milliseconds);
    };
    manual.clock.random = () => 1;
    unprocessed.next = 3;
    expect(await markers.among([key("a"), key("b")])).toEqual([{ id: "a" }]);
    expect(pauses).toEqual([20, 40, 80]);
  });

  test("when somebody has deleted it, names the next marker alone, and none is kept from being removed", async () => {
    const one = reader();
    await create(one, "a");
    await aws.clients().documents.send(new DeleteCommand({ TableName: table, Key: index }));
    expect(await ids(one, "a")).toEqual([]);
    await create(one, "b");
    expect(await ids(one, "a", "b")).toEqual(["b"]);
    expect([await remove(one, "a"), await remove(one, "b")]).toEqual([true, true]);
    expect(await entered()).toEqual({ names: [], others: 0 });
  });

  test.each([{ names: "a" }, { names: ["b"] }, { count: "one" }])(
    "edited by hand into %o, sends readers to every marker",
    async (edited) => {
      const one = reader();
      await create(one, "a");
      await editIndex(edited);
      expect(await ids(one, "a", "b")).toEqual(["a"]);
    },
  );

  test("keeps no marker from being removed whose count somebody has made no number", async () => {
    const one = reader();
    await create(one, "a");
    await editIndex({ count: "one" });
    expect([await remove(one, "a"), await remove(one, "a")]).toEqual([true, false]);
    expect(await entered()).toEqual({ names: [], others: 0 });
  });
});

describe("an index that was edited into nonsense", () => {
  const nonsense: [string, Record<string, unknown>][] = [
    ...[5, true, null, "a", ["a"], { a: 1 }, new Set([1])].map((names): [string, Record<string, unknown>] => [
      `names: ${JSON.stringify(names)}`,
      { names },
    ]),
    ["count: a text", { count: "x" }],
    ["count: a text, and no room for names", { names: new Set(many), count: "x" }],
    ["count: below 0", { count: -3 }],
    ["count: below 0, and no room for names", { names: new Set(many), count: -3 }],
  ];

  test.each(nonsense)("%s: markers come, are seen, and go", async (_edited, attributes) => {
    await editIndex(attributes);
    const [one, other] = [reader(), reader()];
    expect([await create(one, "a"), await create(one, "b")]).toEqual([true, true]);
    expect((await ids(other, "a", "b", "c")).sort()).toEqual(["a", "b"]);
    expect([await remove(one, "a"), await remove(one, "a")]).toEqual([true, false]);
    expect(await ids(reader(), "a", "b")).toEqual(["b"]);
  });
});
