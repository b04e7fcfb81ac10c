import { classBinder, defineService, host, token } from "@doubleshot/service-host";
import { wholeNumber } from "@doubleshot/service-kit";
import { ContainerModule } from "inversify";
import { CardStore } from "./card-store.ts";
import { cardsApi } from "./cards-routes.ts";
import { countCoffees } from "./count-coffees.ts";

const tables = token<{ readonly cards: string; readonly visits: string }>("tables");
const coffeesPerCard = token<number>("coffees per card");

export const loyaltyService = defineService({
  config: {
    /** Coffees that fill a card. */
    COFFEES_PER_CARD: wholeNumber({ min: 1, max: 1_000, byDefault: 10 }),
  },
  modules: ({ config, table }) => [
    new ContainerModule(({ bind }) => {
      bind(tables).toConstantValue({ cards: table("loyalty-cards"), visits: table("loyalty-visits") });
      bind(coffeesPerCard).toConstantValue(config.COFFEES_PER_CARD);
      classBinder(bind).bindClass(CardStore, [host.documents, tables]);
    }),
  ],
  subscriptions: (get) => countCoffees(get(CardStore), get(coffeesPerCard)),
  http: (get) => ({
    title: "Doubleshot loyalty cards",
    version: "1",
    description: "Counts the coffees of each customer; a full card is a free coffee.",
    apis: [cardsApi(get(CardStore), get(coffeesPerCard))],
  }),
});
