import { type OpenShop, openShop } from "@doubleshot/dev-shop";
import { afterAll, beforeAll, expect, test } from "vitest";
import { brewing, order } from "../e2e/people.fixture.ts";
import { Collector, type ExportedSpan } from "./collector.fixture.ts";

/*
 * The processes of a shop, services and relays, send their spans to one collector when the OTEL_* variables name it.
 */

let collector: Collector;
let shop: OpenShop;

beforeAll(async () => {
  collector = await Collector.open();
  Object.assign(process.env, collector.env);
  shop = await openShop({ only: ["orders", "barista"] });
});
afterAll(async () => {
  for (const name of Object.keys(collector?.env ?? {})) delete process.env[name];
  await shop?.close();
  collector?.[Symbol.dispose]();
});

async function span(what: string, passes: (span: ExportedSpan) => boolean): Promise<ExportedSpan> {
  await expect.poll(() => collector.spans.some(passes), { message: what }).toBe(true);
  return collector.spans.find(passes) as ExportedSpan;
}

const linksTo = (span: ExportedSpan, { spanId }: ExportedSpan) => span.links?.some((link) => link.spanId === spanId);

test("an order is one story in the spans of four processes", async () => {
  const answer = order(shop.services.orders[0]?.url ?? "", "Ada");
  await brewing(shop.services.barista[0]?.url ?? "", 1);
  expect((await answer).status).toBe(200);

  const request = await span("the request", ({ name }) => name === "POST /order");
  const placed = await span("its commit", ({ parentSpanId }) => parentSpanId === request.spanId);
  const publish = await span(
    "its publication",
    (each) => each.name.startsWith("publish") && linksTo(each, placed) === true,
  );
  const invocation = await span("the relay's invocation", ({ spanId }) => spanId === publish.parentSpanId);
  const queueing = await span(
    "its handling",
    ({ name, ...each }) => name === "process barista" && linksTo({ name, ...each }, placed) === true,
  );
  const [cause] = request.links ?? [];
  const completing = await span("its completion", ({ spanId }) => spanId === cause?.spanId);

  expect(
    [request, placed, publish, invocation, queueing, completing].map(({ service, name }) => [service, name]),
  ).toEqual([
    ["orders", "POST /order"],
    ["orders", "commit doubleshot-orders-outbox"],
    ["doubleshot-orders-outbox-relay", "publish doubleshot-orders-events.fifo"],
    ["doubleshot-orders-outbox-relay", "doubleshot-orders-outbox-relay"],
    ["barista", "process barista"],
    ["orders", "process orders"],
  ]);
  const services = new Set(collector.spans.map(({ service }) => service));
  expect(services).toEqual(
    new Set(["orders", "barista", "doubleshot-orders-outbox-relay", "doubleshot-barista-outbox-relay"]),
  );
});
