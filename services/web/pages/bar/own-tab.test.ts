import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { heldClaims } from "./claims.ts";
import { becomeOwnTab } from "./own-tab.ts";

/** The storage of the tab that runs at the moment. */
let storage: Map<string, string>;
/** The held locks by name. `waiting` has a function for each page that waits; it takes the lock. */
let locks: Map<string, { readonly waiting: (() => void)[] }>;
/** The names of the locks that pages wait for. */
let pending: Map<() => void, string>;
/** How long the browser takes to give a lock that no page holds. */
let grantMs: number;

const claims = JSON.stringify([{ token: "token", orderId: "order", items: [], leaseExpiresAt: "" }]);

beforeEach(() => {
  vi.useFakeTimers();
  storage = new Map();
  locks = new Map();
  pending = new Map();
  grantMs = 0;
  const request = (name: string, { signal }: { signal: AbortSignal }, hold: () => void) =>
    new Promise<void>((_, reject) => {
      const take = () => {
        if (!pending.delete(take)) return;
        locks.set(name, { waiting: [] });
        hold();
      };
      pending.set(take, name);
      const held = locks.get(name);
      if (held !== undefined) held.waiting.push(take);
      else if (grantMs === 0) take();
      else setTimeout(take, grantMs);
      signal.addEventListener("abort", () => pending.delete(take) && reject(signal.reason));
    });
  const named = (names: Iterable<string>) => [...names].map((name) => ({ name }));
  const query = async () => ({ held: named(locks.keys()), pending: named(pending.values()) });
  vi.stubGlobal("navigator", { locks: { request, query } });
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => storage.get(key) ?? null,
    setItem: (key: string, value: string) => storage.set(key, value),
  });
  storage.set("doubleshot.claims", claims);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** The page of the tab that holds this lock is closed. */
function close(name: string): void {
  const { waiting = [] } = locks.get(name) ?? {};
  locks.delete(name);
  waiting.shift()?.();
}

const lockNames = () => [...locks.keys()];

test("a tab keeps its claims over a reload, also if its former page closes late", async () => {
  await becomeOwnTab();
  const [name = ""] = lockNames();
  const reloaded = becomeOwnTab();
  await vi.advanceTimersByTimeAsync(100);
  close(name);
  await reloaded;
  expect(lockNames()).toEqual([name]);
  expect(heldClaims()).toHaveLength(1);
});

test("a tab keeps its claims if the browser takes long to give it its lock", async () => {
  await becomeOwnTab();
  const [name = ""] = lockNames();
  close(name);
  grantMs = 3_000;
  const reloaded = becomeOwnTab();
  await vi.advanceTimersByTimeAsync(10_000);
  await reloaded;
  expect(lockNames()).toEqual([name]);
  expect(heldClaims()).toHaveLength(1);
});

test("a duplicate has an id of its own and no claims, and the first tab keeps both", async () => {
  await becomeOwnTab();
  const ofFirst = new Map(storage);
  const duplicated = becomeOwnTab();
  await vi.advanceTimersByTimeAsync(1_000);
  await duplicated;
  expect(heldClaims()).toEqual([]);
  expect(lockNames()).toHaveLength(2);
  expect(storage.get("doubleshot.tab")).not.toBe(ofFirst.get("doubleshot.tab"));
  storage = ofFirst;
  expect(heldClaims()).toHaveLength(1);
});

test("without locks, as on an insecure origin, the claims stay with the storage", async () => {
  vi.stubGlobal("navigator", {});
  await becomeOwnTab();
  await becomeOwnTab();
  expect(heldClaims()).toHaveLength(1);
});
