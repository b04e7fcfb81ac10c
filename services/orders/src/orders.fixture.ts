import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { type ShopPlace, until, useService } from "@doubleshot/service-host/testing";
import type { RunningService } from "@doubleshot/service-kit";
import { shop } from "@doubleshot/shop";
import type { AwsClients } from "@doubleshot/topology";
import { beforeEach } from "vitest";
import { ordersService } from "./service.ts";
import { TestBar } from "./test-bar.fixture.ts";

/** The orders service in the tests of a file, beside a bar that the tests play. */
export function useOrders(place: ShopPlace) {
  const service = useService(shop.services.orders, ordersService, place);
  let bar: TestBar;
  beforeEach(() => {
    bar = new TestBar(service.neighbour("barista"));
  });
  const { setting, start, container, rows, messagesLeft } = service;
  const orderIds = async () => (await rows("orders")).map(({ id }) => String(id));

  return {
    ...{ setting, start, container, rows, messagesLeft, orderIds },
    get shop() {
      return service.shop;
    },
    get bar() {
      return bar;
    },
    order: (at: RunningService, name: string) =>
      fetch(`${at.url}/order/`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ name }),
      }),
    nextOrder: () => until(async () => (await orderIds())[0]),
    inbox: async () => (await rows("orders-inbox")).map(({ ignored }) => ignored ?? "committed"),
  };
}

/** These clients, whose single reads of DynamoDB reject with the error while there is one. */
export function failingReads(clients: AwsClients, failing: { readonly error?: Error }): AwsClients {
  const send = (command: never, ...rest: never[]) =>
    failing.error !== undefined && (command as unknown) instanceof GetCommand
      ? Promise.reject(failing.error)
      : clients.documents.send(command, ...rest);
  return { ...clients, documents: Object.create(clients.documents, { send: { value: send } }) };
}
