import { CancelConfirmed, OrderCompleted, OrderCreated } from "@doubleshot/contracts";
import { uuidv7 } from "@doubleshot/messaging";
import { fakeAws, useService } from "@doubleshot/service-host/testing";
import { sharedConformance } from "@doubleshot/service-kit/testing";
import { coffeeShop } from "@doubleshot/shop";
import { expect } from "vitest";
import { customersService } from "./service.ts";

type Headers = Record<string, string>;

/** The customers service in the tests of a file, beside a fake orders service. */
export function useCustomers() {
  const here = useService(coffeeShop.services.customers, customersService, fakeAws);
  const conformanceAt = sharedConformance();
  const at = new Date().toISOString();

  /** A process whose answers are compared with its document. */
  async function open() {
    const { url } = await here.start();
    const { fetch } = await conformanceAt(url);
    const orders = here.otherService("orders");
    const send = (method: string, path: string, body?: unknown, headers: Headers = {}) =>
      fetch(`${url}${path}`, {
        method,
        headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
        ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
      });
    const json = async (method: string, path: string, body?: unknown, headers?: Headers) =>
      Object(await (await send(method, path, body, headers)).json());
    return {
      url,
      send,
      json,
      /** Opens an account, and returns the id of its customer. */
      openAccount: async (limit = 250): Promise<string> =>
        (await json("POST", "/customers", { name: "Jane Doe", credit_limit: limit })).id,
      available: async (id: string) => (await json("GET", `/customers/${id}`)).available_credit,
      publishCreated: async (customerId: string, total: number, orderId = uuidv7()) => {
        const event = OrderCreated({ orderId, customerId, total, createdAt: at });
        return { orderId, message: await orders.publish(`order#${orderId}`, event) };
      },
      publishCompleted: (orderId: string, customerId: string) =>
        orders.publish(`order#${orderId}`, OrderCompleted({ orderId, customerId, completedAt: at })),
      publishCancelConfirmed: (orderId: string, customerId: string) =>
        orders.publish(`order#${orderId}`, CancelConfirmed({ orderId, customerId, confirmedAt: at })),
      deliver: (orderId: string, message: string) => orders.deliver(`order#${orderId}`, message),
      waitUntilSettled: () => expect.poll(here.messagesLeft).toBe(0),
    };
  }

  /** The type and data of each event in the outbox; their order means nothing. */
  async function committedEvents() {
    const rows = await here.rows("customers-outbox");
    return rows
      .flatMap(({ events }) => events as { type: string; json: string }[])
      .map(({ type, json }) => ({ type, ...JSON.parse(json).data }));
  }

  return { open, committedEvents, rows: here.rows, messagesLeft: here.messagesLeft };
}
