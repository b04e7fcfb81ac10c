import { BrewFinished, OrderPlaced } from "@doubleshot/contracts";
import {
  ConcurrencyConflictError,
  ignore,
  type Message,
  on,
  type Settled,
  type Subscription,
} from "@doubleshot/messaging";
import { type Fact, learn, stamp } from "./card.ts";
import type { CardStore } from "./card-store.ts";

/** Counts a coffee when both its order and its brew are known. */
export function countCoffees(store: CardStore, coffeesPerCard: number): Subscription[] {
  async function handle(message: Message<unknown>, orderId: string, fact: Fact): Promise<Settled> {
    const learned = learn(await store.visit(orderId), fact);
    if (learned.outcome === "nothing") return ignore(learned.reason);
    const visit = { aggregate: `visit#${orderId}`, save: store.saveVisit(learned.visit) };
    if (learned.outcome === "waits") return message.commit(visit);

    const before = (await store.card(learned.name)) ?? { name: learned.name, coffees: 0 };
    const { card, events } = stamp(before, orderId, coffeesPerCard);
    const result = await message.commit({ ...visit, events, guarded: { card: store.writeCard(card) } });
    // Another coffee of the same customer was counted meanwhile: the subscriber runs the handler again.
    if (result.outcome === "refused") throw new ConcurrencyConflictError(`card of ${learned.name}`, before.coffees);
    return result;
  }

  return [
    on(OrderPlaced, (message) => handle(message, message.data.orderId, { name: message.data.name ?? "" })),
    on(BrewFinished, (message) => handle(message, message.data.orderId, { finishedAt: message.data.finishedAt })),
  ];
}
