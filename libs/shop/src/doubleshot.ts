import { barista } from "./barista.ts";
import { defineShop } from "./define-shop.ts";
import { orders } from "./orders.ts";

/** The coffee shop: all its services, and the resources that they need from AWS. */
export const shop = defineShop("doubleshot", [orders, barista]);
