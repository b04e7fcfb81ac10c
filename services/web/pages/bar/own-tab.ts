import { newKey } from "../shared/shop-api.ts";
import { storedValue } from "../shared/stored-value.ts";
import { forgetClaims } from "./claims.ts";

const idOfTab = storedValue<string | undefined>(
  () => sessionStorage,
  "doubleshot.tab",
  (json) => (typeof json === "string" ? json : undefined),
  undefined,
);

/** On a reload, the old page may hold the lock for a moment. */
const maxWaitMs = 500;

/**
 * Gives a duplicated tab its own id and no claims. A browser that duplicates a tab copies its `sessionStorage`, and with it the
 * claims; so each tab holds the lock of its id for as long as its page is open.
 *
 * Browsers have locks on secure origins alone. Without them a duplicated tab is the same barista.
 */
export async function becomeOwnTab(): Promise<void> {
  if (!("locks" in navigator)) return;
  const id = idOfTab.read();
  if (id !== undefined) {
    if (await holdLock(id)) return;
    forgetClaims();
  }
  const own = newKey();
  idOfTab.write(own);
  await holdLock(own);
}

/** Whether the page has got the lock, which it holds from then on. */
function holdLock(id: string): Promise<boolean> {
  return new Promise((resolve) => {
    const hold = () => {
      resolve(true);
      return new Promise<never>(() => undefined);
    };
    const options = { signal: AbortSignal.timeout(maxWaitMs) };
    navigator.locks.request(`doubleshot-tab-${id}`, options, hold).catch(() => resolve(false));
  });
}
