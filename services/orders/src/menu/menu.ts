import type { OrderItem } from "@doubleshot/contracts";

export interface MenuItem {
  readonly sku: string;
  readonly name: string;
  /** In whole minor units. */
  readonly price: number;
}

/** The items that the shop sells. Guests may order other things as well, which have no price here. */
export const menu: readonly MenuItem[] = [
  { sku: "americano", name: "Americano", price: 300 },
  { sku: "cappuccino", name: "Cappuccino", price: 400 },
  { sku: "cortado", name: "Cortado", price: 350 },
  { sku: "espresso", name: "Espresso", price: 250 },
  { sku: "flat-white", name: "Flat white", price: 430 },
  { sku: "latte", name: "Latte", price: 420 },
  { sku: "mocha", name: "Mocha", price: 460 },
  { sku: "tea", name: "Tea", price: 280 },
];

const prices: ReadonlyMap<string, number> = new Map(menu.map(({ sku, price }) => [sku, price]));

/** The price of the items. Undefined if one of them is not on the menu. */
export function priceOf(items: readonly OrderItem[]): number | undefined {
  let sum = 0;
  for (const { sku, quantity } of items) {
    const price = prices.get(sku);
    if (price === undefined) return undefined;
    sum += price * quantity;
  }
  return sum;
}
