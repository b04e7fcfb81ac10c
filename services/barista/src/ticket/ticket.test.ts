import type { PendingEvent } from "@doubleshot/messaging";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  cancel,
  claim,
  extend,
  type FinishedTicket,
  finish,
  lapse,
  type PlacedOrder,
  type QueuedTicket,
  queue,
  release,
  type StartedTicket,
  type Ticket,
} from "./ticket.ts";

const opening = new Date("2026-01-31T08:00:00.000Z");
const at = (seconds: number) => new Date(opening.getTime() + seconds * 1000);

const placed: PlacedOrder = {
  id: "0190a1b2-0000-7000-8000-000000000001",
  items: [{ sku: "americano", quantity: 1 }],
  name: "Zoë ☕\u0007",
  turn: 1,
  placedAt: at(-1).toISOString(),
  correlationId: "the-story",
};
const orderId = placed.id;
const bar = "bar";

const queued: QueuedTicket = { ...placed, bar, queuedAt: at(0).toISOString(), version: 1, status: "QUEUED" };
const ann = { token: "ann", startedAt: at(1).toISOString(), leaseExpiresAt: at(11).toISOString() };
const bob = { token: "bob", startedAt: at(12).toISOString(), leaseExpiresAt: at(22).toISOString() };
const startedByAnn: StartedTicket = { ...queued, status: "STARTED", claim: ann };
const lapsedFromAnn: QueuedTicket = { ...queued, lapsed: ann };
const startedByBobAfterAnn: StartedTicket = { ...lapsedFromAnn, status: "STARTED", claim: bob };
const finishedByAnn: FinishedTicket = {
  ...queued,
  status: "FINISHED",
  startedAt: ann.startedAt,
  finishedAt: at(9).toISOString(),
  finishedBy: ann.token,
};

/** A decision with its events spelt out, so that it can be compared. */
async function told<Decision extends { readonly events?: readonly PendingEvent[] }>(decision: Decision) {
  if (decision.events === undefined) return decision;
  const events = decision.events.map(async (event) => ({ type: event.type, data: await event.validate() }));
  return { ...decision, events: await Promise.all(events) };
}

describe("cancelling", () => {
  const { id, correlationId } = queued;
  const voided = { id, bar, correlationId, status: "VOIDED", voidedAt: at(20).toISOString() };
  const cancelled = (known: Ticket | undefined) => cancel(known, { id, correlationId }, { bar: "any", now: at(20) });

  test.each([
    ["waits", queued],
    ["is back from a barista whose lease has lapsed", lapsedFromAnn],
  ])("voids a ticket that %s", async (_, ticket) => {
    expect(await told(cancelled(ticket))).toEqual({
      outcome: "voided",
      ticket: { ...voided, version: 1 },
      events: [{ type: "TicketVoided", data: { orderId, voidedAt: at(20).toISOString() } }],
    });
  });

  test("leaves a voided ticket for an order that is still to come, which then never waits", async () => {
    const decision = cancelled(undefined);
    expect(decision).toMatchObject({ outcome: "voided", ticket: { ...voided, bar: "any", version: 0 } });
    if (decision.outcome !== "voided") throw new Error("not voided");
    expect(queue(decision.ticket, placed, { bar, now: at(21) })).toEqual({ outcome: "known" });
    expect(claim(decision.ticket, { token: "ann", now: at(21), leaseSeconds: 10 })).toEqual({ outcome: "not-waiting" });
    expect(finish(decision.ticket, { now: at(21) })).toEqual({ outcome: "voided" });
    expect(cancelled(decision.ticket)).toEqual({ outcome: "known" });
  });

  test.each([
    ["brewed", startedByAnn],
    ["finished", finishedByAnn],
  ])("is refused when the order is being or has been %s, and changes nothing", async (_, ticket) => {
    expect(await told(cancelled(ticket))).toEqual({
      outcome: "refused",
      ticket,
      events: [{ type: "CancelRefused", data: { orderId, refusedAt: at(20).toISOString() } }],
    });
  });
});

describe("queueing", () => {
  test("a placed order becomes a waiting ticket", () => {
    expect(queue(undefined, placed, { bar, now: at(0) })).toEqual({
      outcome: "queued",
      ticket: { ...queued, version: 0 },
    });
  });

  test.each<[string, Ticket]>([
    ["waiting", queued],
    ["started", startedByAnn],
    ["finished", finishedByAnn],
  ])("an order whose ticket is %s is not queued again", (_, ticket) => {
    expect(queue(ticket, placed, { bar, now: at(5) })).toEqual({ outcome: "known" });
  });
});

describe("claiming", () => {
  const bobs = { token: "bob", now: at(12), leaseSeconds: 10 };

  test("a waiting ticket is started, with a lease, and says so", async () => {
    expect(await told(claim(queued, { token: "ann", now: at(1), leaseSeconds: 10 }))).toEqual({
      outcome: "claimed",
      ticket: startedByAnn,
      events: [{ type: "BrewStarted", data: { orderId, startedAt: ann.startedAt } }],
    });
  });

  test("a ticket whose lease has lapsed is started anew, and remembers the earlier claim", async () => {
    expect(await told(claim(lapsedFromAnn, bobs))).toEqual({
      outcome: "claimed",
      ticket: startedByBobAfterAnn,
      events: [{ type: "BrewStarted", data: { orderId, startedAt: bob.startedAt } }],
    });
  });

  test.each<[string, Ticket]>([
    ["somebody has", startedByAnn],
    ["is finished", finishedByAnn],
  ])("a ticket that %s cannot be claimed", (_, ticket) => {
    expect(claim(ticket, bobs)).toEqual({ outcome: "not-waiting" });
  });
});

