import { setTimeout as delay } from "node:timers/promises";
import { expect } from "vitest";

/** The public shape of an order, as far as these tests read it. */
export interface OrderJson {
  readonly id: string;
  readonly status: string;
  readonly name?: string;
  readonly result?: unknown;
}

/** Waiting for the thing itself, with a deadline. */
export const until = { interval: 20 };

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

/** A customer with patience: asks again under the same key until there is a 200, as the counter's clients should. */
export async function served(urls: readonly string[], name: string, key: string): Promise<OrderJson> {
  for (let attempt = 0; ; attempt++) {
    const response = await order(urls[attempt % urls.length] ?? "", name, { key }).catch(() => undefined);
    if (response?.status === 200) return (await response.json()) as OrderJson;
    await response?.body?.cancel();
    await delay(50);
  }
}

export async function orderJson(url: string, id: string): Promise<OrderJson> {
  const response = await fetch(`${url}/orders/${id}`);
  expect(response.status).toBe(200);
  return (await response.json()) as OrderJson;
}

/** Takes the next order that waits at the bar, as soon as there is one. */
export async function start(url: string): Promise<{ order_id: string; claim_token: string }> {
  for (;;) {
    const response = await fetch(`${url}/start/`).catch(() => undefined);
    if (response?.status === 200) return (await response.json()) as { order_id: string; claim_token: string };
    await response?.body?.cancel();
    await delay(20);
  }
}

export async function finish(url: string, orderId: string): Promise<void> {
  for (;;) {
    const response = await fetch(`${url}/finish/?order_id=${orderId}`, { method: "POST" }).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.status === 200) return;
    await delay(20);
  }
}

/** A barista who brews every order until the signal. Brewing takes no time. */
export async function brewing(url: string, count: number): Promise<string[]> {
  const brewed: string[] = [];
  while (brewed.length < count) {
    const { order_id } = await start(url);
    await finish(url, order_id);
    brewed.push(order_id);
  }
  return brewed;
}
