import type { BaristaEvents, Trouble } from "@doubleshot/barista-client";
import type { Customer, Visit } from "../customer.ts";
import { percentile } from "../percentile.ts";

/** The result of a rush. */
export interface Result {
  readonly customers: number;
  /** The customers' names, which no other rush has. */
  readonly names: readonly string[];
  /** Customers with exactly one 200 for their own order, which no other customer got. */
  readonly served: number;
  /** Customers who ended with another answer or none, and unexpected answers to baristas. */
  readonly errors: readonly string[];
  /** Customers who ended without any answer. */
  readonly unanswered: number;
  /** Customers with more than one order, and orders given to more than one customer. */
  readonly duplicates: number;
  /** Customers who got an order that is not completed or not their own. */
  readonly crossed: number;
  readonly retries: number;
  readonly waitMs: { readonly p50: number; readonly p95: number; readonly p99: number };
  readonly finishToAnswerMs: { readonly p50: number; readonly p99: number };
}

/** Records a rush: the tickets that the baristas took and finished, and the answers that the customers got. */
export class Scoreboard implements BaristaEvents {
  taken = (ticket: { orderId: string; name?: string }): void => {
    if (ticket.name === undefined || !this.#names.has(ticket.name)) return;
    const orders = this.#ordersOf.get(ticket.name) ?? new Set();
    this.#ordersOf.set(ticket.name, orders.add(ticket.orderId));
  };
  finishing = ({ orderId }: { orderId: string }): void => {
    if (!this.#finishing.has(orderId)) this.#finishing.set(orderId, performance.now());
  };
  finished = ({ orderId, name }: { orderId: string; name?: string }): void => {
    if (name !== undefined && this.#names.has(name)) this.#brewed.add(orderId);
  };
  /** Only a refusal or a failed brew is an error. A barista retries an unavailable bar, and drops a lost claim. */
  trouble = ({ kind, error }: Trouble): void => {
    if (kind === "refused" || kind === "brew") this.#errors.push(`a barista: ${error}`);
  };

  readonly #names: ReadonlySet<string>;
  readonly #ordersOf = new Map<string, Set<string>>();
  readonly #finishing = new Map<string, number>();
  readonly #brewed = new Set<string>();
  readonly #visits: Visit[] = [];
  readonly #errors: string[] = [];

  constructor(customers: readonly Customer[]) {
    this.#names = new Set(customers.map(({ name }) => name));
  }

  /** Counts so far: orders that baristas took, orders finished, customers with a 200, and errors. */
  get progress(): { taken: number; brewed: number; served: number; errors: number } {
    const served = this.#visits.filter(({ answer }) => answer?.status === 200).length;
    const errors = this.#visits.length - served + this.#errors.length;
    return { taken: this.#ordersOf.size, brewed: this.#brewed.size, served, errors };
  }

  left(visit: Visit): void {
    this.#visits.push(visit);
  }

  result(): Result {
    const given = this.#visits.filter(({ answer }) => answer?.status === 200);
    const own = given.filter((visit) => isOwn(visit));
    const customersOf = new Map<string, number>();
    for (const { answer } of given) {
      const id = orderId(answer?.body);
      customersOf.set(id, (customersOf.get(id) ?? 0) + 1);
    }
    const shared = [...customersOf].filter(([, customers]) => customers > 1).map(([id]) => id);
    const twice = [...this.#ordersOf.values()].filter((orders) => orders.size > 1);
    const served = own.filter(({ answer }) => !shared.includes(orderId(answer?.body)));
    const waits = served.map(({ waitMs }) => waitMs);
    const lags = served.flatMap(({ answer, answeredAt }) => {
      const finishedAt = this.#finishing.get(orderId(answer?.body));
      return finishedAt === undefined ? [] : [answeredAt - finishedAt];
    });
    return {
      customers: this.#names.size,
      names: [...this.#names],
      served: served.length,
      errors: [...this.#errors, ...this.#visits.filter((visit) => visit.answer?.status !== 200).map(complaint)],
      unanswered: this.#visits.filter(({ answer }) => answer === undefined).length,
      duplicates: shared.length + twice.length,
      crossed: given.length - own.length,
      retries: this.#visits.reduce((sum, { retries }) => sum + retries, 0),
      waitMs: { p50: percentile(waits, 50), p95: percentile(waits, 95), p99: percentile(waits, 99) },
      finishToAnswerMs: { p50: percentile(lags, 50), p99: percentile(lags, 99) },
    };
  }
}

/** Returns whether every customer got exactly one 200 with their own order. */
export function isPerfect({ customers, served, errors, duplicates, crossed }: Result): boolean {
  return served === customers && errors.length === 0 && duplicates === 0 && crossed === 0;
}

function isOwn({ customer, answer }: Visit): boolean {
  const order = answer?.body;
  if (typeof order !== "object" || order === null) return false;
  const { name, items, status } = { name: undefined, items: undefined, status: undefined, ...order };
  return name === customer.name && status === "COMPLETED" && sameItems(items, customer.items);
}

function sameItems(items: unknown, expected: Customer["items"]): boolean {
  const written = (list: readonly unknown[]) =>
    JSON.stringify(
      list.map((item) => (item === null || typeof item !== "object" ? item : Object.entries(item).sort())),
    );
  return Array.isArray(items) && written(items) === written(expected);
}

function orderId(body: unknown): string {
  return typeof body === "object" && body !== null && "id" in body ? String(body.id) : "";
}

function complaint({ customer, answer }: Visit): string {
  return answer ? `${customer.name} got ${answer.status} ${excerpt(answer.body)}` : `${customer.name} got no answer`;
}

function excerpt(body: unknown): string {
  return (JSON.stringify(body) ?? "without a body").slice(0, 200);
}
