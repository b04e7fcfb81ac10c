import { BrewFinished, OrderPlaced } from "@doubleshot/contracts";
import { byId, coffeeShop, defineShop, service } from "@doubleshot/shop";
import { CardFilled } from "./card.ts";

/** Counts the coffees of each customer, and announces every full card. */
const loyalty = service("loyalty", {
  port: 9704,
  paths: ["/cards"],
  program: "tests/loyalty-card/src/main.ts",
  tables: { "loyalty-cards": byId, "loyalty-visits": byId },
  publishes: [CardFilled],
  traced: { kind: "visit", table: "loyalty-visits", times: { finishedAt: "FINISHED" } },
  subscribes: { orders: [OrderPlaced], barista: [BrewFinished] },
});

/** The coffee shop with one more service. */
export const shop = defineShop("doubleshot", [...Object.values(coffeeShop.services), loyalty]);
