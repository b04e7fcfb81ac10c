import { texts } from "./texts.ts";

export interface Item {
  readonly sku: string;
  readonly quantity: number;
}

/** The end of an order's id: short enough to call out. The beginning is a time, which neighbours share. */
export function codeOf(orderId: string): string {
  return orderId.slice(-4).toUpperCase();
}

/** "2 × Flat white, Latte". */
export function itemsText(items: readonly Item[]): string {
  return items.map(({ sku, quantity }) => texts.times(quantity, nameOf(sku))).join(", ");
}

/** A sku reads like a name: `flat-white` is "Flat white". */
function nameOf(sku: string): string {
  const words = sku.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The time of day of an instant, as the reader's device writes it. */
export function timeOf(instant: string, hasSeconds = false): string {
  const seconds = hasSeconds ? ({ second: "2-digit" } as const) : {};
  return new Date(instant).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", ...seconds });
}

/** The time of day of an instant in milliseconds, with its date unless that is today. */
export function dayAndTimeOf(at: number): string {
  const instant = new Date(at);
  if (instant.toDateString() === new Date().toDateString()) return timeOf(instant.toISOString());
  return instant.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

/** An amount in whole minor units. */
export function moneyOf(minor: number): string {
  return texts.money(minor / 100);
}
