import { createApp, createLogger, openApiDocument } from "@doubleshot/service-kit";
import { documentOf, routesOf } from "@doubleshot/service-kit/testing";
import { createAwsClients } from "@doubleshot/topology";
import { afterAll, expect, test } from "vitest";
import { ordersConfig } from "../config.ts";
import { ordersContainer, tokens } from "../orders.module.ts";
import { counters } from "./counter.fixture.ts";

const all = counters();
const nowhere = "http://127.0.0.1:9";
const clients = createAwsClients({ endpoints: { dynamodb: nowhere, sns: nowhere, sqs: nowhere } });
afterAll(() => clients.destroy());

test("what the service shows is a valid OpenAPI 3.1 document", async () => {
  const { url } = await all.open();
  expect((await documentOf(url)).info.title).toBe("Doubleshot orders");
});

test("routes and document are the same", () => {
  const log = createLogger("orders", "silent");
  const apis = ordersContainer({ config: ordersConfig.parse({}), clients, log }).get(tokens.apis);
  const routes = (app: { use: (...routers: never[]) => unknown }) =>
    app.use(...(apis.map(({ router }) => router) as never[]));
  const app = createApp({ name: "orders", log, ready: () => true, routes });
  const { paths } = openApiDocument({ title: "orders", version: "1", apis });
  const described = Object.entries(paths).flatMap(([path, at]) => Object.keys(at).map((method) => `${method} ${path}`));
  const own = routesOf(app).filter((route) => !/ \/(livez|readyz|metrics)$/.test(route));
  expect(own).toEqual(described.sort());
});