describe("finishing", () => {
  test.each([
    ["by its holder", { token: "ann" }],
    ["by whoever names the order", {}],
  ])("a started ticket %s", async (_, by) => {
    expect(await told(finish(startedByAnn, { now: at(9), ...by }))).toEqual({
      outcome: "finished",
      ticket: finishedByAnn,
      events: [{ type: "BrewFinished", data: { orderId, finishedAt: at(9).toISOString() } }],
    });
  });

  test.each([[{ crema: "thick" }], [null], [0], [""], [false]])("hands over the result %j", async (result) => {
    expect(await told(finish(startedByAnn, { now: at(9), result }))).toEqual({
      outcome: "finished",
      ticket: { ...finishedByAnn, result },
      events: [{ type: "BrewFinished", data: { orderId, finishedAt: at(9).toISOString(), result } }],
    });
  });

  test("a second finish changes nothing, and the first result stands", () => {
    for (const by of [{ token: "ann" }, {}]) {
      expect(finish(finishedByAnn, { now: at(20), ...by, result: "burnt" })).toEqual({
        outcome: "finished-before",
        ticket: finishedByAnn,
      });
    }
  });

  test("a finish by another claim than the one that finished is told so", () => {
    expect(finish(finishedByAnn, { now: at(20), token: "bob" })).toEqual({ outcome: "claimed-anew" });
  });

  test("a ticket finished before it was kept by whom counts for everybody", () => {
    const { finishedBy: _, ...old } = finishedByAnn;
    expect(finish(old, { now: at(20), token: "bob" })).toMatchObject({ outcome: "finished-before" });
  });

  test("a late finish counts while nobody has claimed the ticket anew", async () => {
    const late = await told(finish(lapsedFromAnn, { now: at(15), token: "ann" }));
    expect(late).toMatchObject({ outcome: "finished", ticket: { startedAt: ann.startedAt } });
    expect(await told(finish(lapsedFromAnn, { now: at(15) }))).toEqual(late);
  });

  test("a late finish is refused once somebody else holds the ticket", () => {
    expect(finish(startedByBobAfterAnn, { now: at(15), token: "ann" })).toEqual({ outcome: "claimed-anew" });
  });

  test("an order nobody started cannot be finished", () => {
    expect(finish(queued, { now: at(1) })).toEqual({ outcome: "not-started" });
    expect(finish(queued, { now: at(1), token: "ann" })).toEqual({ outcome: "not-started" });
  });
});

describe("a lease", () => {
  test("that has ended gives the ticket back", () => {
    expect(lapse(startedByAnn, at(11))).toEqual({ outcome: "returned", ticket: lapsedFromAnn });
  });

  test("that has not ended holds it", () => {
    expect(lapse(startedByAnn, at(10.999))).toEqual({ outcome: "kept" });
  });

  test.each<[string, Ticket]>([
    ["waiting", queued],
    ["finished", finishedByAnn],
  ])("never lapses for a %s ticket", (_, ticket) => {
    expect(lapse(ticket, at(1000))).toEqual({ outcome: "kept" });
  });
});

describe("a sign of life", () => {
  const anns = { token: "ann", leaseSeconds: 10 };
  const longer = { ...startedByAnn, claim: { ...ann, leaseExpiresAt: at(15).toISOString() } };

  test("makes the lease run anew, without news", () => {
    expect(extend(startedByAnn, { ...anns, now: at(5) })).toEqual({ outcome: "extended", ticket: longer });
  });

  test("that is late takes the ticket up again, while nobody else has", () => {
    expect(extend(lapsedFromAnn, { ...anns, now: at(5) })).toEqual({ outcome: "extended", ticket: longer });
  });

  test("keeps what an earlier barista may still bring", () => {
    expect(extend(startedByBobAfterAnn, { token: "bob", leaseSeconds: 10, now: at(13) })).toMatchObject({
      ticket: { status: "STARTED", lapsed: ann, claim: { token: "bob", leaseExpiresAt: at(23).toISOString() } },
    });
  });

  test.each<[string, Ticket]>([
    ["another claim holds it", startedByBobAfterAnn],
    ["nobody has held it", queued],
    ["it is finished", finishedByAnn],
  ])("is too late when %s", (_, ticket) => {
    expect(extend(ticket, { ...anns, now: at(5) })).toEqual({ outcome: "lost" });
  });
});

describe("releasing", () => {
  test("makes the ticket wait as if it had never been started", () => {
    expect(release(startedByAnn, "ann")).toEqual({ outcome: "returned", ticket: queued });
  });

  test("keeps what an earlier barista may still bring", () => {
    expect(release(startedByBobAfterAnn, "bob")).toEqual({ outcome: "returned", ticket: lapsedFromAnn });
  });

  test.each<[string, Ticket]>([
    ["another claim holds it", startedByBobAfterAnn],
    ["nobody holds it", lapsedFromAnn],
    ["it is finished", finishedByAnn],
  ])("is void when %s", (_, ticket) => {
    expect(release(ticket, "ann")).toEqual({ outcome: "kept" });
  });
});

test("whatever baristas do, and in whatever order: one holder at a time, a finish is final, the place in line stays", () => {
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
        if (!("ticket" in decision)) return;
        const next: Ticket = decision.ticket;
        if (ticket.status === "STARTED" && next.status === "STARTED") expect(next.claim.token).toBe(ticket.claim.token);
        if (ticket.status === "FINISHED") expect(next).toBe(ticket);
        expect(next).toMatchObject({ turn: queued.turn, placedAt: queued.placedAt, id: orderId, bar, version: 1 });
        ticket = next;
      });
    }),
  );
});
