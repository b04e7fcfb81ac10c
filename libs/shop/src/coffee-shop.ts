import { barista } from "./barista.ts";
import { customers } from "./customers.ts";
import { defineShop } from "./define-shop.ts";
import { orders } from "./orders.ts";
import { web } from "./web.ts";

export type CoffeeShopService = typeof web | typeof orders | typeof barista | typeof customers;

/** The shop of this repository: all its services, and the resources that they need from AWS. */
export const coffeeShop = defineShop("doubleshot", [web, orders, barista, customers], {
  tour: [
    {
      command: "curl -X POST {orders}/order/",
      shows: "waits: this is the customer at the counter, and there is no coffee yet",
    },
    { command: "curl {barista}/start/", role: "barista", shows: "a barista takes the order and learns its order_id" },
    {
      command: "curl -X POST '{barista}/finish/?order_id=...'",
      role: "barista",
      shows: "the coffee is done: now the first curl has its 200",
    },
  ],
  rush: {
    program: "bench/src/rush.ts",
    numbers: [
      { name: "orders", option: "--customers", min: 1, max: 2_000 },
      { name: "baristas", option: "--baristas", min: 1, max: 100 },
    ],
    // A brew takes half a second to a second.
    args: ["--speed", "60"],
  },
});
