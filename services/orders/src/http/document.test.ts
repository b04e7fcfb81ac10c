import { createApp, createLogger, openApiDocument } from "@doubleshot/service-kit";
import { documentOf, routesOf } from "@doubleshot/service-kit/testing";
import { createAwsClients } from "@doubleshot/topology";
import { afterAll, expect, test } from "vitest";
import { ordersConfig } from "../config.ts";
import { ordersContainer, tokens } from "../orders.module.ts";
import { keyHeaderPattern } from "../place-order/idempotency-key.ts";
import { counters } from "./counter.fixture.ts";
import { toCursor } from "./cursor.ts";

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

test("generated clients learn what an Idempotency-Key and a cursor look like, as the service enforces it", async () => {
  const { url } = await all.open();
  const { paths } = await documentOf(url);
  const patternOf = (operation: unknown, name: string) =>
    (operation as { parameters: { name: string; schema: { pattern?: string } }[] }).parameters.find(
      (parameter) => parameter.name === name,
    )?.schema.pattern;
  for (const path of ["/orders", "/order"]) {
    expect(patternOf(paths[path]?.post, "Idempotency-Key")).toBe(keyHeaderPattern.source);
  }
  const cursor = new RegExp(patternOf(paths["/orders"]?.get, "cursor") ?? "none");
  for (const place of ["2026-01-31T~", "2026-01-31T08:30:00.000Z#01a1fc6f-67fa-72ac-a3ff-000000000002"]) {
    expect(toCursor(place)).toMatch(cursor);
  }
  for (const [header, query] of [
    ["a b", ""],
    ["k", "?cursor=latte"],
  ] as const) {
    const init = { method: query === "" ? "POST" : "GET", headers: { "idempotency-key": header } };
    expect((await fetch(`${url}/orders${query}`, init)).status).toBe(400);
  }
});
