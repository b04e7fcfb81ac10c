import { useEffect, useState } from "preact/hooks";
import { call, pause } from "../shared/shop-api.ts";

export interface MenuItem {
  readonly sku: string;
  readonly name: string;
  /** In whole minor units. */
  readonly price: number;
}

export interface Menu {
  /** Undefined until the menu has come. */
  readonly items: readonly MenuItem[] | undefined;
  /** Why it has not come yet; empty while it is fetched for the first time. */
  readonly trouble: string;
}

/** The menu, which is fetched until it has come. */
export function useMenu(): Menu {
  const [menu, setMenu] = useState<Menu>({ items: undefined, trouble: "" });
  useEffect(() => {
    const leaving = new AbortController();
    readMenu((trouble) => setMenu({ items: undefined, trouble }), leaving.signal)
      .then((items) => setMenu({ items, trouble: "" }))
      .catch(() => undefined);
    return () => leaving.abort();
  }, []);
  return menu;
}

async function readMenu(onTrouble: (detail: string) => void, signal: AbortSignal): Promise<readonly MenuItem[]> {
  for (;;) {
    const answer = await call<{ readonly items: readonly MenuItem[] }>("GET", "/menu", { signal });
    if (answer.ok && answer.body) return answer.body.items;
    if (answer.ok) continue;
    onTrouble(answer.detail);
    await pause(answer.retryMs, signal);
  }
}
