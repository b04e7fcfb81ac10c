import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { expect, test } from "vitest";
import { openTestShop, useTestAws } from "../test-shop.fixture.ts";
import { stuckItems } from "./stuck.ts";

const aws = useTestAws();
const now = Date.parse("2026-01-31T08:30:00.000Z");
const ago = (seconds: number) => new Date(now - seconds * 1_000).toISOString();

test("items that stay in a passing status for too long are counted, with the oldest", async () => {
  const shop = await openTestShop(aws);
  const put = (id: string, seconds: number, partition: number) =>
    shop.documents.send(
      new PutCommand({
        TableName: shop.table("orders"),
        Item: { id, status: "PENDING", pending: `pending#${partition}`, place: `${ago(seconds)}#${id}` },
      }),
    );
  await put("young", 59, 0);
  const kind = { service: "orders", kind: "order", status: "PENDING", maxSeconds: 60 };
  expect(await stuckItems(shop.shop, now)).toEqual([{ ...kind, count: 0 }]);
  await put("late", 61, 1);
  await put("later", 600, 3);
  expect(await stuckItems(shop.shop, now)).toEqual([{ ...kind, count: 2, oldest: { id: "later", since: ago(600) } }]);
});
