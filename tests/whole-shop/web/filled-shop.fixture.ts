import type { OpenShop } from "@doubleshot/dev-shop";

/** The browser itself writes it to the console. */
const notFound = "Failed to load resource: the server responded with a status of 404 (Not Found)";

/** A page of the shop, and a text that it shows when it has loaded. `past` is the id of a finished order. */
export const pages = [
  { name: "order", path: () => "/", shows: "What may we brew?", complains: [] },
  { name: "ready", path: (past: string) => `/?order=${past}`, shows: "Your coffee is ready", complains: [] },
  { name: "unknown", path: () => "/?order=nothing", shows: "The shop knows no such order.", complains: [notFound] },
  { name: "bar", path: () => "/bar", shows: "Grace", complains: [] },
  { name: "display", path: () => "/display", shows: "Ada", complains: [] },
] as const;

const people = [
  "Ada",
  "Linus",
  "Barbara",
  "Edsger",
  "Grace",
  "Margaret",
  "Ω".repeat(60),
  "Katherine Coleman Goble Johnson",
];
const coffees = ["flat-white", "espresso", "latte", "cappuccino", "americano", "mocha", "tea", "cortado"];

async function post<T>(url: string, body?: unknown): Promise<T> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** Orders for eight people: two coffees are ready, two are brewing, four wait. Returns the id of the first one. */
export async function fillShop(shop: OpenShop): Promise<string> {
  const url = `${shop.services.web[0]?.url}`;
  const ids: string[] = [];
  for (const [index, name] of people.entries()) {
    const items = [{ sku: coffees[index] ?? "latte", quantity: 1 + (index % 2) }];
    ids.push((await post<{ id: string }>(`${url}/orders`, { items, name })).id);
  }
  for (const isFinished of [true, true, false, false]) {
    const claim_token = crypto.randomUUID();
    const claim = await claimed(url, claim_token);
    if (!isFinished) continue;
    await post(`${url}/claims/${claim}/finish`, { claim_token, result: { note: "Mind the cup, it is hot." } });
  }
  return ids[0] ?? "";
}

async function claimed(url: string, claim_token: string): Promise<string> {
  for (;;) {
    const ticket = await post<{ order_id: string } | undefined>(`${url}/claims?wait=20`, {
      claim_token,
      lease_seconds: 600,
    });
    if (ticket) return ticket.order_id;
  }
}
