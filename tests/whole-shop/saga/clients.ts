import { uuidv7 } from "@doubleshot/messaging";
import { place } from "@doubleshot/orders/src/order/order.ts";
import type { Step } from "./history.ts";
import type { SagaShop } from "./saga-shop.ts";

/** Items of every order here. */
const items = [{ sku: "americano", quantity: 1 }];

/** The clients' record of their requests, to be compared with the tables at the end. */
export interface Reported {
  readonly orders: string[];
  readonly payments: string[];
  readonly cancelled: string[];
}

/** Customers and baristas of a shop. Each request is repeated under its key until it has an answer. */
export class Clients {
  readonly reported: Reported = { orders: [], payments: [], cancelled: [] };
  readonly #shop: SagaShop;
  readonly #customers: string[] = [];
  #requests = 0;

  constructor(shop: SagaShop) {
    this.#shop = shop;
  }

  /** Opens the accounts. */
  async open(limits: readonly number[]): Promise<void> {
    for (const limit of limits) {
      const key = this.#key();
      const opened = await this.#asked("customers", ({ openAccount }) =>
        openAccount.open({ name: "Jane", limit }, key),
      );
      if (opened.outcome === "opened") this.#customers.push(opened.customer.id);
    }
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      await this.#pause(step.pauseMs);
      await this.#perform(step);
    }
  }

  /** Brews what waits, until the bar closes. */
  async brew(isClosed: () => boolean, maxPauseMs: number): Promise<void> {
    while (!isClosed()) {
      await this.#pause(this.#shop.aws.random.integer(20, maxPauseMs));
      const tickets = this.#shop.aws.dynamodb.table("barista").sorted();
      const open = tickets.filter(({ status }) => status?.S === "QUEUED" || status?.S === "STARTED");
      const ticket = open[this.#shop.aws.random.integer(0, Math.max(0, open.length - 1))];
      const id = ticket?.id?.S;
      if (id === undefined) continue;
      const isQueued = ticket?.status?.S === "QUEUED";
      await this.#tried("barista", async ({ claim, finish }) => void (await (isQueued ? claim(id) : finish(id))));
    }
  }

  async #perform(step: Step): Promise<void> {
    switch (step.action) {
      case "order":
        return this.#order({ customerId: this.#customer(step.customer), total: step.total });
      case "order-as-guest":
        return this.#order({});
      case "cancel": {
        const { orders, cancelled } = this.reported;
        const id = orders[step.order % Math.max(1, orders.length)];
        if (id === undefined) return;
        const result = await this.#asked("orders", ({ cancelOrder }) => cancelOrder.cancel(id));
        if (result.outcome === "cancelling" || result.outcome === "cancelled") cancelled.push(id);
        return;
      }
      case "pay": {
        const [id, key] = [this.#customer(step.customer), this.#key()];
        const paid = await this.#asked("customers", ({ payDebt }) => payDebt.pay(id, step.amount, key));
        if (paid.outcome === "paid") this.reported.payments.push(paid.payment.id);
        return;
      }
      case "amend": {
        const id = this.#customer(step.customer);
        await this.#asked("customers", ({ amendCustomer }) => amendCustomer.amend(id, { limit: step.limit }));
      }
    }
  }

  async #order(account: { customerId?: string; total?: number }): Promise<void> {
    const key = this.#key();
    const orderId = await this.#asked("orders", async ({ orders, requestKeys }, { clock }) => {
      const id = uuidv7(clock.now(), clock.randomBytes(16));
      const now = new Date(clock.now());
      const decision = place({ items, ...account }, { id, turn: 1, at: now.toISOString() });
      const bound = { result: { orderId: id }, request: key, now };
      const result = await orders.commit(decision, { guarded: { key: requestKeys.bind(key, bound) } });
      return result.outcome === "committed" ? id : String(result.found?.orderId);
    });
    this.reported.orders.push(orderId);
  }

  /** A customer, or a stranger if the number is beyond them. */
  #customer(number: number): string {
    return this.#customers[number] ?? "00000000-0000-7000-8000-000000000000";
  }

  #key(): string {
    this.#requests += 1;
    return `request-${this.#requests}`;
  }

  /** Sends the request again until it is answered. */
  async #asked<Name extends "orders" | "customers", Answer>(
    name: Name,
    request: Request<Name, Answer>,
  ): Promise<Answer> {
    for (;;) {
      const answer = await this.#tried(name, request);
      if (answer !== undefined) return answer.answer;
      await this.#pause(this.#shop.aws.random.integer(50, 500));
    }
  }

  /** Sends the request once. Undefined if it fails, or its process dies. */
  #tried<Name extends "orders" | "customers" | "barista", Answer>(
    name: Name,
    request: Request<Name, Answer>,
  ): Promise<{ readonly answer: Answer } | undefined> {
    const reached = this.#shop.process(name);
    if (reached === undefined) return Promise.resolve(undefined);
    const { process, parts } = reached;
    return new Promise((resolve) => {
      process.onCrash(() => resolve(undefined));
      request(parts, process).then(
        (answer) => resolve({ answer }),
        () => resolve(undefined),
      );
    });
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => void this.#shop.time.after(milliseconds, resolve));
  }
}

type Reached<Name extends "orders" | "customers" | "barista"> = NonNullable<
  ReturnType<typeof SagaShop.prototype.process<Name>>
>;
type Request<Name extends "orders" | "customers" | "barista", Answer> = (
  parts: Reached<Name>["parts"],
  process: Reached<Name>["process"],
) => Promise<Answer>;
