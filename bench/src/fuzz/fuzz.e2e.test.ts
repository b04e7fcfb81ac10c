import { openShop, type Shop } from "@doubleshot/dev-shop";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exchange, type RawAnswer, type RawRequest } from "./exchange.ts";
import { requests } from "./requests.ts";

// Anything at all, on every route of both services: no 5xx, a problem for whatever is refused, and a process that stays
// up.

const batches = 210;
const batchSize = 50;
/** Milliseconds after which a caller who may have to wait hangs up, and after which one who may not is forgotten. */
const hangUp = 150;
const forgotten = 20_000;

let shop: Shop;
beforeAll(async () => {
  const unlimited = {
    RATE_BURST: "1000000",
    RATE_PER_SECOND: "1000000",
    OPEN_ORDERS: "300",
    MAX_WAITING: "100000",
  };
  shop = await openShop({ env: { all: { LOG_LEVEL: "error" }, orders: unlimited, barista: { LEASE_SECONDS: "1" } } });
});
afterAll(() => shop?.close());

/** Whoever may be kept waiting: for a coffee, an event or a ticket; or because they have not said all that they promised. */
function mayWait({ method, target, headers, body, length = 0 }: RawRequest): boolean {
  const waits = headers.some(([name, value]) => /^(prefer|expect|upgrade)$/i.test(name) && value !== "wait=0");
  return (
    (/^(POST|GET)$/.test(method) && (waits || /\/(order|orders|start|events)\b/i.test(target))) || length > body.length
  );
}

/** @throws Error that shows the request, when the answer is not what it has to be. */
function judge(request: RawRequest, answer: RawAnswer | "waiting"): void {
  if (answer === "waiting") {
    if (mayWait(request)) return;
    throw new Error(`No answer to ${show(request)}`);
  }
  const { status, type, body } = answer;
  if (status >= 500) throw new Error(`${status} ${body.slice(0, 500)} for ${show(request)}`);
  if (status < 400 || request.method === "HEAD") return;
  const problem = type === "application/problem+json" ? JSON.parse(body) : {};
  if (problem.status !== status || !problem.detail)
    throw new Error(`${status} is no problem: ${type} ${body} for ${show(request)}`);
}

const show = (request: RawRequest) =>
  JSON.stringify({ ...request, body: request.body.toString("latin1") }).slice(0, 1_000);

describe.each(["orders", "barista"] as const)("the %s service", (name) => {
  test(`takes ${batches * batchSize} requests of any kind`, { timeout: 300_000 }, async () => {
    const [service] = shop[name];
    if (service === undefined) throw new Error("There is no such service.");
    const { url, pid } = service;
    const port = Number(new URL(url).port);
    const counter = shop.orders[0]?.url;
    const placed = async () => Object(await (await fetch(`${counter}/orders`, { method: "POST" })).json()).id as string;
    const ids = await Promise.all([placed(), placed(), placed()]);
    const document = Object(await (await fetch(`${url}/openapi.json`)).json());
    const paths = Object.keys(document.paths ?? { "/start": {}, "/finish": {} });
    const statuses = new Map<number | "waiting", number>();

    const batch = async (sent: readonly RawRequest[]) => {
      await Promise.all(
        sent.map(async (request) => {
          const answer = await exchange(port, request, mayWait(request) ? hangUp : forgotten);
          judge(request, answer);
          const kind = answer === "waiting" ? answer : answer.status;
          statuses.set(kind, (statuses.get(kind) ?? 0) + 1);
        }),
      );
    };
    // Sampled and not asserted as a property: a failure names its one request, and there is nothing to shrink.
    for (let seed = 1; seed <= batches; seed++) {
      await batch(fc.sample(requests({ paths, ids }), { numRuns: batchSize, seed }));
    }

    expect([...statuses.values()].reduce((sum, count) => sum + count, 0)).toBe(batches * batchSize);
    expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 400, 404, 405]));
    expect(service.pid).toBe(pid);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
  });
});
