import { useLocalAws } from "@doubleshot/service-host/testing";
import { createAwsClients } from "@doubleshot/topology";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { openBar, queueOrders, StoppedClock } from "../bar.fixture.ts";
import { useBarista } from "../barista.fixture.ts";
import type { Ticket } from "./ticket.ts";
import { TicketNews } from "./ticket-news.ts";
import { TicketsInHand } from "./tickets-in-hand.ts";

const aws = useLocalAws();
const service = useBarista(aws);

/** A bar with one order given out, and another instance of it; `calls` are those of the first since. */
async function oneGivenOut(bar: string) {
  const clock = new StoppedClock();
  const clients = createAwsClients({ endpoints: aws.endpoints });
  onTestFinished(() => clients.destroy());
  const here = openBar(service, { bar, clock, clients });
  const there = openBar(service, { bar, clock });
  const [orderId = ""] = await queueOrders(service, here, { clock, count: 1 });
  const token = (await here.claim())?.claim.token ?? "";
  const send = vi.spyOn(clients.documents, "send");
  const calls = () => send.mock.calls.map(([command]) => command.constructor.name);
  return { here, there, clock, orderId, token, calls };
}

describe("the finish of an order", () => {
  test("given out here reads nothing", async () => {
    const { here, orderId, token, calls } = await oneGivenOut("given-out-here");
    expect(await here.finishes.finish({ orderId, token })).toMatchObject({ outcome: "finished" });
    expect(calls()).toEqual(["TransactWriteCommand"]);
  });

  test("whose claim was extended here reads nothing either", async () => {
    const { here, orderId, token, calls } = await oneGivenOut("extended-here");
    expect(await here.extends.extend({ orderId, token, leaseSeconds: 60 })).toMatchObject({ outcome: "extended" });
    expect(await here.finishes.finish({ orderId, token })).toMatchObject({ outcome: "finished" });
    expect(calls()).toEqual(["TransactWriteCommand", "TransactWriteCommand"]);
  });

  test("given to another barista elsewhere since is refused to the first", async () => {
    const { here, there, clock, orderId, token, calls } = await oneGivenOut("given-anew-elsewhere");
    clock.pass(60);
    expect(await there.claim()).toMatchObject({ id: orderId });
    expect(await here.finishes.finish({ orderId, token })).toEqual({ outcome: "claimed-anew" });
    expect(calls()).toEqual(["TransactWriteCommand", "GetCommand"]);
  });

  test("finished elsewhere since is not finished again", async () => {
    const { here, there, orderId } = await oneGivenOut("finished-elsewhere");
    await there.finishes.finish({ orderId, result: "first" });
    const again = await here.finishes.finish({ orderId, result: "second" });
    expect(again).toMatchObject({ outcome: "finished-before", ticket: { result: "first" } });
  });

  test("by somebody whose claim it is not, as far as is known here, is decided on what is in the table", async () => {
    const { here, there, clock, orderId } = await oneGivenOut("known-elsewhere");
    clock.pass(60);
    const token = (await there.claim())?.claim.token ?? "";
    expect(await here.finishes.finish({ orderId, token })).toMatchObject({ outcome: "finished" });
  });
});

describe("a ticket in hand", () => {
  const ticket = (id: string, version = 1) => ({ id, version }) as Ticket;
  const open = () => {
    const news = new TicketNews();
    return { news, inHand: new TicketsInHand(news) };
  };

  test("is as it was committed last, and taken once", () => {
    const { news, inHand } = open();
    news.changed("claimed", ticket("one"));
    news.changed("extended", ticket("one", 2));
    expect(inHand.take("one")).toEqual(ticket("one", 2));
    expect(inHand.take("one")).toBeUndefined();
  });

  test.each(["queued", "finished", "lapsed", "released", "voided"] as const)("is none once it is %s", (what) => {
    const { news, inHand } = open();
    news.changed("claimed", ticket("one"));
    news.changed(what, ticket("one", 2));
    expect(inHand.take("one")).toBeUndefined();
  });

  test("is forgotten when another instance has changed it", () => {
    const { news, inHand } = open();
    for (const id of ["one", "other"]) news.changed("claimed", ticket(id));
    news.hinted([{ id: "one", version: 2 }]);
    expect(inHand.take("one")).toBeUndefined();
    expect(inHand.take("other")).toEqual(ticket("other"));
  });

  test("is forgotten when a thousand others have been given out since", () => {
    const { news, inHand } = open();
    for (let place = 0; place <= 1_000; place++) news.changed("claimed", ticket(String(place)));
    expect(inHand.take("0")).toBeUndefined();
    expect(inHand.take("1")).toEqual(ticket("1"));
  });
});
