import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openShop, openShopServices, type ShopProcess } from "@doubleshot/dev-shop";
import { call } from "./call.ts";
import { type RushCommand, RushRefusedError, RushUsageError } from "./command.ts";

export interface RushShop extends AsyncDisposable {
  readonly orders: readonly string[];
  readonly barista: readonly string[];
  /** Which shop this is, for a person. */
  readonly what: string;
  /** What may be killed: the processes of a shop that was opened for it. */
  readonly processes: readonly ShopProcess[];
}

/** A shop that is open answers in a moment. */
const patience = 2_000;

/**
 * The shop for the rush: one of its own, with so many `instances` of orders, or to be attacked or killed; or the one the environment names, which has
 * to be there; or the one `npm start` opened on the usual ports; or, when nobody answers there, one of its own.
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
    return {
      orders,
      barista,
      processes: [],
      what: `the open shop at ${[...orders, ...barista].join(", ")}`,
      [Symbol.asyncDispose]: async () => undefined,
    };
  }
  if (named || open) {
    throw new RushRefusedError(
      `Nobody answers ${silent}/livez: open the shop there, or set ORDERS_URL and BARISTA_URL to where it is.`,
    );
  }
  return ownShop(command, log);
}

async function ownShop({ instances = 1, kill, speed }: RushCommand, log: (line: string) => void): Promise<RushShop> {
  // What is killed has to find its data again; and a claim whose answer died with the bar comes back when its lease ends.
  const data = kill ? await mkdtemp(join(tmpdir(), "doubleshot-rush-")) : "memory";
  const forget = () => (kill ? rm(data, { recursive: true, force: true }) : undefined);
  const env = kill ? { barista: { LEASE_SECONDS: String(Math.ceil(120 / speed) + 3) } } : {};
  try {
    const shop = await openShop({ orders: instances, data, env, log });
    const where = kill ? "on disk" : "in memory";
    return {
      orders: shop.orders.map(({ url }) => url),
      barista: shop.barista.map(({ url }) => url),
      processes: [...shop.orders, ...shop.barista, shop.aws],
      what: `a shop opened for this rush, ${where}, with ${instances} ${instances === 1 ? "process" : "processes"} of orders`,
      [Symbol.asyncDispose]: async () => {
        await shop.close();
        await forget();
      },
    };
  } catch (error) {
    await forget();
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
      call({ method: "GET", url: `${url}/livez`, timeout: patience }).then(
        ({ status }) => status === 200,
        () => false,
      ),
    ),
  );
  return urls.find((_, index) => !alive[index]);
}
