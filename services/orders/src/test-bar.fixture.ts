import { BrewFinished, type BrewResult, BrewStarted, CancelRefused, TicketVoided } from "@doubleshot/contracts";
import type { PendingEvent } from "@doubleshot/messaging";
import type { OtherService } from "@doubleshot/service-host/testing";

/** The bar as the orders service knows it: by its events. */
export class TestBar {
  readonly #barista: OtherService;

  constructor(barista: OtherService) {
    this.#barista = barista;
  }

  starts(orderId: string): Promise<string> {
    return this.#publish(orderId, BrewStarted({ orderId, startedAt: new Date().toISOString() }));
  }

  finishes(orderId: string, result?: BrewResult): Promise<string> {
    const handedOver = result === undefined ? {} : { result };
    return this.#publish(orderId, BrewFinished({ orderId, finishedAt: new Date().toISOString(), ...handedOver }));
  }

  voids(orderId: string): Promise<string> {
    return this.#publish(orderId, TicketVoided({ orderId, voidedAt: new Date().toISOString() }));
  }

  refusesToCancel(orderId: string): Promise<string> {
    return this.#publish(orderId, CancelRefused({ orderId, refusedAt: new Date().toISOString() }));
  }

  /** Delivers a message, for the first time or again. */
  deliver(orderId: string, message: string): Promise<void> {
    return this.#barista.deliver(ticket(orderId), message);
  }

  /** The message of an event, as it is on the wire, without delivering it. */
  message(orderId: string, event: PendingEvent): Promise<string> {
    return this.#barista.message(ticket(orderId), event);
  }

  #publish(orderId: string, event: PendingEvent): Promise<string> {
    return this.#barista.publish(ticket(orderId), event);
  }
}

const ticket = (orderId: string): string => `ticket#${orderId}`;
