import { kept } from "../shared/kept.ts";
import { codeOf } from "../shared/order-words.ts";
import { texts } from "../shared/texts.ts";
import type { Order } from "./order.ts";

/** The order that the customer wants a notification for. It stays over a reload. */
const wantedOrder = kept<string | undefined>(() => localStorage, "doubleshot.notify", asId, undefined);

/** Whether this browser shows notifications of this page at all. */
export function canNotify(): boolean {
  return "Notification" in window && Notification.permission !== "denied";
}

export function wantsNotification(id: string): boolean {
  return wantedOrder.read() === id && canNotify() && Notification.permission === "granted";
}

/** Asks the customer for the permission. Returns whether a notification will come. */
export async function notifyOf(id: string): Promise<boolean> {
  if ((await Notification.requestPermission()) !== "granted") return false;
  wantedOrder.write(id);
  return true;
}

/** Shows the notification that was asked for, once. */
export async function notifyIfReady({ id, status }: Order): Promise<void> {
  if (status !== "COMPLETED" || !wantsNotification(id)) return;
  wantedOrder.write(undefined);
  const options = { body: texts.status.notification(codeOf(id)), tag: id, icon: "/assets/icon-1-192.png" };
  const title = texts.status.headings.COMPLETED;
  // Browsers of phones show notifications of workers alone.
  const worker = await navigator.serviceWorker?.getRegistration();
  if (worker) await worker.showNotification(title, options);
  else new Notification(title, options);
}

function asId(json: unknown): string | undefined {
  return typeof json === "string" ? json : undefined;
}
