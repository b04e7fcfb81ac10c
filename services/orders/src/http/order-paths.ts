import { orderId } from "@doubleshot/contracts";

/** What does not look like one need not be looked for. */
export const isOrderId = (id: string): boolean => orderId.safeParse(id).success;

export const orderPath = (orderId: string): string => `/orders/${orderId}`;
