import { setTimeout as delay } from "node:timers/promises";
import { shop } from "@doubleshot/shop";

/** The ports of the proxy. */
const counter = `http://127.0.0.1:${shop.services.orders.port}`;
const bar = `http://127.0.0.1:${shop.services.barista.port}`;

export interface Served {
  readonly id: string;
  readonly status: string;
}

/** A customer with patience: orders again under the same key until there is a 200. */
export async function served(key: string): Promise<Served> {
  for (;;) {
    const response = await fetch(`${counter}/order/`, { method: "POST", headers: { "idempotency-key": key } }).catch(
      () => undefined,
    );
    if (response?.status === 200) return (await response.json()) as Served;
    await response?.body?.cancel();
    await delay(100);
  }
}

/** The bar asks for a token. */
let authorization = "";

export function useToken(token: string): void {
  authorization = `Bearer ${token}`;
}

const asBarista = (path: string, method: "GET" | "POST"): Promise<Response | undefined> =>
  fetch(`${bar}${path}`, { method, headers: { authorization } }).catch(() => undefined);

/** Claims so many orders, each as soon as it waits. Resolves with their ids. */
export async function claimed(count: number): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < count) {
    const response = await asBarista("/start/", "GET");
    if (response?.status === 200) ids.push(((await response.json()) as { order_id: string }).order_id);
    else await response?.body?.cancel();
    if (response?.status !== 200) await delay(50);
  }
  return ids;
}

export async function finished(id: string): Promise<void> {
  for (;;) {
    const response = await asBarista(`/finish/?order_id=${id}`, "POST");
    await response?.body?.cancel();
    if (response?.status === 200) return;
    await delay(50);
  }
}

/** So many customers, and a barista for them. Resolves with their orders. */
export async function serveAll(keys: readonly string[]): Promise<Served[]> {
  const orders = Promise.all(keys.map(served));
  for (const id of await claimed(keys.length)) await finished(id);
  return orders;
}
