import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { heldClaims } from "./claims.ts";
import { becomeOwnTab } from "./own-tab.ts";

/** The storage of the tab that runs at the moment. */
let storage: Map<string, string>;
/** The held locks by name. `waiting` has a function for each page that waits; it takes the lock. */
let locks: Map<string, { readonly waiting: (() => void)[] }>;

const claims = JSON.stringify([{ token: "token", orderId: "order", items: [], leaseExpiresAt: "" }]);

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
    const limit = new AbortController();
    setTimeout(() => limit.abort(new DOMException("too late", "TimeoutError")), ms);
    return limit.signal;
  });
  storage = new Map();
  locks = new Map();
  const request = (name: string, { signal }: { signal: AbortSignal }, hold: () => void) =>
    new Promise<void>((_, reject) => {
      const take = () => {
        locks.set(name, { waiting: [] });
        hold();
      };
      const held = locks.get(name);
      if (held === undefined) take();
      else held.waiting.push(() => signal.aborted || take());
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  vi.stubGlobal("navigator", { locks: { request } });
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => storage.get(key) ?? null,
    setItem: (key: string, value: string) => storage.set(key, value),
  });
  storage.set("doubleshot.claims", claims);
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
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
