import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { expect, test } from "vitest";
import { lampShop } from "./lamps.fixture.ts";
import { isSameRequest, RequestKeys } from "./request-keys.ts";

const { client } = lampShop();
const keys = new RequestKeys(client, "lamps-requests");
const now = new Date("2026-01-31T00:00:00.000Z");

test("a key is bound for a day, and only if no other request has bound it", () => {
  const write = keys.bind("address:127.0.0.1#k-1", {
    result: { orderId: "order-1" },
    request: [["americano", 1]],
    now,
  });
  expect(write).toMatchInlineSnapshot(`
    {
      "Put": {
        "ConditionExpression": "attribute_not_exists(#key)",
        "ExpressionAttributeNames": {
          "#key": "key",
        },
        "Item": {
          "expiresAt": 1769904000,
          "hash": "A-q_m-wIbprEglropZ0s4QcA6Vy0C2dpOW1KGoi8BAk",
          "key": "address:127.0.0.1#k-1",
          "orderId": "order-1",
        },
        "TableName": "lamps-requests",
      },
    }
  `);
});

test("a key without a request to compare has no hash", () => {
  expect(keys.bind("claim#t-1", { result: { orderId: "order-1" }, now }).Put?.Item).toMatchInlineSnapshot(`
    {
      "expiresAt": 1769904000,
      "key": "claim#t-1",
      "orderId": "order-1",
    }
  `);
});

test("a bound key is found with its result and its request", async () => {
  const { Put } = keys.bind("k-1", { result: { orderId: "order-1" }, request: ["a", undefined], now });
  expect(await keys.find("k-1")).toBeUndefined();
  await client.send(new PutCommand({ ...Put, TableName: "lamps-requests", Item: Put?.Item }));
  const row = await keys.find("k-1");
  expect(row).toHaveProperty("orderId", "order-1");
  expect(isSameRequest(row ?? {}, ["a", undefined])).toBe(true);
  expect(isSameRequest(row ?? {}, [undefined, "a"])).toBe(false);
});
