import type { RunningService } from "@doubleshot/service-kit";
import { type Conformity, conformity, documentOf } from "@doubleshot/service-kit/testing";
import type { AwsClients } from "@doubleshot/topology";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { startOrders } from "../start-orders.ts";
import { openTestAws, openTestShop, type TestAws, type TestShop, until } from "../test-shop.fixture.ts";

/** A shop of its own for each test, and orders processes in it whose answers are held to their document. */
export class Counters {
  #aws: TestAws | undefined;
  #shop: TestShop | undefined;
  readonly opened: RunningService[] = [];

  get aws(): TestAws {
    if (this.#aws === undefined) throw new Error("AWS opens before each test.");
    return this.#aws;
  }

  get shop(): TestShop {
    if (this.#shop === undefined) throw new Error("The shop opens before each test.");
    return this.#shop;
  }

  async open(env: NodeJS.ProcessEnv = {}, clients?: AwsClients): Promise<Counter> {
    const orders = await startOrders(this.shop.setting({ TRUST_PROXY: "1", ...env }, clients));
    this.opened.push(orders);
    return new Counter(orders, conformity(await documentOf(orders.url)));
  }

  async newShop(aws: TestAws): Promise<void> {
    this.#aws = aws;
    this.#shop = await openTestShop(aws);
  }

  async drain(): Promise<void> {
    await Promise.all(this.opened.splice(0).map((orders) => orders.drain()));
  }
}

type Headers = Record<string, string>;

export class Counter {
  readonly url: string;
  readonly drain: () => Promise<void>;
  readonly #conformity: Conformity;

  constructor(orders: RunningService, conformity: Conformity) {
    this.url = orders.url;
    this.drain = orders.drain;
    this.#conformity = conformity;
  }

  get(path: string, headers: Headers = {}, init: RequestInit = {}): Promise<Response> {
    return this.#conformity.fetch(`${this.url}${path}`, { headers, ...init });
  }

  post(path: string, headers: Headers = {}, body?: unknown, init: RequestInit = {}): Promise<Response> {
    return this.#conformity.fetch(`${this.url}${path}`, {
      method: "POST",
      headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...init,
    });
  }

  /** Places an order, as if from that address. */
  async place(body: object = {}, from = "192.0.2.1"): Promise<string> {
    const response = await this.post("/orders", { "x-forwarded-for": from }, body);
    if (response.status !== 201) throw new Error(`The order was answered with ${response.status}.`);
    return Object(await response.json()).id;
  }

  async status(id: string): Promise<string> {
    return Object(await (await this.get(`/orders/${id}`)).json()).status;
  }

  /** Resolves when the order has come to that status. */
  async untilIs(id: string, status: string): Promise<void> {
    await until(async () => (await this.status(id)) === status);
  }
}

/** For a test file: opens AWS once, a shop for each test, and closes everything. */
export function counters(): Counters {
  const all = new Counters();
  let aws: TestAws;
  beforeAll(async () => {
    aws = await openTestAws();
  });
  beforeEach(() => all.newShop(aws));
  afterEach(() => all.drain());
  afterAll(() => aws[Symbol.asyncDispose]());
  return all;
}

export async function json(response: Response | Promise<Response>): Promise<Record<string, unknown>> {
  return Object(await (await response).json());
}
