import { BrewStarted } from "@doubleshot/contracts";
import { given } from "@doubleshot/messaging/testing";
import { describe, expect, test } from "vitest";
import { cancel, claim, extend, lapse, release, type Ticket } from "./ticket.ts";
import {
  ann,
  at,
  bob,
  finishedByAnn,
  lapsedFromAnn,
  orderId,
  queued,
  startedByAnn,
  startedByBobAfterAnn,
} from "./ticket-states.fixture.ts";

describe("claiming", () => {
  const bobClaims = { token: "bob", now: at(12), leaseSeconds: 10 };

  test("a waiting ticket is started, with a lease, and publishes that", () =>
    given<Ticket>(queued)
      .when(claim, { token: "ann", now: at(1), leaseSeconds: 10 })
      .decides({
        outcome: "claimed",
        state: startedByAnn,
        events: [BrewStarted({ orderId, startedAt: ann.startedAt })],
      }));

  test("a ticket whose lease has lapsed is started again, and remembers the earlier claim", () =>
    given<Ticket>(lapsedFromAnn)
      .when(claim, bobClaims)
      .decides({
        outcome: "claimed",
        state: startedByBobAfterAnn,
        events: [BrewStarted({ orderId, startedAt: bob.startedAt })],
      }));

  test.each<[string, Ticket]>([
    ["a barista has", startedByAnn],
    ["is finished", finishedByAnn],
  ])("a ticket that %s cannot be claimed", (_, ticket) =>
    given(ticket).when(claim, bobClaims).decides({ outcome: "not-waiting" }),
  );
});

describe("a lease", () => {
  test("that has ended returns the ticket to the line", () =>
    given<Ticket>(startedByAnn).when(lapse, at(11)).decides({ outcome: "lapsed", state: lapsedFromAnn }));

  test("that has not ended holds it", () =>
    given<Ticket>(startedByAnn).when(lapse, at(10.999)).decides({ outcome: "kept" }));

  test.each<[string, Ticket]>([
    ["waiting", queued],
    ["finished", finishedByAnn],
  ])("never lapses for a %s ticket", (_, ticket) => given(ticket).when(lapse, at(1000)).decides({ outcome: "kept" }));
});

test("the trace of the order stays on its ticket, whatever happens to it", () => {
  const traced = { traceparent: "00-trace-span-01" };
  given<Ticket>({ ...startedByAnn, ...traced })
    .when(lapse, at(11))
    .decides({ outcome: "lapsed", state: { ...lapsedFromAnn, ...traced } });
  given<Ticket>({ ...lapsedFromAnn, ...traced })
    .when(extend, { token: "ann", leaseSeconds: 10, now: at(12) })
    .decides({
      outcome: "extended",
      state: { ...startedByAnn, ...traced, claim: { ...ann, leaseExpiresAt: at(22).toISOString() } },
    });
  expect(cancel({ ...queued, ...traced }, queued, { bar: queued.bar, now: at(2) })).toMatchObject({
    outcome: "voided",
    state: { status: "VOIDED", ...traced },
  });
});

describe("a heartbeat", () => {
  const annExtends = { token: "ann", leaseSeconds: 10, now: at(5) };
  const longer = { ...startedByAnn, claim: { ...ann, leaseExpiresAt: at(15).toISOString() } };

  test("renews the lease, without an event", () =>
    given<Ticket>(startedByAnn).when(extend, annExtends).decides({ outcome: "extended", state: longer }));

  test("after the lease ended holds the ticket again, if there is no newer claim", () =>
    given<Ticket>(lapsedFromAnn).when(extend, annExtends).decides({ outcome: "extended", state: longer }));

  test("remembers the earlier claim, which counts again if this one is released", () =>
    given<Ticket>(startedByBobAfterAnn)
      .when(extend, { token: "bob", leaseSeconds: 10, now: at(13) })
      .decides({
        outcome: "extended",
        state: { ...startedByBobAfterAnn, claim: { ...bob, leaseExpiresAt: at(23).toISOString() } },
      }));

  test.each<[string, Ticket]>([
    ["another claim holds it", startedByBobAfterAnn],
    ["no barista has held it", queued],
    ["it is finished", finishedByAnn],
  ])("is too late when %s", (_, ticket) => given(ticket).when(extend, annExtends).decides({ outcome: "lost" }));
});

describe("releasing", () => {
  test("makes the ticket wait as if it had never been started", () =>
    given<Ticket>(startedByAnn).when(release, "ann").decides({ outcome: "released", state: queued }));

  test("brings an earlier claim back, whose barista may finish", () =>
    given<Ticket>(startedByBobAfterAnn).when(release, "bob").decides({ outcome: "released", state: lapsedFromAnn }));

  test.each<[string, Ticket]>([
    ["another claim holds it", startedByBobAfterAnn],
    ["no barista holds it", lapsedFromAnn],
    ["it is finished", finishedByAnn],
  ])("changes nothing when %s", (_, ticket) => given(ticket).when(release, "ann").decides({ outcome: "kept" }));
});
