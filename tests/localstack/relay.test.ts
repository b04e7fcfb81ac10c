import { DeleteTableCommand } from "@aws-sdk/client-dynamodb";
import { DeleteEventSourceMappingCommand, UpdateEventSourceMappingCommand } from "@aws-sdk/client-lambda";
import { DeleteTopicCommand } from "@aws-sdk/client-sns";
import { topicArn } from "@doubleshot/topology";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DeployedOrders } from "./deployed-orders.fixture.ts";

let orders: DeployedOrders;
beforeAll(async () => {
  orders = new DeployedOrders("relay");
  await orders.provision();
});
afterAll(() => orders?.[Symbol.dispose]());

async function mapping() {
  const [first, ...others] = await orders.mappings();
  expect(others).toEqual([]);
  return first ?? expect.fail("The relay has no mapping.");
}

test("the relay is deployed once, also by two runs at once, and publishes what is committed", async () => {
  await Promise.all([orders.deploy(), orders.deploy()]);
  expect(await orders.deploy()).toEqual({ function: "there", mapping: "there" });
  await orders.commit("first");
  expect(await orders.received()).toBe("first");
});

test("a relay with older code is updated, and publishes on", async () => {
  expect(await orders.deploy("// older")).toEqual({ function: "changed", mapping: "there" });
  expect(await orders.deploy()).toEqual({ function: "changed", mapping: "there" });
  await orders.commit("after the update");
  expect(await orders.received()).toBe("after the update");
});

test("a deployment that was cut off before its mapping is completed by the next one", async () => {
  const { UUID } = await mapping();
  await orders.lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
  await expect.poll(() => orders.mappings()).toEqual([]);
  expect(await orders.deploy()).toEqual({ function: "there", mapping: "made" });
});

test("a deployment leaves a mapping disabled that an operator has disabled", async () => {
  const { UUID } = await mapping();
  await orders.lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
  await expect.poll(async () => (await mapping()).State).toBe("Disabled");
  expect(await orders.deploy()).toEqual({ function: "there", mapping: "there" });
  expect((await mapping()).State).toBe("Disabled");
  await orders.commit("meanwhile");
  await orders.lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: true }));
  expect(await orders.received()).toBe("meanwhile");
});

test("an event that is committed while the topic is missing is published once it is there", async () => {
  const TopicArn = await topicArn(orders.clients, orders.shop, orders.topic);
  await orders.clients.sns.send(new DeleteTopicCommand({ TopicArn }));
  await orders.commit("during the outage");
  await orders.provision();
  expect(await orders.received()).toBe("during the outage");
});

test("a mapping follows the stream of a table that was made again", async () => {
  await orders.clients.dynamodb.send(new DeleteTableCommand({ TableName: orders.outbox }));
  await orders.provision();
  expect(await orders.deploy()).toEqual({ function: "there", mapping: "changed" });
  await orders.commit("in the new table");
  expect(await orders.received()).toBe("in the new table");
});
