import { type TestEndpoint, until } from "@doubleshot/service-host/testing";
import type { RunningService } from "@doubleshot/service-kit";
import { type Conformance, sharedConformance } from "@doubleshot/service-kit/testing";
import type { AwsClients } from "@doubleshot/topology";
import { useOrders } from "../orders.fixture.ts";

/** For a test file: processes of the orders service, whose answers are compared with their document. */
export function useCounters(endpoint: TestEndpoint) {
  const orders = useOrders(endpoint);
  const conformanceAt = sharedConformance();
  const open = async (env: NodeJS.ProcessEnv = {}, clients?: AwsClients) => {
    const service = await orders.start({ TRUST_PROXY: "1", ...env }, clients === undefined ? {} : { clients });
    return new Counter(service, await conformanceAt(service.url));
  };
  return {
    open,
    rows: orders.rows,
    orderIds: orders.orderIds,
    nextOrder: orders.nextOrder,
    get shop() {
      return orders.shop;
    },
    get bar() {
      return orders.bar;
    },
    get accounts() {
      return orders.accounts;
    },
  };
}

type Headers = Record<string, string>;

/** The proxy in front of a counter names its client. */
const forwarded: Headers = { "x-forwarded-for": "203.0.113.1" };

export class Counter {
  readonly url: string;
  readonly drain: () => Promise<void>;
  readonly #conformance: Conformance;

  constructor(orders: RunningService, conformance: Conformance) {
    this.url = orders.url;
    this.drain = orders.drain;
    this.#conformance = conformance;
  }

  get(path: string, headers: Headers = {}, init: RequestInit = {}): Promise<Response> {
    return this.#conformance.fetch(`${this.url}${path}`, { headers: { ...forwarded, ...headers }, ...init });
  }

  post(path: string, headers: Headers = {}, body?: unknown, init: RequestInit = {}): Promise<Response> {
    return this.#conformance.fetch(`${this.url}${path}`, {
      method: "POST",
      headers: { ...forwarded, ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
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

export async function json(response: Response | Promise<Response>): Promise<Record<string, unknown>> {
  return Object(await (await response).json());
}
