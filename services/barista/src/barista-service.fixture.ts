import { type OtherService, type TestEndpoint, useService } from "@doubleshot/service-host/testing";
import { coffeeShop } from "@doubleshot/shop";
import { beforeEach } from "vitest";
import { baristaService } from "./service.ts";

/** The barista service in the tests of a file, beside an orders service that the tests play. */
export function useBarista(endpoint: TestEndpoint) {
  const service = useService(coffeeShop.services.barista, baristaService, endpoint);
  let orders: OtherService;
  beforeEach(() => {
    orders = service.otherService("orders");
  });
  const { setting, start, container, rows, messagesLeft } = service;
  return {
    ...{ setting, start, container, rows, messagesLeft },
    get shop() {
      return service.shop;
    },
    get orders() {
      return orders;
    },
    /** Delivers the message of an order. */
    send: (order: { orderId: string; body: string }) => orders.deliver(`order#${order.orderId}`, order.body),
  };
}

export type BaristaUnderTest = ReturnType<typeof useBarista>;
