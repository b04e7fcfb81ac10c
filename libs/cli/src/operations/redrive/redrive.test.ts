import { GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { LocalAws } from "@doubleshot/local-aws";
import { blockedKey } from "@doubleshot/messaging/operations";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eventually, openTestAws, openTestShop, type TestShop } from "../../test-shop.fixture.ts";
import { deadLetters } from "./dead-letters.ts";
import { redrive } from "./redrive.ts";

let aws: LocalAws;
let shop: TestShop;
beforeAll(async () => {
  aws = await openTestAws();
});
afterAll(() => aws?.close());
beforeEach(async () => {
  shop = await openTestShop(aws);
});

const dead = "barista-subscriber-dead.fifo";
const queue = "barista-subscriber.fifo";

/** Puts events of an aggregate on the bar's queue, as the topic would: one a version, from `first`. */
async function deliver(aggregate: string, first: number, ...texts: string[]): Promise<void> {
  for (const [index, text] of texts.entries()) {
    for (const { json } of await shop.commit(aggregate, first + index, text)) await shop.send(queue, aggregate, json);
  }
}

async function marker(aggregate: string): Promise<Record<string, unknown> | undefined> {
  const Key = { message: blockedKey("barista", aggregate) };
  const read = { TableName: shop.table("barista-inbox"), Key, ConsistentRead: true };
  return (await shop.documents.send(new GetCommand(read))).Item;
}

/** A bar that gives up on these texts, until it is told to take them. */
async function openBar(...bad: string[]) {
  const refused = new Set(bad);
  const bar = await shop.openBar((text) => {
    if (refused.has(text)) throw new Error(`cannot brew ${text}`);
  });
  return Object.assign(bar, {
    repair: (...texts: string[]) =>
      texts.length > 0 ? texts.forEach((text) => void refused.delete(text)) : refused.clear(),
  });
}

/** Five messages of one aggregate of which the second cannot be handled: it and all behind it end up dead. */
async function killOrder(bar: Awaited<ReturnType<typeof openBar>>) {
  await deliver("order#1", 1, "a", "bad", "c", "d", "e");
  await expect.poll(() => shop.depth(dead), eventually).toBe(4);
  expect(bar.texts()).toEqual(["a"]);
}

describe("looking", () => {
  test("shows the first letters, says why they are dead, and leaves them where they are", async () => {
    await using bar = await openBar("bad");
    await killOrder(bar);
    const { letters, total } = await deadLetters(shop.shop);
    expect(total).toBe(4);
    expect(letters[0]).toMatchObject({
      subscriber: "barista",
      aggregate: "order#1",
      type: "OrderPlaced",
      error: "Error: cannot brew bad",
      attempts: 1,
    });
    await expect.poll(async () => (await deadLetters(shop.shop)).letters[0]?.aggregate, eventually).toBe("order#1");
    expect((await deadLetters(shop.shop, { aggregateOrId: "order#2" })).letters).toEqual([]);
  });
});

