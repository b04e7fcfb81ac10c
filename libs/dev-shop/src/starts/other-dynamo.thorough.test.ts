import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { startLocalAws } from "@doubleshot/local-aws";
import { expect, test } from "vitest";
import { placeOrder, useStarts } from "./start.fixture.ts";

const { place, start } = useStarts();

test("without dynoxide, the shop opens on the DynamoDB that the environment names", async () => {
  await using other = await startLocalAws();
  const hook = new URL("../../../local-aws/src/no-dynoxide.fixture.js", import.meta.url);
  const shop = start({
    env: {
      NODE_OPTIONS: `--import=${hook}`,
      DYNOXIDE: "",
      PATH: "/usr/bin:/bin",
      AWS_ENDPOINT_URL_DYNAMODB: other.endpoints.dynamodb,
      SHOP: "elsewhere",
    },
  });
  await shop.open();
  const { id } = await placeOrder(`http://127.0.0.1:${place.ports.orders}`);
  const Key = { id: { S: id } };
  const { Item } = await other.clients.dynamodb.send(new GetItemCommand({ TableName: "elsewhere-orders", Key }));
  expect(Item).toMatchObject(Key);
  shop.child.kill("SIGINT");
  expect((await shop.ended)[0]).toBe(0);
});
