import { GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { blockedKey } from "@doubleshot/messaging/operations";
import { beforeEach, expect } from "vitest";
import { eventually, openTestShop, type TestShop, useTestAws } from "../test-shop.fixture.ts";

export const dead = "barista-subscriber-dead.fifo";
export const undelivered = "barista-subscriber-undelivered.fifo";
export const queue = "barista-subscriber.fifo";

/** A shop for each test, whose bar gives messages up. */
export function useDeadOrders() {
  const aws = useTestAws();
  let shop: TestShop;
  beforeEach(async () => {
    shop = await openTestShop(aws);
  });

  /** Puts events of an aggregate on the bar's queue, as the topic would: one a version, from `first`. */
  async function deliver(aggregate: string, first: number, ...texts: string[]): Promise<void> {
    for (const [index, text] of texts.entries()) {
      for (const { json } of await shop.commit(aggregate, first + index, text)) await shop.send(queue, aggregate, json);
    }
  }

  const markerAt = (aggregate: string) => ({
    TableName: shop.table("barista-inbox"),
    Key: { message: blockedKey("barista", aggregate) },
  });

  async function marker(aggregate: string): Promise<Record<string, unknown> | undefined> {
    const read = new GetCommand({ ...markerAt(aggregate), ConsistentRead: true });
    return (await shop.documents.send(read)).Item;
  }

  async function changeMarker(aggregate: string, attribute: "redrive" | "upTo", value: string): Promise<void> {
    await shop.documents.send(
      new UpdateCommand({
        ...markerAt(aggregate),
        UpdateExpression: "SET #attribute = :value",
        ExpressionAttributeNames: { "#attribute": attribute },
        ExpressionAttributeValues: { ":value": value },
      }),
    );
  }

  /** A bar that gives up on these texts until it is repaired. */
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

  /** Delivers five messages of one aggregate. The bar cannot handle the second, so it and all behind it end up dead. */
  async function killOrder(bar: Awaited<ReturnType<typeof openBar>>): Promise<void> {
    await deliver("order#1", 1, "a", "bad", "c", "d", "e");
    await expect.poll(() => shop.depth(dead), eventually).toBe(4);
    expect(bar.texts()).toEqual(["a"]);
  }

  return { aws, shop: () => shop, deliver, marker, changeMarker, openBar, killOrder };
}
