import { TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { describe, expect, test } from "vitest";
import { atEachCall, FakeShop, interruptions } from "../fake-shop.fixture.ts";
import { planReplay } from "../replay/plan-replay.ts";
import { replay } from "../replay/replay.ts";
import type { Shop } from "../shop.ts";
import { dropParked } from "./drop-parked.ts";
import { parkedAggregate } from "./parked-rows.ts";
import { retryParked } from "./retry-parked.ts";

const aggregate = "order#1";

/** Parks commits of an aggregate as the relay does: each row and the marker that names it, in one transaction. */
async function parked(...commits: readonly (readonly string[])[]) {
  const shop = new FakeShop();
  const since = "2026-01-31T08:30:00.000Z";
  for (const [index, texts] of commits.entries()) {
    const version = index + 1;
    const events = await shop.commit(aggregate, version, ...texts);
    const marker = { aggregate, version: 0, upTo: version, since };
    const row = { aggregate, version, events, reason: { code: "InvalidParameter", message: "no" }, parkedAt: since };
    const TransactItems = [marker, row].map((Item) => ({ Put: { TableName: "fake-orders-parked", Item } }));
    await shop.until(shop.documents.send(new TransactWriteCommand({ TransactItems })));
  }
  /** Versions that are still parked; 0 is the marker. */
  const left = () =>
    shop
      .table("orders-parked")
      .sorted()
      .filter((item) => item.aggregate?.S === aggregate)
      .map(({ version }) => Number(version?.N));
  return { shop, left };
}

const drop = (version: number) => async (shop: Shop) => {
  const found = await parkedAggregate(shop, aggregate);
  return found && dropParked(shop, found, version);
};

const retry = (shop: Shop) => retryParked(shop, aggregate);

describe.each(interruptions)("a command of which a call is interrupted (%s)", (how) => {
  test("a retry publishes all that is parked, in order, and lets it flow again in the end", async () => {
    const interrupted = await atEachCall(how, async (interruption) => {
      const { shop, left } = await parked(["a", "b"], ["c"]);
      const first = await shop.operate(retry, interruption);
      expect(first.result ?? {}, "an outage is no refusal").not.toMatchObject({ outcome: "refused" });
      if (first.result === undefined) await shop.operate(retry);
      expect(left()).toEqual([]);
      expect(shop.published(aggregate)).toEqual(["a", "b", "c"]);
      return first.interrupted;
    });
    expect(interrupted).toEqual(expect.arrayContaining(["Publish", "TransactWriteItems", "BatchWriteItem"]));
  });

  test.each([
    [1, ["c", "d"]],
    [2, ["a", "b", "d"]],
    [3, ["a", "b", "c"]],
  ])("a drop takes version %d away, and no other", async (version, rest) => {
    await atEachCall(how, async (interruption) => {
      const { shop, left } = await parked(["a", "b"], ["c"], ["d"]);
      const { interrupted } = await shop.operate(drop(version), interruption);
      if (left().includes(version)) await shop.operate(drop(version));
      expect(left()).toEqual([0, 1, 2, 3].filter((each) => each !== version));
      await shop.operate(retry);
      expect([left(), shop.published(aggregate)]).toEqual([[], rest]);
      return interrupted;
    });
  });

  test("a drop of all there is releases the aggregate in the end, and publishes nothing", async () => {
    await atEachCall(how, async (interruption) => {
      const { shop, left } = await parked(["a"]);
      const { interrupted } = await shop.operate(drop(1), interruption);
      if (left().includes(1)) await shop.operate(drop(1));
      await shop.operate(retry);
      expect([left(), shop.published(aggregate)]).toEqual([[], []]);
      return interrupted;
    });
  });

  test("a replay sends everything, in order, in the end", async () => {
    const interrupted = await atEachCall(how, async (interruption) => {
      const shop = new FakeShop();
      await shop.commit(aggregate, 1, "a", "b");
      await shop.commit(aggregate, 2, "c");
      await shop.commit("order#2", 1, "x");
      const all = { from: 0, to: shop.time.now() + 1 };
      const run = async (each: Shop) => replay(each, await planReplay(each, all));
      const first = await shop.operate(run, interruption);
      if (first.result === undefined) await shop.operate(run);
      expect([shop.published(aggregate), shop.published("order#2")]).toEqual([["a", "b", "c"], ["x"]]);
      return first.interrupted;
    });
    expect(interrupted).toContain("Publish");
  });
});
