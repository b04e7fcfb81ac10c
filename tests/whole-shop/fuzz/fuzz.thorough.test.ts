import { Inspector, inspected } from "@doubleshot/bench/inspection/inspector";
import { type OpenShop, openShop } from "@doubleshot/dev-shop";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exchange, type RawAnswer, type RawRequest } from "./exchange.ts";
import { greedyOrders } from "./orders.ts";
import { ordinaryBusiness } from "./ordinary-business.ts";
import { requests } from "./requests.ts";

// Arbitrary requests on every route of every service, while the shop serves customers. There is no 5xx, each refusal is a
// problem document, customers are served, and the process stays up and does not grow.

const batches = 210;
const batchSize = 50;
/** Each batch with this number orders too much from one address. */
const greedyEvery = 15;
/** Time limit of a request that may wait, and of all others. */
const hangUpMs = 150;
const giveUpMs = 20_000;
/** A leak of half a kilobyte for each request in the last two thirds of the batches exceeds it. */
const maxGrowthBytes = 3_000_000;

let shop: OpenShop;
beforeAll(async () => {
  const all = { LOG_LEVEL: "error", TRUST_PROXY: "loopback", ...inspected };
  const orders = { RATE_BURST: "20", RATE_PER_SECOND: "2" };
  const services = { orders: { env: orders }, barista: { env: { LEASE_SECONDS: "1" } } };
  shop = await openShop({ only: ["orders", "barista", "customers"], env: all, services });
});
afterAll(() => shop?.close());

/** Returns whether the service may let the request wait: for work or events at the bar, or for the rest of its body. */
function mayWait({ method, target, body, length = 0 }: RawRequest, name: keyof OpenShop["services"]): boolean {
  const atTheBar = name === "barista" && /^(GET|POST)$/.test(method) && /\/(start|claims|events)\b/i.test(target);
  return atTheBar || length > body.length;
}

/** @throws Error that shows the request, when the answer is a 5xx or a refusal without a problem document */
function judge(request: RawRequest, { status, type, body }: RawAnswer): void {
  if (status >= 500) throw new Error(`${status} ${body.slice(0, 500)} for ${show(request)}`);
  if (status < 400 || request.method === "HEAD") return;
  const problem = type === "application/problem+json" ? JSON.parse(body) : {};
  if (problem.status !== status || !problem.detail)
    throw new Error(`${status} is no problem: ${type} ${body} for ${show(request)}`);
}

const show = (request: RawRequest) =>
  JSON.stringify({ ...request, body: request.body.toString("latin1") }).slice(0, 1_000);

const account = { name: "Ada", credit_limit: 1_000 };

const post = (url: string, body: object) =>
  fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

/** Statuses of every run. A 204 is not among them, because the bar always has work while the shop serves customers. */
const expected = {
  orders: [200, 201, 202, 400, 404, 405, 409, 413, 415, 422, 429],
  barista: [200, 400, 404, 405, 413, 415],
  customers: [200, 400, 404, 405, 413, 415],
};

describe.each(["orders", "barista", "customers"] as const)("the %s service", (name) => {
  test(`takes ${batches * batchSize} requests of any kind`, { timeout: 400_000 }, async () => {
    const [service] = shop.services[name];
    if (service === undefined) throw new Error("There is no such service.");
    const { url, pid } = service;
    const port = Number(new URL(url).port);
    const counter = shop.services.orders[0]?.url;
    const placed = async () => Object(await (await fetch(`${counter}/orders`, { method: "POST" })).json()).id as string;
    const opened = async () => Object(await (await post(`${url}/customers`, account)).json()).id as string;
    const made = name === "customers" ? opened : placed;
    const ids = await Promise.all([made(), made(), made()]);
    const document = Object(await (await fetch(`${url}/openapi.json`)).json());
    const surface = { paths: Object.keys(document.paths), ids };
    const business = ordinaryBusiness(shop);
    using inspector = await Inspector.of(service);
    const statuses: Record<string, number> = {};
    const heaps: number[] = [];

    const send = async (request: RawRequest, inAHurry: boolean) => {
      const patient = !inAHurry && !mayWait(request, name);
      const answer = await exchange(port, request, patient ? giveUpMs : hangUpMs);
      if (answer !== "waiting") judge(request, answer);
      else if (patient) throw new Error(`No answer to ${show(request)}`);
      const kind = answer === "waiting" ? "hung-up" : answer.status;
      statuses[kind] = (statuses[kind] ?? 0) + 1;
    };
    // The requests are samples and not a property, because a failure names its one request and needs no shrinking.
    for (let seed = 1; seed <= batches; seed++) {
      const kind = seed % greedyEvery === 0 ? greedyOrders : requests(surface);
      const batch = fc.sample(kind, { numRuns: batchSize, seed });
      await Promise.all(batch.map((request, index) => send(request, index % 10 === 0)));
      if (seed % (batches / 3) === 0) heaps.push((await inspector.memory()).heap);
    }
    const served = await business.end();

    const megabytes = heaps.map((heap) => (heap / 1e6).toFixed(1)).join(", ");
    process.stdout.write(`${name}: ${JSON.stringify(statuses)}, ${served} customers served, heap ${megabytes} MB\n`);
    const [first = Number.NaN, , last = Number.NaN] = heaps;
    expect(last - first).toBeLessThan(maxGrowthBytes);
    expect(Object.values(statuses).reduce((sum, count) => sum + count, 0)).toBe(batches * batchSize);
    expect(Object.keys(statuses)).toEqual(expect.arrayContaining(expected[name].map(String)));
    expect(served).toBeGreaterThan(0);
    expect(service.pid).toBe(pid);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
  });
});
