import type { OpenShop } from "@doubleshot/dev-shop";

/** The ids of orders in each state. */
export interface Filled {
  readonly waiting: string;
  readonly brewing: string;
  readonly ready: string;
}

/** A page of the shop, and a text that it shows when it has loaded. */
export const pages = [
  { name: "order", path: () => "/", shows: "Flat white" },
  { name: "waiting", path: ({ waiting }: Filled) => `/?order=${waiting}`, shows: "In the queue" },
  { name: "ready", path: ({ ready }: Filled) => `/?order=${ready}`, shows: "Your coffee is ready" },
  { name: "unknown", path: () => "/?order=nothing", shows: "The shop knows no such order." },
  { name: "bar", path: () => "/bar", shows: "Grace" },
  { name: "display", path: () => "/display", shows: "Ada" },
] as const;

interface Wish {
  readonly name: string;
  readonly items: readonly { readonly sku: string; readonly quantity: number }[];
}

/** Longer than any line. */
export const longName: Wish = { name: "Ω".repeat(60), items: [{ sku: "tea", quantity: 1 }] };

const orders: readonly Wish[] = [
  { name: "Ada", items: [{ sku: "flat-white", quantity: 1 }] },
  { name: "Linus", items: [{ sku: "espresso", quantity: 2 }] },
  { name: "Barbara", items: [{ sku: "latte", quantity: 1 }] },
  { name: "Margaret", items: [{ sku: "cappuccino", quantity: 1 }] },
  { name: "Edsger", items: [{ sku: "americano", quantity: 1 }] },
  {
    name: "Grace",
    items: [
      { sku: "mocha", quantity: 2 },
      { sku: "tea", quantity: 1 },
    ],
  },
  { name: "Radia", items: [{ sku: "tea", quantity: 1 }] },
  { name: "Katherine Coleman Goble Johnson", items: [{ sku: "cortado", quantity: 2 }] },
  { name: "Alan", items: [{ sku: "flat-white", quantity: 1 }] },
];
const finished = 3;
const started = 2;

async function post<T>(url: string, body?: unknown): Promise<T> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** Orders for nine people and `more`: three coffees are ready, two are brewing, the others wait. */
export async function fillShop(shop: OpenShop, more: readonly Wish[] = []): Promise<Filled> {
  const url = `${shop.services.web[0]?.url}`;
  const ids: string[] = [];
  for (const order of [...orders, ...more]) ids.push((await post<{ id: string }>(`${url}/orders`, order)).id);
  for (let index = 0; index < finished + started; index++) {
    const claim_token = crypto.randomUUID();
    const claim = await claimed(url, claim_token);
    if (index >= finished) continue;
    await post(`${url}/claims/${claim}/finish`, { claim_token, result: { note: "Mind the cup, it is hot." } });
  }
  const [ready = "", , , brewing = "", , , , waiting = ""] = ids;
  return { ready, brewing, waiting };
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
