import { expect, vi } from "vitest";

/** The public shape of an order, as far as these tests read it. */
export interface OrderJson {
  readonly id: string;
  readonly status: string;
  readonly name?: string;
  readonly result?: unknown;
}

/** Waiting for the thing itself, with a deadline. */
export const until = { interval: 20 };

/** A shop in containers takes more than a minute to its first order on a busy machine. */
const patienceMs = 300_000;

interface OrderOptions {
  readonly key?: string;
  readonly signal?: AbortSignal;
}

/** Orders at the counter once, and resolves with the answer. */
export function order(url: string, name: string, { key, signal }: OrderOptions = {}): Promise<Response> {
  return fetch(`${url}/order/`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(key === undefined ? {} : { "idempotency-key": key }) },
    body: JSON.stringify({ name }),
    ...(signal ? { signal } : {}),
  });
}

/** Sends the request again until it is answered with a 200. */
function answered(send: () => Promise<Response>): Promise<Response> {
  const attempt = async () => {
    const response = await send();
    if (response.status === 200) return response;
    await response.body?.cancel();
    throw new Error(`${response.url} answers ${response.status}.`);
  };
  return vi.waitFor(attempt, { ...until, timeout: patienceMs });
}

/** A customer with patience: asks again under the same key until there is a 200, as the counter's clients should. */
export async function served(urls: readonly string[], name: string, key: string): Promise<OrderJson> {
  let attempts = 0;
  const response = await answered(() => order(urls[attempts++ % urls.length] ?? "", name, { key }));
  return (await response.json()) as OrderJson;
}

export async function orderJson(url: string, id: string): Promise<OrderJson> {
  const response = await fetch(`${url}/orders/${id}`);
  expect(response.status).toBe(200);
  return (await response.json()) as OrderJson;
}

type Headers = Readonly<Record<string, string>>;

/** Takes the next order that waits at the bar, as soon as there is one. */
export async function start(url: string, headers: Headers = {}): Promise<{ order_id: string; claim_token: string }> {
  const response = await answered(() => fetch(`${url}/start/`, { headers }));
  return (await response.json()) as { order_id: string; claim_token: string };
}

export async function finish(url: string, orderId: string, headers: Headers = {}): Promise<void> {
  const response = await answered(() => fetch(`${url}/finish/?order_id=${orderId}`, { method: "POST", headers }));
  await response.body?.cancel();
}

/** A barista that brews so many orders, one after the other. Brewing takes no time. */
export async function brewing(url: string, count: number): Promise<string[]> {
  const brewed: string[] = [];
  while (brewed.length < count) {
    const { order_id } = await start(url);
    await finish(url, order_id);
    brewed.push(order_id);
  }
  return brewed;
}
