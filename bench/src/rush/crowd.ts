import { randomUUID } from "node:crypto";
import type { Customer } from "./customer.ts";

const drinks = ["americano", "espresso", "doubleshot", "flat-white", "cappuccino", "cortado"];

interface Crowd {
  readonly counters: readonly string[];
  readonly random: () => number;
  /** All customers come from one and the same address. */
  readonly hasOneAddress?: boolean;
}

/**
 * Makes `count` customers, spread over the counters, with names that are unique over all rushes. Each has a source address
 * of their own, if the counter is on this machine and the system routes all of 127.0.0.0/8, as Linux does.
 */
export function crowd(count: number, { counters, random, hasOneAddress = false }: Crowd): Customer[] {
  const rush = randomUUID().slice(0, 8);
  return Array.from({ length: count }, (_, index) => {
    const counter = counters[index % counters.length] ?? "";
    return {
      name: `Customer ${index + 1} of rush ${rush}`,
      items: [
        { sku: drinks[Math.floor(random() * drinks.length)] ?? "americano", quantity: 1 + Math.floor(random() * 3) },
      ],
      key: randomUUID(),
      counter,
      address: hasLoopbackNetwork(counter) ? sourceAddress(hasOneAddress ? 0 : index) : undefined,
    };
  });
}

/** 127.1.0.1, 127.1.0.2, ...: never 127.0.0.1, which all other local programs use. */
function sourceAddress(index: number): string {
  const host = index + 1;
  return `127.${1 + (host >> 16)}.${(host >> 8) & 255}.${host & 255}`;
}

function hasLoopbackNetwork(counter: string): boolean {
  const { hostname } = new URL(counter);
  return process.platform === "linux" && (hostname === "localhost" || hostname.startsWith("127."));
}
