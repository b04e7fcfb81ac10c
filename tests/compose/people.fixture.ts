import { coffeeShop } from "@doubleshot/shop";
import { finish, type OrderJson, served as servedAt, start } from "@doubleshot/whole-shop-tests/e2e/people.fixture.ts";

/** The ports of the proxy. */
const counter = `http://127.0.0.1:${coffeeShop.services.orders.port}`;
const bar = `http://127.0.0.1:${coffeeShop.services.barista.port}`;

/** The bar asks for a token. */
const baristas = { authorization: "" };

export function useToken(token: string): void {
  baristas.authorization = `Bearer ${token}`;
}

export const served = (key: string): Promise<OrderJson> => servedAt([counter], "Ada", key);

/** Claims so many orders, each as soon as it waits. Resolves with their ids. */
export async function claimed(count: number): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < count) ids.push((await start(bar, baristas)).order_id);
  return ids;
}

export const finished = (id: string): Promise<void> => finish(bar, id, baristas);

/** So many customers, and a barista for them. Resolves with their orders. */
export async function serveAll(keys: readonly string[]): Promise<OrderJson[]> {
  const orders = Promise.all(keys.map(served));
  for (const id of await claimed(keys.length)) await finished(id);
  return orders;
}
