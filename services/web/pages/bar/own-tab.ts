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
const reloadMs = 500;

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

/**
 * Whether the page has got the lock, which it holds from then on. A slow browser may take long to give a lock that no page
 * holds, so the page gives up only when it finds the lock with another one.
 */
function holdLock(id: string): Promise<boolean> {
  const name = `doubleshot-tab-${id}`;
  const giveUp = new AbortController();
  const isGot = new Promise<boolean>((resolve) => {
    const hold = () => {
      resolve(true);
      return new Promise<never>(() => undefined);
    };
    navigator.locks.request(name, { signal: giveUp.signal }, hold).catch(() => resolve(false));
  });
  const look = async () => {
    if (await isHeldByAnother(name)) giveUp.abort();
  };
  const looking = setInterval(() => void look().catch(() => undefined), reloadMs);
  return isGot.finally(() => clearInterval(looking));
}

/** Whether the lock for which this page waits is held. It is this page's own if none waits for it any more. */
async function isHeldByAnother(name: string): Promise<boolean> {
  const { held = [], pending = [] } = await navigator.locks.query();
  return [held, pending].every((locks) => locks.some((lock) => lock.name === name));
}
