import { BrewFinished, CancelRefused, TicketVoided } from "@doubleshot/contracts";
import { given } from "@doubleshot/messaging/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cancel, claim, extend, finish, lapse, queue, release, type Ticket } from "./ticket.ts";
import {
  at,
  bar,
  finishedByAnn,
  lapsedFromAnn,
  orderId,
  placed,
  queued,
  startedByAnn,
  startedByBobAfterAnn,
} from "./ticket-states.fixture.ts";

const hasTicket = { outcome: "known", reason: "this order has its ticket already" } as const;

describe("cancelling", () => {
  const { id, correlationId } = queued;
  const order = { id, correlationId };
  const when = { bar: "any", now: at(20) };
  const voided = { id, bar, correlationId, status: "VOIDED", voidedAt: at(20).toISOString() } as const;

  test.each([
    ["waits", queued],
    ["is back from a barista whose lease has lapsed", lapsedFromAnn],
  ])("voids a ticket that %s", (_, ticket) =>
    given<Ticket | undefined>(ticket)
      .when(cancel, order, when)
      .decides({
        outcome: "voided",
        state: { ...voided, version: 1 },
        events: [TicketVoided({ orderId, voidedAt: at(20).toISOString() })],
      }),
  );

  test("leaves a voided ticket for an order that is still to come, which then never waits", () => {
    const tombstone = { ...voided, bar: "any", version: 0 };
    given<Ticket | undefined>(undefined)
      .when(cancel, order, when)
      .decides({
        outcome: "voided",
        state: tombstone,
        events: [TicketVoided({ orderId, voidedAt: at(20).toISOString() })],
      });
    const early = given<Ticket>(tombstone);
    given<Ticket | undefined>(tombstone)
      .when(queue, placed, { bar, now: at(21) })
      .decides(hasTicket);
    early.when(claim, { token: "ann", now: at(21), leaseSeconds: 10 }).decides({ outcome: "not-waiting" });
    early.when(finish, { now: at(21) }).decides({ outcome: "voided" });
    given<Ticket | undefined>(tombstone)
      .when(cancel, order, when)
      .decides({ outcome: "known", reason: "this ticket is voided already" });
  });

  test.each([
    ["brewed", startedByAnn],
    ["finished", finishedByAnn],
  ])("is refused when the order is being or has been %s, and changes nothing", (_, ticket) =>
    given<Ticket | undefined>(ticket)
      .when(cancel, order, when)
      .decides({
        outcome: "cancel-refused",
        state: ticket,
        events: [CancelRefused({ orderId, refusedAt: at(20).toISOString() })],
      }),
  );
});

describe("queueing", () => {
  test("a placed order becomes a waiting ticket", () =>
    given<Ticket | undefined>(undefined)
      .when(queue, placed, { bar, now: at(0) })
      .decides({ outcome: "queued", state: { ...queued, version: 0 } }));

  test.each<[string, Ticket]>([
    ["waiting", queued],
    ["started", startedByAnn],
    ["finished", finishedByAnn],
  ])("an order whose ticket is %s is not queued again", (_, ticket) =>
    given<Ticket | undefined>(ticket)
      .when(queue, placed, { bar, now: at(5) })
      .decides(hasTicket),
  );
});

describe("finishing", () => {
  const brewFinished = { orderId, finishedAt: at(9).toISOString() };

  test.each([
    ["by its holder", { token: "ann" }],
    ["without a token", {}],
  ])("a started ticket %s", (_, by) =>
    given<Ticket>(startedByAnn)
      .when(finish, { now: at(9), ...by })
      .decides({ outcome: "finished", state: finishedByAnn, events: [BrewFinished(brewFinished)] }),
  );

  test.each([[{ crema: "thick" }], [null], [0], [""], [false]])("keeps the result %j", (result) =>
    given<Ticket>(startedByAnn)
      .when(finish, { now: at(9), result })
      .decides({
        outcome: "finished",
        state: { ...finishedByAnn, result },
        events: [BrewFinished({ ...brewFinished, result })],
      }),
  );

  test.each([[{ token: "ann" }], [{}]])("a second finish by %j changes nothing, and the first result stands", (by) =>
    given<Ticket>(finishedByAnn)
      .when(finish, { now: at(20), ...by, result: "burnt" })
      .decides({ outcome: "finished-before", ticket: finishedByAnn }),
  );

  test("a finish by another claim than the one that finished is refused", () =>
    given<Ticket>(finishedByAnn)
      .when(finish, { now: at(20), token: "bob" })
      .decides({ outcome: "claimed-by-another" }));

  test("an old ticket, without the claim that finished it, counts for every claim", () => {
    const { finishedBy: _, ...old } = finishedByAnn;
    given<Ticket>(old)
      .when(finish, { now: at(20), token: "bob" })
      .decides({ outcome: "finished-before", ticket: old });
  });

  test.each([[{ token: "ann" }], [{}]])("a late finish by %j counts without a newer claim", (by) =>
    given<Ticket>(lapsedFromAnn)
      .when(finish, { now: at(15), ...by })
      .decides({
        outcome: "finished",
        state: { ...finishedByAnn, finishedAt: at(15).toISOString() },
        events: [BrewFinished({ orderId, finishedAt: at(15).toISOString() })],
      }),
  );

  test("a late finish is refused once another barista holds the ticket", () =>
    given<Ticket>(startedByBobAfterAnn)
      .when(finish, { now: at(15), token: "ann" })
      .decides({ outcome: "claimed-by-another" }));

  test.each([[{ token: "ann" }], [{}]])("a ticket that no barista has started cannot be finished, by %j", (by) =>
    given<Ticket>(queued)
      .when(finish, { now: at(1), ...by })
      .decides({ outcome: "not-started" }),
  );
});

test("baristas acting in any order: one holder at a time, a finish is final, the place in line stays", () => {
  const token = fc.constantFrom("ann", "bob", "eve");
  const act = fc.oneof(
    fc.record({ do: fc.constant("claim" as const), token }),
    fc.record({ do: fc.constant("finish" as const), token: fc.option(token, { nil: undefined }) }),
    fc.record({ do: fc.constant("release" as const), token }),
    fc.record({ do: fc.constant("extend" as const), token }),
    fc.record({ do: fc.constant("lapse" as const) }),
  );
  const step = (ticket: Ticket, deed: typeof act extends fc.Arbitrary<infer Act> ? Act : never, now: Date) => {
    if (deed.do === "claim") return claim(ticket, { token: deed.token, now, leaseSeconds: 3 });
    if (deed.do === "finish") return finish(ticket, { now, ...(deed.token ? { token: deed.token } : {}) });
    if (deed.do === "release") return release(ticket, deed.token);
    if (deed.do === "extend") return extend(ticket, { token: deed.token, now, leaseSeconds: 3 });
    return lapse(ticket, now);
  };
  fc.assert(
    fc.property(fc.array(act, { maxLength: 12 }), (deeds) => {
      let ticket: Ticket = queued;
      deeds.forEach((deed, second) => {
        const decision = step(ticket, deed, at(second));
        if (!("state" in decision)) return;
        const next: Ticket = decision.state;
        if (ticket.status === "STARTED" && next.status === "STARTED") expect(next.claim.token).toBe(ticket.claim.token);
        if (ticket.status === "FINISHED") expect(next).toBe(ticket);
        expect(next).toMatchObject({ turn: queued.turn, placedAt: queued.placedAt, id: orderId, bar, version: 1 });
        ticket = next;
      });
    }),
  );
});
