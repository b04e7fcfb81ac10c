import { Api, ProblemError } from "@doubleshot/service-kit";
import { z } from "zod";
import type { CardStore } from "./card-store.ts";

const cardJson = z.object({
  name: z.string(),
  coffees: z.int32().describe("Completed orders under this name."),
  full_cards: z.int32().describe("Free coffees earned so far."),
});

export function cardsApi(store: Pick<CardStore, "card">, coffeesPerCard: number): Api {
  const api = new Api("cards");
  api.handle(
    {
      id: "getCard",
      method: "get",
      path: "/cards/{name}",
      summary: "The loyalty card of a customer",
      access: { barista: "all" },
      params: z.object({ name: z.string().describe("As given with the orders.") }),
      answers: { 200: { description: "The card.", schema: cardJson } },
      problems: { 404: "No completed order has this name." },
    },
    async ({ params }, response) => {
      const card = await store.card(params.name);
      if (card === undefined) throw new ProblemError(404, "No completed order has this name: check its spelling.");
      response.json({ ...card, full_cards: Math.floor(card.coffees / coffeesPerCard) });
    },
  );
  return api;
}
