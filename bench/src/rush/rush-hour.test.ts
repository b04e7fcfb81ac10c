import { randomUUID } from "node:crypto";
import type { RequestListener } from "node:http";
import { text } from "node:stream/consumers";
import { serveHttp } from "@doubleshot/service-kit/testing";
import { expect, test } from "vitest";
import { isPerfect } from "./results/scoreboard.ts";
import { rushHour } from "./rush-hour.ts";

// The shop here is a stub of a counter and a bar, so that a test can fail a customer in every way.

interface Order {
  id: string;
  name: string;
  items: unknown;
  status: string;
}

/**
 * A shop without faults. The counter calls `failWith` after it has taken the order, once for each attempt of its customer: a
 * status is the answer to this attempt, and `cut` closes the connection.
 */
async function shop(failWith: (attempt: number) => number | "cut" | undefined = () => undefined) {
  const byKey = new Map<string, Order>();
  const attempts = new Map<string, number>();
  const addresses = new Set<string | undefined>();
  const queue: Order[] = [];
  const waiting = new Map<string, () => void>();
  const orders = await serveHttp(async (request, response) => {
    const { name, items } = JSON.parse(await text(request));
    const key = String(request.headers["idempotency-key"]);
    addresses.add(request.socket.remoteAddress);
    const attempt = (attempts.get(key) ?? 0) + 1;
    attempts.set(key, attempt);
    const order = byKey.get(key) ?? { id: randomUUID(), name, items, status: "PLACED" };
    if (!byKey.has(key)) queue.push(order);
    byKey.set(key, order);
    const failure = failWith(attempt);
    const answer = () => response.end(JSON.stringify(order));
    if (failure === "cut") request.socket.destroy();
    else if (failure !== undefined) response.writeHead(failure).end("{}");
    else if (order.status === "COMPLETED") answer();
    else waiting.set(order.id, answer);
  });
  const claim: RequestListener = (_, response) => {
    const order = queue.shift();
    if (order) response.end(JSON.stringify({ order_id: order.id, name: order.name, items: order.items }));
    else setTimeout(() => response.writeHead(204).end(), 5);
  };
  const finish: RequestListener = (request, response) => {
    const order = [...byKey.values()].find(({ id }) => request.url === `/claims/${id}/finish`);
    if (order) order.status = "COMPLETED";
    response.writeHead(order ? 200 : 404).end();
    if (order) waiting.get(order.id)?.();
  };
  const barista = await serveHttp((request, response) =>
    request.url?.startsWith("/claims?") ? claim(request, response) : finish(request, response),
  );
  return { orders: [orders], barista: [barista], addresses };
}

const small = { customers: 20, baristas: 3, speed: 10_000, seed: 7 };
const rush = (at: { orders: string[]; barista: string[] }) =>
  rushHour(small, at, () => undefined, new AbortController().signal);

test("every customer is served, each from a source address of their own", async () => {
  const open = await shop();
  const result = await rush(open);
  expect(result).toMatchObject({ served: 20, errors: [], duplicates: 0, crossed: 0, retries: 0 });
  expect(result.finishToAnswerMs.p99).toBeGreaterThan(0);
  expect(isPerfect(result)).toBe(true);
  if (process.platform === "linux") expect(open.addresses.size).toBe(20);
});

test("a customer retries with the same key after a cut connection or a 503, and counts once", async () => {
  const result = await rush(await shop((attempt) => (["cut", 503] as const)[attempt - 1]));
  expect(result).toMatchObject({ served: 20, errors: [], duplicates: 0, retries: 40 });
});

test("a 500 ends the visit and is an error", async () => {
  const result = await rush(await shop((attempt) => (attempt === 1 ? 500 : undefined)));
  expect(result.served).toBe(0);
  expect(result.errors).toHaveLength(20);
});

test("a stop counts every customer who was not served as an error", async () => {
  const open = await shop();
  const stop = new AbortController();
  const stopOnceBrewing = ({ brewed }: { brewed: number }) => brewed > 0 && stop.abort();
  const result = await rushHour({ ...small, speed: 100 }, open, stopOnceBrewing, stop.signal);
  expect(result.cutShort).toBe("interrupted");
  expect(result.unanswered).toBe(result.errors.length);
  expect(result.served).toBeLessThan(20);
  expect(result.served + result.errors.length).toBe(20);
});

test("a shop that does not come back ends the rush", async () => {
  const gone = await shop(() => "cut");
  const result = await rushHour({ ...small, patienceMs: 300 }, gone, () => undefined, new AbortController().signal);
  expect(result).toMatchObject({ served: 0, unanswered: 20, cutShort: "stalled" });
});
