import { type Neighbour, type ShopPlace, useService } from "@doubleshot/service-host/testing";
import { shop } from "@doubleshot/shop";
import { beforeEach } from "vitest";
import { baristaService } from "./service.ts";

/** The barista service in the tests of a file, beside an orders service that the tests play. */
export function useBarista(place: ShopPlace) {
  const service = useService(shop.services.barista, baristaService, place);
  let orders: Neighbour;
  beforeEach(() => {
    orders = service.neighbour("orders");
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
