import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openShop, openShopServices, type ShopProcess } from "@doubleshot/dev-shop";
import { call } from "./call.ts";
import { type RushCommand, RushRefusedError, RushUsageError } from "./command.ts";

export interface RushShop extends AsyncDisposable {
  readonly orders: readonly string[];
  readonly barista: readonly string[];
  /** The baristas' access token, for a shop that asks for one. */
  readonly baristaToken?: string | undefined;
  /** Describes the shop in the output. */
  readonly description: string;
  /** Processes that may be killed; a shop that was not opened for this rush has none. */
  readonly processes: readonly ShopProcess[];
}

/** An open shop answers within this time. */
const answerWithinMs = 2_000;

/**
 * Finds or opens the shop for the rush, by the first of these that applies:
 * 1. With `instances`, an attacker or kills, it opens a shop.
 * 2. With `--data` or the environment's addresses, that shop must be open.
 * 3. A shop that `npm start` has opened on the default ports is used.
 * 4. Otherwise it opens a shop.
 *
 * @throws RushRefusedError when a named shop does not answer, or its bar refuses BARISTA_TOKEN
 */
export async function findShop(
  command: RushCommand,
  env: NodeJS.ProcessEnv,
  log: (line: string) => void,
): Promise<RushShop> {
  if (command.instances !== undefined || command.attacker || command.kill) return ownShop(command, log);
  const named = env.ORDERS_URL || env.BARISTA_URL;
  const open = command.data === undefined ? undefined : openShopServices(command.data);
  if (command.data !== undefined && open === undefined) {
    throw new RushRefusedError(
      `No shop is open in ${command.data}: open one with npm start -- --data ${command.data}.`,
    );
  }
  const orders = open?.orders ?? addresses(env.ORDERS_URL, "ORDERS_URL", env.ORDERS_PORT || "9702");
  const barista = open?.barista ?? addresses(env.BARISTA_URL, "BARISTA_URL", env.BARISTA_PORT || "9703");
  const silent = await firstSilent([...orders, ...barista]);
  if (silent === undefined) {
    const baristaToken = env.BARISTA_TOKEN || undefined;
    await checkToken(barista[0] ?? "", baristaToken);
    return {
      orders,
      barista,
      baristaToken,
      processes: [],
      description: `the open shop at ${[...orders, ...barista].join(", ")}`,
      [Symbol.asyncDispose]: async () => undefined,
    };
  }
  if (named || open) {
    throw new RushRefusedError(
      `${silent}/livez does not answer: open the shop there, or set ORDERS_URL and BARISTA_URL to where it is.`,
    );
  }
  return ownShop(command, log);
}

/** A worker asks again after a 401, so a rush without a good token would never end. */
async function checkToken(bar: string, token: string | undefined): Promise<void> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const { status } = await call({ method: "GET", url: `${bar}/tickets?limit=1`, headers, timeoutMs: answerWithinMs });
  if (status !== 401 && status !== 403) return;
  throw new RushRefusedError(
    `The bar ${token === undefined ? "asks for a token" : "refuses BARISTA_TOKEN"}: set BARISTA_TOKEN to what npm run -s token -- --role barista prints.`,
  );
}

async function ownShop({ instances = 1, kill, speed }: RushCommand, log: (line: string) => void): Promise<RushShop> {
  // A killed process needs its data after the restart, so they are on disk. A claim whose answer was lost with the bar comes
  // back when its lease ends, so leases are short.
  const data = kill ? await mkdtemp(join(tmpdir(), "doubleshot-rush-")) : "memory";
  const removeData = () => (kill ? rm(data, { recursive: true, force: true }) : undefined);
  const leases = kill ? { LEASE_SECONDS: String(Math.ceil(120 / speed) + 3) } : {};
  try {
    const services = { orders: { count: instances }, barista: { env: leases } };
    const shop = await openShop({ only: ["orders", "barista"], data, services, log });
    const where = kill ? "on disk" : "in memory";
    return {
      orders: shop.services.orders.map(({ url }) => url),
      barista: shop.services.barista.map(({ url }) => url),
      processes: [...Object.values(shop.services).flat(), shop.aws],
      description: `a shop opened for this rush, ${where}, with ${instances} ${instances === 1 ? "process" : "processes"} of orders`,
      [Symbol.asyncDispose]: async () => {
        await shop.close();
        await removeData();
      },
    };
  } catch (error) {
    await removeData();
    throw error;
  }
}

function addresses(urls: string | undefined, variable: string, port: string): string[] {
  return (urls || `http://127.0.0.1:${port}`).split(",").map((text) => {
    const url = URL.parse(text.trim());
    if (url?.protocol !== "http:") {
      throw new RushUsageError(
        `${variable} has ${JSON.stringify(text)}: give an address like http://127.0.0.1:${port}.`,
      );
    }
    return url.href.replace(/\/$/, "");
  });
}

async function firstSilent(urls: readonly string[]): Promise<string | undefined> {
  const alive = await Promise.all(
    urls.map((url) =>
      call({ method: "GET", url: `${url}/livez`, timeoutMs: answerWithinMs }).then(
        ({ status }) => status === 200,
        () => false,
      ),
    ),
  );
  return urls.find((_, index) => !alive[index]);
}
