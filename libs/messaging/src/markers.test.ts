import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import type { BatchGetCommandInput } from "@aws-sdk/lib-dynamodb";
import { DeleteCommand, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { beforeEach, describe, expect, test } from "vitest";
import { handClock } from "./hand-clock.fixture.ts";
import { Markers } from "./markers.ts";
import { FakeAws } from "./testing/index.ts";

const table = "markers";
const tally = { id: "the tally" };
const key = (id: string) => ({ id });

let aws: FakeAws;
let hand: ReturnType<typeof handClock>;
beforeEach(() => {
  aws = new FakeAws({ tables: { [table]: { key: { partition: { name: "id", type: "S" } } } } });
  hand = handClock();
});

/** The markers as one process sees them, and how many keys each of its reads asked about. */
function onlooker() {
  const { documents: client } = aws.clients();
  const reads: number[] = [];
  /** How many of the next reads DynamoDB leaves undone. */
  const unprocessed = { next: 0 };
  /** What the answers to the next reads wait for. */
  const held: Promise<void>[] = [];
  client.middlewareStack.add(
    (next) => async (args) => {
      const { RequestItems } = args.input as Partial<BatchGetCommandInput>;
      if (RequestItems === undefined) return next(args);
      reads.push(RequestItems[table]?.Keys?.length ?? 0);
      if (unprocessed.next > 0) {
        unprocessed.next -= 1;
        return { response: {}, output: { $metadata: {}, Responses: {}, UnprocessedKeys: RequestItems } } as never;
      }
      const answer = await next(args);
      await held.shift();
      return answer;
    },
    { step: "initialize", priority: "high" },
  );
  const markers = new Markers({ client, table, name: "id", tally, clock: hand.clock });
  return { markers, reads, unprocessed, held };
}

function later(): [Promise<void>, () => void] {
  let arrive = () => {};
  const late = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  return [late, () => arrive()];
}

const conditionOn = (ConditionExpression: string) => ({
  ConditionExpression,
  ExpressionAttributeNames: { "#id": "id" },
});

async function create({ markers }: Pick<ReturnType<typeof onlooker>, "markers">, id: string): Promise<boolean> {
  const Put = { TableName: table, Item: key(id), ...conditionOn("attribute_not_exists(#id)") };
  return (await markers.create(key(id), [{ Put }])).written;
}

const remove = ({ markers }: ReturnType<typeof onlooker>, id: string) =>
  markers.remove({ TableName: table, Key: key(id), ...conditionOn("attribute_exists(#id)") });

/** The names that the tally holds, and how many markers it counts beside them. */
async function entered(): Promise<{ names: string[]; others: unknown }> {
  const { Item } = await aws.clients().documents.send(new GetCommand({ TableName: table, Key: tally }));
  return { names: [...(Item?.names ?? [])], others: Item?.count ?? 0 };
}

const editTally = (attributes: Record<string, unknown>) =>
  aws.clients().documents.send(new PutCommand({ TableName: table, Item: { ...tally, ...attributes } }));

/** As many as a tally names. */
const many = Array.from({ length: 20 }, (_, n) => `n${n}`);

const ids = async ({ markers }: ReturnType<typeof onlooker>, ...wanted: string[]) =>
  (await markers.among(wanted.map(key))).map(({ id }) => id);

describe("in calm", () => {
  test("one read of one item tells of all markers, and for a second", async () => {
    const { markers, reads } = onlooker();
    for (let look = 0; look < 3; look++) expect(await markers.among([key("a"), key("b")])).toEqual([]);
    expect(reads).toEqual([1]);
  });

  test.each([{ wall: 1_000 }, { monotonic: 1_000 }])("it is read again when %o has passed", async (passed) => {
    const { markers, reads } = onlooker();
    await markers.among([key("a")]);
    hand.moveOn(passed);
    await markers.among([key("a")]);
    expect(reads).toEqual([1, 1]);
  });

  test("who looks ahead reads before the second is over, once, and so never later", async () => {
    const { markers, reads } = onlooker();
    await markers.among([key("a")]);
    markers.lookAhead();
    expect(reads).toEqual([1]);
    hand.moveOn({ wall: 600, monotonic: 600 });
    for (let look = 0; look < 3; look++) markers.lookAhead();
    await expect.poll(() => reads).toEqual([1, 1]);
    await new Promise(setImmediate);
    hand.moveOn({ wall: 600, monotonic: 600 });
    await markers.among([key("a")]);
    expect(reads).toEqual([1, 1]);
  });

  test("nobody looks ahead whose last look is long past", async () => {
    const { markers, reads } = onlooker();
    await markers.among([key("a")]);
    hand.moveOn({ wall: 1_500 });
    markers.lookAhead();
    await new Promise(setImmediate);
    expect(reads).toEqual([1]);
  });
});

describe("a new marker", () => {
  test("is seen by those who relied on calm when its creator has waited", async () => {
    const [one, other] = [onlooker(), onlooker()];
    await ids(other, "a");
    await create(one, "a");
    expect(await ids(other, "a")).toEqual([]);
    expect(await one.markers.seenByAll([key("a")])).toBe(true);
    expect(await ids(other, "a", "b")).toEqual(["a"]);
  });

  test("is waited for also by who only came upon it", async () => {
    const [one, other, third] = [onlooker(), onlooker(), onlooker()];
    await ids(other, "a");
    await create(one, "a");
    expect(await ids(third, "a")).toEqual(["a"]);
    await third.markers.seenByAll([key("a")]);
    expect(await ids(other, "a")).toEqual(["a"]);
  });

  test("is not forgotten for the answer to an earlier read, which comes late", async () => {
    const one = onlooker();
    const [late, answer] = later();
    one.held.push(late);
    const early = ids(one, "a");
    await expect.poll(() => one.held).toEqual([]);
    hand.moveOn({ wall: 10, monotonic: 10 });
    await create(one, "a");
    expect(await ids(one, "a")).toEqual(["a"]);
    answer();
    await early;
    expect(await ids(one, "a")).toEqual(["a"]);
  });

  test("need not be waited for again, while others come", async () => {
    const one = onlooker();
    await create(one, "a");
    await one.markers.seenByAll([key("a")]);
    const before = hand.slept();
    await create(one, "b");
    await one.markers.seenByAll([key("a")]);
    expect(hand.slept()).toBe(before);
    await one.markers.seenByAll([key("a"), key("b")]);
    expect(hand.slept()).toBeGreaterThan(before);
  });

  test.each([{ there: [] }, { there: ["b"] }, { there: many }])(
    "has to be waited for again when it was away in between, whoever saw it, with $there.length others there",
    async ({ there }) => {
      const [one, other] = [onlooker(), onlooker()];
      for (const id of [...there, "a"]) await create(one, id);
      await one.markers.seenByAll([key("a")]);
      await remove(other, "a");
      await ids(other, "a");
      await create(other, "a");
      await one.markers.seenByAll([key("a")]);
      expect(await ids(other, "a")).toEqual(["a"]);
    },
  );

  test("need not be waited for where others were seen for long enough that the tally does not name", async () => {
    const one = onlooker();
    for (const id of [...many, "a"]) await create(one, id);
    await one.markers.seenByAll([key("a")]);
    const before = hand.slept();
    await create(one, "b");
    await one.markers.seenByAll([key("b")]);
    expect(hand.slept()).toBe(before);
  });

  test("is not waited for any longer when the signal fires", async () => {
    const one = onlooker();
    await create(one, "a");
    const out = new AbortController();
    hand.clock.sleep = async () => out.abort();
    expect(await one.markers.seenByAll([key("a")], out.signal)).toBe(false);
  });
});

test("others' transactions on the tally are waited for, for as long as it takes", async () => {
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
  hand.clock.random = () => 1;
  expect(await create({ markers: new Markers({ client, table, name: "id", tally, clock: hand.clock }) }, "a")).toBe(
    true,
  );
  expect(hand.slept()).toBeGreaterThan(60_000);
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
  const markers = new Markers({ client, table, name: "id", tally, clock: hand.clock });
  await expect(markers.change([], given.signal)).rejects.toThrow("cancelled");
});

describe("the tally", () => {
  test("names what is created until it is removed, once each", async () => {
    const one = onlooker();
    expect([await create(one, "a"), await create(one, "b"), await create(one, "a")]).toEqual([true, true, false]);
    expect(await entered()).toEqual({ names: ["a", "b"], others: 0 });
    expect([await remove(one, "a"), await remove(one, "a")]).toEqual([true, false]);
    expect(await entered()).toEqual({ names: ["b"], others: 0 });
    expect(await remove(one, "b")).toBe(true);
    expect(await entered()).toEqual({ names: [], others: 0 });
  });

  test("counts those it has no room to name", async () => {
    const one = onlooker();
    for (const id of many) await create(one, id);
    expect([await create(one, "a"), await create(one, "a"), await create(one, "b")]).toEqual([true, false, true]);
    expect(await entered()).toEqual({ names: many, others: 2 });
    expect([await remove(one, "n0"), await remove(one, "a"), await remove(one, "a")]).toEqual([true, true, false]);
    expect(await entered()).toEqual({ names: many.slice(1), others: 1 });
    await create(one, "a");
    expect(await entered()).toEqual({ names: [...many.slice(1), "a"], others: 1 });
  });

  test("spares the look for all markers but those it names, for a second", async () => {
    const one = onlooker();
    await create(one, "a");
    const wanted = Array.from({ length: 100 }, (_, n) => `m${n}`);
    for (let look = 0; look < 3; look++) expect(await ids(one, ...wanted)).toEqual([]);
    expect(one.reads).toEqual([1]);
    expect(await ids(one, ...wanted, "a")).toEqual(["a"]);
    expect(one.reads).toEqual([1, 2]);
    hand.moveOn({ monotonic: 1_000 });
    await ids(one, ...wanted);
    expect(one.reads).toEqual([1, 2, 1]);
  });

  test("is asked beside all markers where it does not name them all, a hundred keys a call", async () => {
    const one = onlooker();
    for (const id of [...many, "a"]) await create(one, id);
    const wanted = Array.from({ length: 100 }, (_, n) => `m${n}`);
    await ids(one, ...wanted);
    expect(await ids(one, ...wanted, "a")).toEqual(["a"]);
    hand.moveOn({ wall: 1_000 });
    await ids(one, ...wanted);
    expect(one.reads).toEqual([1, 100, 1, 100, 2, 100, 1]);
    await remove(one, "a");
    await ids(one, "a");
    await ids(one, "a");
    expect(one.reads.slice(7)).toEqual([2]);
  });

  test("is asked again, after a pause that grows, for what a read leaves unprocessed", async () => {
    const { markers, unprocessed } = onlooker();
    await create({ markers }, "a");
    const pauses: number[] = [];
    const { sleep } = hand.clock;
    hand.clock.sleep = (milliseconds) => {
      pauses.push(milliseconds);
      return sleep(milliseconds);
    };
    hand.clock.random = () => 1;
    unprocessed.next = 3;
    expect(await markers.among([key("a"), key("b")])).toEqual([{ id: "a" }]);
    expect(pauses).toEqual([20, 40, 80]);
  });

  test("when somebody has deleted it, names the next marker alone, and none is kept from being removed", async () => {
    const one = onlooker();
    await create(one, "a");
    await aws.clients().documents.send(new DeleteCommand({ TableName: table, Key: tally }));
    expect(await ids(one, "a")).toEqual([]);
    await create(one, "b");
    hand.moveOn({ wall: 1_000 });
    expect(await ids(one, "a", "b")).toEqual(["b"]);
    expect([await remove(one, "a"), await remove(one, "b")]).toEqual([true, true]);
    expect(await entered()).toEqual({ names: [], others: 0 });
  });

  test.each([{ names: "a" }, { names: ["b"] }, { count: "one" }])(
    "edited by hand into %o, is taken for one that does not name all",
    async (edited) => {
      const one = onlooker();
      await create(one, "a");
      await editTally(edited);
      expect(await ids(one, "a", "b")).toEqual(["a"]);
    },
  );

  test("keeps no marker from being removed whose count somebody has made no number", async () => {
    const one = onlooker();
    await create(one, "a");
    await editTally({ count: "one" });
    expect([await remove(one, "a"), await remove(one, "a")]).toEqual([true, false]);
    expect(await entered()).toEqual({ names: [], others: 0 });
  });
});

describe("a tally that was edited into nonsense", () => {
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
    await editTally(attributes);
    const [one, other] = [onlooker(), onlooker()];
    expect([await create(one, "a"), await create(one, "b")]).toEqual([true, true]);
    expect((await ids(other, "a", "b", "c")).sort()).toEqual(["a", "b"]);
    expect([await remove(one, "a"), await remove(one, "a")]).toEqual([true, false]);
    expect(await ids(onlooker(), "a", "b")).toEqual(["b"]);
  });
});
