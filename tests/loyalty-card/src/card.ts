import { createHash } from "node:crypto";
import { defineEvent } from "@doubleshot/messaging";
import { z } from "zod";

/** A customer's card is full: the next coffee is free. Published by loyalty, subject `visit#<orderId>`. */
export const CardFilled = defineEvent("CardFilled", {
  version: 1,
  schema: z.object({ orderId: z.string(), name: z.string(), coffees: z.int32().positive() }),
});

/**
 * An order, from the card's side. Orders names the customer, and the bar reports that the coffee is ready. Events of two
 * services have no order between them, so a visit learns the two facts in any order, and counts with the second.
 */
export interface Visit {
  readonly id: string;
  readonly version: number;
  readonly status: "WAITING" | "COUNTED";
  /** "" for an order without a name, which counts for no card. Undefined until OrderPlaced has come. */
  readonly name?: string;
  /** Undefined until BrewFinished has come. */
  readonly finishedAt?: string;
}

export type Fact = { readonly name: string } | { readonly finishedAt: string };

export type Learned =
  /** The visit has both facts now: its coffee counts. */
  | { readonly outcome: "counts"; readonly visit: Visit; readonly name: string }
  | { readonly outcome: "waits"; readonly visit: Visit }
  /** The visit had both facts before, or belongs to no customer. */
  | { readonly outcome: "nothing"; readonly reason: string };

export function learn(visit: Visit, fact: Fact): Learned {
  if (visit.status === "COUNTED") return { outcome: "nothing", reason: "the coffee is counted already" };
  const learned: Visit = { ...visit, ...fact };
  const { name, finishedAt } = learned;
  if (name === undefined || finishedAt === undefined) return { outcome: "waits", visit: learned };
  if (name === "") return { outcome: "nothing", reason: "the order has no name" };
  return { outcome: "counts", visit: { ...learned, status: "COUNTED" }, name };
}

export interface Card {
  readonly name: string;
  readonly coffees: number;
}

/** Aggregate names are ASCII and people's names may not be, so the id is a hash. */
export const cardId = (name: string): string => createHash("sha256").update(name).digest("base64url");

/** The card with one more coffee, and the event if that fills it. */
export function stamp(card: Card, orderId: string, coffeesPerCard: number) {
  const stamped = { ...card, coffees: card.coffees + 1 };
  const isFull = stamped.coffees % coffeesPerCard === 0;
  return { card: stamped, events: isFull ? [CardFilled({ orderId, ...stamped })] : [] };
}
