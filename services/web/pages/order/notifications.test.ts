import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { notifyIfReady, requestNotification } from "./notifications.ts";

const shown: (string | undefined)[] = [];

class FakeNotification {
  static permission = "granted";
  static requestPermission = async () => "granted";
  constructor(_: string, { tag }: NotificationOptions) {
    shown.push(tag);
  }
}

beforeEach(() => {
  shown.length = 0;
  const storage = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => storage.get(key) ?? null,
    setItem: (key: string, value: string) => void storage.set(key, value),
  });
  vi.stubGlobal("navigator", {});
  vi.stubGlobal("window", { Notification: FakeNotification });
  vi.stubGlobal("Notification", FakeNotification);
});

afterEach(() => vi.unstubAllGlobals());

test("each order that the customer asked for is notified once", async () => {
  await requestNotification("1");
  await requestNotification("2");
  for (const id of ["2", "1", "1", "3"]) await notifyIfReady({ id, status: "COMPLETED", items: [] });
  expect(shown).toEqual(["2", "1"]);
});
