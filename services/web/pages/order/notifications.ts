import { codeOf } from "../shared/order-words.ts";
import { storedValue } from "../shared/stored-value.ts";
import { texts } from "../shared/texts.ts";
import type { Order } from "./order-api.ts";

/** The orders that the customer wants a notification for, the latest last. They stay over a reload. */
const wantedOrders = storedValue<readonly string[]>(() => localStorage, "doubleshot.notify", asIds, []);

/** An order that is cancelled, or whose page is never opened again, would stay for ever. */
const maxWanted = 20;

/** Whether this browser shows notifications of this page at all. */
export function canNotify(): boolean {
  return "Notification" in window && Notification.permission !== "denied";
}

export function wantsNotification(id: string): boolean {
  return wantedOrders.read().includes(id) && canNotify() && Notification.permission === "granted";
}

/** Asks the customer for the permission. Returns whether a notification will come. */
export async function requestNotification(id: string): Promise<boolean> {
  if ((await Notification.requestPermission()) !== "granted") return false;
  wantedOrders.write([...without(id), id].slice(-maxWanted));
  return true;
}

/** Shows the notification that was asked for, once. */
export async function notifyIfReady({ id, status }: Order): Promise<void> {
  if (status !== "COMPLETED" || !wantsNotification(id)) return;
  wantedOrders.write(without(id));
  const options = { body: texts.status.notification(codeOf(id)), tag: id, icon: "/assets/icon-1-192.png" };
  const title = texts.status.headings.COMPLETED;
  // Mobile browsers show notifications only from a service worker.
  const worker = await navigator.serviceWorker?.getRegistration();
  if (worker) await worker.showNotification(title, options);
  else new Notification(title, options);
}

const without = (id: string) => wantedOrders.read().filter((wanted) => wanted !== id);

function asIds(json: unknown): readonly string[] | undefined {
  return Array.isArray(json) ? json.filter((id) => typeof id === "string") : undefined;
}
