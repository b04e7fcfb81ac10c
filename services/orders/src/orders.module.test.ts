import { createLogger, readConfig } from "@doubleshot/service-kit";
import { createAwsClients, doubleshot } from "@doubleshot/topology";
import { Hints, NoHints, QueueHints } from "@doubleshot/waiting";
import { afterAll, expect, test } from "vitest";
import { ordersConfig } from "./config.ts";
import { ordersContainer, tokens } from "./orders.module.ts";

const clients = createAwsClients({
  endpoints: { dynamodb: "http://127.0.0.1:9", sns: "http://127.0.0.1:9", sqs: "http://127.0.0.1:9" },
});
afterAll(() => clients.destroy());

const containerFor = (env: NodeJS.ProcessEnv) =>
  ordersContainer({ config: readConfig(ordersConfig, env), clients, log: createLogger("orders", "silent") });

test.each(Object.entries(tokens))("%s resolves, to one and the same for the process", (_name, token) => {
  const container = containerFor({});
  const resolved = container.get<unknown>(token);
  expect(resolved).toBeDefined();
  expect(container.get<unknown>(token)).toBe(resolved);
});

test("hints are a switch", () => {
  expect(containerFor({}).get(Hints)).toBeInstanceOf(QueueHints);
  expect(containerFor({ HINTS: "off" }).get(Hints)).toBeInstanceOf(NoHints);
});

test("the handlers and the topology name the same events", () => {
  const { handles } = doubleshot.subscriptions.find(({ queue }) => queue === "orders-subscriber.fifo") ?? {};
  expect(containerFor({}).get(tokens.subscriber).types.toSorted()).toEqual(handles?.toSorted());
});
