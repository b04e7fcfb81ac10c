import type { ItemChange } from "@doubleshot/messaging/testing";

/** Watches every change of an account: at no time may one be wrong, not only at the end. */
export class Balances {
  readonly findings: string[] = [];

  observe({ table, before, after }: ItemChange): void {
    if (table !== "customers" || after === undefined) return;
    const now = balanceOf(after);
    if (now.limit !== now.available + now.reserved + now.debt) this.#report(after, "does not add up");
    if (now.reserved < 0 || now.debt < 0) this.#report(after, "is below zero");
    const earlier = before && balanceOf(before);
    if (earlier === undefined || earlier.limit !== now.limit) return;
    if (now.available < earlier.available && now.available < 0)
      this.#report(after, "gave credit that it does not have");
  }

  #report(item: NonNullable<ItemChange["after"]>, fault: string): void {
    this.findings.push(`the account ${item.id?.S} ${fault}: ${JSON.stringify(balanceOf(item))}`);
  }
}

type Item = NonNullable<ItemChange["after"]>;

export function balanceOf(item: Item): Record<"limit" | "available" | "reserved" | "debt", number> {
  const of = (name: string) => Number(item[name]?.N ?? Number.NaN);
  return { limit: of("limit"), available: of("available"), reserved: of("reserved"), debt: of("debt") };
}
