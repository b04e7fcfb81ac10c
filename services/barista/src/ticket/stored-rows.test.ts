import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { fakeAws } from "@doubleshot/service-host/testing";
import { expect, test } from "vitest";
import {
  cancelOrder,
  delivery,
  type OpenBar,
  openBar,
  placeOrder,
  StoppedClock,
  storedRows,
} from "../bar-instance.fixture.ts";
import { useBarista } from "../barista-service.fixture.ts";

const service = useBarista(fakeAws);

/*
 * Stored rows outlive the code that wrote them: after a change here, running services and later code must still read the
 * earlier rows.
 */

/** Replaces ids by the order in which they appear, and times of the real clock by a name. */
function normalised(value: unknown): unknown {
  const ids = new Map<string, string>();
  const clocked = /"(committedAt|handledAt|publishedAt|time)":"[^"]*"/g;
  const text = JSON.stringify(sorted(value))
    .replace(/"expiresAt":\d+/g, '"expiresAt":"<epoch seconds>"')
    .replace(clocked, '"$1":"<time>"')
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => {
      ids.set(id, ids.get(id) ?? `<id ${ids.size + 1}>`);
      return ids.get(id) ?? id;
    });
  return JSON.parse(text);
}

/** Sorts the attributes, which DynamoDB returns in any order, and parses the messages for the relay. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, key === "json" ? JSON.parse(each) : sorted(each)]));
}

async function aTicketsLife({ bar, clock }: { bar: OpenBar; clock: StoppedClock }) {
  const { orderId, body } = await placeOrder(service, { clock, name: "Zoë ☕" });
  const life: Record<string, unknown> = {};
  const note = async (moment: string) => {
    life[moment] = (await storedRows(service, orderId)).ticket;
  };
  await bar.subscriber.handle(delivery(body));
  await note("queued");
  await bar.claim();
  await note("started");
  clock.pass(11);
  await bar.lapses.ifDue();
  await note("lapsed");
  await bar.claim();
  await note("started again");
  await bar.finishes.finish({ orderId, result: { crema: "thick" } });
  await note("finished");
  const inbox = await service.shop.clients.documents.send(
    new GetCommand({
      TableName: service.shop.table("barista-inbox"),
      Key: { message: `barista#${JSON.parse(body).id}` },
    }),
  );
  return { ...life, inbox: inbox.Item, outbox: (await storedRows(service, orderId)).news };
}

test("the rows of a ticket that is queued, started, lapsed, started again and finished", async () => {
  const clock = new StoppedClock();
  const bar = openBar(service, { bar: "rows", clock, leaseSeconds: 10 });
  expect(normalised(await aTicketsLife({ bar, clock }))).toMatchSnapshot();
});

test("the rows of a ticket that is voided", async () => {
  const clock = new StoppedClock();
  const bar = openBar(service, { bar: "voided", clock });
  const { orderId, body } = await placeOrder(service, { clock, name: "Zoë ☕" });
  await bar.subscriber.handle(delivery(body));
  clock.pass(1);
  await bar.subscriber.handle(delivery(await cancelOrder(service, orderId, { clock })));
  const { ticket, news } = await storedRows(service, orderId);
  expect(normalised({ voided: ticket, outbox: news })).toMatchSnapshot();
});
