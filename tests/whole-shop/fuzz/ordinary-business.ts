import { setTimeout as delay } from "node:timers/promises";
import { createBarista } from "@doubleshot/barista-client";
import type { OpenShop } from "@doubleshot/dev-shop";

export interface OrdinaryBusiness {
  /** Stops the customers. Resolves with the number of customers served. @throws Error when one was not served */
  end(): Promise<number>;
}

/** Without it, customers would take most of the CPU that the requests of the test need. */
const pauseBetweenCustomersMs = 50;

/** Addresses that no other caller has, and so many that no customer meets the rate limit. */
const addressOf = (customer: number) => `198.51.100.${customer % 250}`;

/** Runs baristas that brew every order at once, and one customer after another. */
export function ordinaryBusiness({ services }: OpenShop): OrdinaryBusiness {
  const {
    orders: [counter],
    barista: [bar],
  } = services;
  if (counter === undefined || bar === undefined) throw new Error("The shop lacks a counter or a bar.");
  const closing = new AbortController();
  const over = new AbortController();
  const brew = async () => undefined;
  const baristas = createBarista({ url: bar.url, brew, concurrency: 10, signal: over.signal });
  const customers = (async () => {
    let served = 0;
    for (; !closing.signal.aborted; served++) {
      const headers = { "X-Forwarded-For": addressOf(served) };
      const answer = await fetch(`${counter.url}/order/`, { method: "POST", headers });
      const body = await answer.text();
      if (answer.status !== 200) throw new Error(`A customer got ${answer.status} ${body}`);
      await delay(pauseBetweenCustomersMs);
    }
    return served;
  })();
  // `end` reports the failure.
  customers.catch(() => undefined);
  return {
    end: async () => {
      closing.abort();
      try {
        return await customers;
      } finally {
        over.abort();
        await baristas.closed;
      }
    },
  };
}