describe("redriving", () => {
  test("sends everything back in order, and opens the aggregate", async () => {
    await using bar = await openBar("bad");
    await killOrder(bar);
    bar.repair();
    expect(await redrive(shop.shop)).toEqual([
      { subscriber: "barista", aggregate: "order#1", sent: 4, dropped: 0, outcome: "redriven" },
    ]);
    await expect.poll(() => bar.texts(), eventually).toEqual(["a", "bad", "c", "d", "e"]);
    expect(await marker("order#1")).toBeUndefined();
    await deliver("order#1", 6, "f");
    await expect.poll(() => bar.texts().at(-1), eventually).toBe("f");
    expect(await shop.depth(dead)).toBe(0);
  });

  test("only the aggregate asked for; the others' letters stay", async () => {
    await using bar = await openBar("bad", "worse");
    await killOrder(bar);
    await deliver("order#2", 1, "worse");
    await expect.poll(() => shop.depth(dead), eventually).toBe(5);
    bar.repair();
    expect(await redrive(shop.shop, { aggregate: "order#2" })).toMatchObject([{ aggregate: "order#2", sent: 1 }]);
    await expect.poll(() => bar.texts(), eventually).toEqual(["a", "worse"]);
    expect(await shop.depth(dead)).toBe(4);
    expect(await marker("order#1")).toBeDefined();
  });

  test("what fails again is dead again, nothing overtakes it, and the next run sends all in order", async () => {
    await using bar = await openBar("bad");
    await killOrder(bar);
    const [first] = await redrive(shop.shop, { patience: 3_000 });
    // Whether the run notices depends on how soon the bar gives up; what counts is that it is blocked again.
    expect(["failed again", "redriven"]).toContain(first?.outcome);
    await expect.poll(() => shop.depth(dead), eventually).toBe(4);
    await expect
      .poll(async () => (await marker("order#1"))?.error, eventually)
      .toMatchObject({ message: "cannot brew bad" });
    expect(bar.texts()).toEqual(["a"]);
    await deliver("order#1", 6, "f");
    await expect.poll(() => shop.depth(dead), eventually).toBe(5);
    bar.repair();
    expect(await redrive(shop.shop)).toMatchObject([{ outcome: "redriven" }]);
    await expect.poll(() => bar.texts(), eventually).toEqual(["a", "bad", "c", "d", "e", "f"]);
  });

  test("new messages that come while it runs follow behind", async () => {
    await using bar = await openBar("bad");
    await killOrder(bar);
    bar.repair();
    let newOne: Promise<void> | undefined;
    const onSent = () => {
      newOne ??= deliver("order#1", 6, "f");
    };
    expect(await redrive(shop.shop, { onSent, rate: 20 })).toMatchObject([{ outcome: "redriven" }]);
    await newOne;
    await expect.poll(() => bar.texts(), eventually).toEqual(["a", "bad", "c", "d", "e", "f"]);
    expect(await marker("order#1")).toBeUndefined();
  });

  test("a run that died before it could open the aggregate is finished by the next", async () => {
    await using bar = await openBar("bad");
    await killOrder(bar);
    bar.repair();
    const stop = new AbortController();
    let sent = 0;
    const dying = redrive(shop.shop, {
      signal: stop.signal,
      onSent: () => {
        sent += 1;
        if (sent === 4) stop.abort();
      },
    });
    await expect(dying).rejects.toThrow();
    expect(await marker("order#1")).toBeDefined();
    await expect.poll(() => bar.texts(), eventually).toEqual(["a", "bad", "c", "d", "e"]);
    expect(await redrive(shop.shop, { aggregate: "order#1", patience: 100 })).toMatchObject([
      { sent: 0, outcome: "redriven" },
    ]);
    expect(await marker("order#1")).toBeUndefined();
  });

  test("an aggregate whose marker names a letter that is still on its way is not opened", async () => {
    await using bar = await openBar("bad");
    await killOrder(bar);
    bar.repair();
    await shop.documents.send(
      new UpdateCommand({
        TableName: shop.table("barista-inbox"),
        Key: { message: blockedKey("barista", "order#1") },
        UpdateExpression: "SET #upTo = :later",
        ExpressionAttributeNames: { "#upTo": "upTo" },
        ExpressionAttributeValues: { ":later": "99999999999999999999" },
      }),
    );
    await bar.close();
    // Nobody has taken them out of the bar's queue yet: the letter may be among what is there.
    expect(await redrive(shop.shop, { patience: 100 })).toMatchObject([{ sent: 4, outcome: "unfinished" }]);
    expect(await marker("order#1")).toBeDefined();
  });

  test("another run that has taken over is not interfered with", async () => {
    await using bar = await openBar("bad");
    await killOrder(bar);
    await bar.close();
    const takeOver = (args: { sent: number }) =>
      args.sent === 1
        ? shop.documents.send(
            new UpdateCommand({
              TableName: shop.table("barista-inbox"),
              Key: { message: blockedKey("barista", "order#1") },
              UpdateExpression: "SET #redrive = :other",
              ExpressionAttributeNames: { "#redrive": "redrive" },
              ExpressionAttributeValues: { ":other": "another" },
            }),
          )
        : Promise.resolve();
    let sent = 0;
    let taken: Promise<unknown> | undefined;
    const onSent = () => {
      sent += 1;
      taken = takeOver({ sent });
    };
    const results = await redrive(shop.shop, { onSent, rate: 2 });
    await taken;
    expect(results).toMatchObject([{ outcome: "failed again", reason: "another run has taken it over" }]);
    expect(await marker("order#1")).toMatchObject({ redrive: "another" });
  });

  test("what SNS could not deliver goes to the queue it was meant for", async () => {
    await using bar = await openBar();
    const events = [...(await shop.commit("order#1", 1, "a")), ...(await shop.commit("order#1", 2, "b"))];
    for (const { json } of events) await shop.send("barista-subscriber-undelivered.fifo", "order#1", json);
    expect((await deadLetters(shop.shop)).letters).toMatchObject([{ from: "undelivered" }]);
    await expect.poll(() => redrive(shop.shop, { from: "undelivered" }), eventually).toMatchObject([{ sent: 2 }]);
    await expect.poll(() => bar.texts(), eventually).toEqual(["a", "b"]);
  });

  test("what SNS could not deliver of a blocked aggregate follows behind its letters, and opens nothing", async () => {
    await using bar = await openBar("bad");
    await killOrder(bar);
    for (const { json } of await shop.commit("order#1", 6, "f")) {
      await shop.send("barista-subscriber-undelivered.fifo", "order#1", json);
    }
    const blocked = await marker("order#1");
    expect(await redrive(shop.shop, { from: "undelivered", aggregate: "order#1", patience: 1_000 })).toMatchObject([
      { sent: 1, outcome: "redriven" },
    ]);
    await expect.poll(() => shop.depth(dead), eventually).toBe(5);
    expect(await marker("order#1")).toEqual({ ...blocked, upTo: expect.any(String) });
    bar.repair();
    expect(await redrive(shop.shop)).toMatchObject([{ sent: 5, outcome: "redriven" }]);
    await expect.poll(() => bar.texts(), eventually).toEqual(["a", "bad", "c", "d", "e", "f"]);
  });

  test("a letter that can never be handled is dropped, and what stood behind it is handled", async () => {
    await using bar = await openBar();
    await shop.send(queue, "order#1", "nonsense");
    await deliver("order#1", 1, "a", "b");
    await expect.poll(() => shop.depth(dead), eventually).toBe(3);
    const { letters } = await deadLetters(shop.shop);
    expect(letters[0]).toMatchObject({ type: "", error: expect.stringContaining("UnreadableMessage") });
    const drop = letters.map(({ id }) => id);
    expect(await redrive(shop.shop, { drop })).toMatchObject([{ sent: 2, dropped: 1, outcome: "redriven" }]);
    await expect.poll(() => bar.texts(), eventually).toEqual(["a", "b"]);
    expect(await marker("order#1")).toBeUndefined();
  });

  test("what dies again after its aggregate was opened, and before the run ends, is reported", async () => {
    await using bar = await openBar("bad", "worse");
    await killOrder(bar);
    bar.repair("bad");
    let opened = false;
    const watched = shop.after(aws, async () => {
      if (opened || (await marker("order#1")) !== undefined) return;
      opened = true;
      await deliver("order#1", 6, "worse");
      await expect.poll(() => marker("order#1"), eventually).toBeDefined();
    });
    const [result] = await redrive(watched);
    expect(opened).toBe(true);
    expect(result).toMatchObject({ sent: 4, outcome: "failed again", reason: "Error: cannot brew worse" });
  });

  test("nothing dead, nothing done", async () => {
    expect(await redrive(shop.shop)).toEqual([]);
  });
});
