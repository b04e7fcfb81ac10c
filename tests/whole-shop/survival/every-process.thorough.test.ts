import { describe, expect, test } from "vitest";
import { useStartedShop } from "./started-shop.fixture.ts";

// Kills every process alone, pairs in either order, and all at once. The shop serves a customer after each kill.

const shop = useStartedShop();

/** A pattern for each part's command line. A guard is a shell; its watch is a shell below it. */
const parts: readonly (readonly [string, RegExp])[] = [
  ["orders", /\/orders(\.mjs|\/src\/main\.ts)/],
  ["barista", /\/barista(\.mjs|\/src\/main\.ts)/],
  ["customers", /\/customers(\.mjs|\/src\/main\.ts)/],
  ["web", /\/web(\.mjs|\/src\/main\.ts)/],
  ["dynamodb-admin", /\/inspector\.ts/],
  ["AWS host", /local-aws\/src\/main\.ts/],
  ["relay", /\/child-main\.ts/],
  ["dynoxide", /dynoxide --host/],
];

/** The processes of the shop by their parts; one of the relays. */
function running(): Map<string, number> {
  const { pid } = shop();
  if (pid === undefined) return new Map();
  const found = new Map([["supervisor", pid]]);
  const all = shop().processes();
  const shells = new Set(all.filter(({ command }) => command.startsWith("sh -c")).map((each) => each.pid));
  for (const each of all) {
    const [part] = parts.find(([, line]) => line.test(each.command)) ?? [];
    const role = !shells.has(each.pid) ? "" : shells.has(each.parent) ? "'s watch" : "'s guard";
    if (part !== undefined) found.set(part + role, each.pid);
  }
  return found;
}

const all = [
  ...["supervisor", "orders", "barista", "customers", "web", "dynamodb-admin", "AWS host"],
  ...["dynoxide", "dynoxide's guard", "dynoxide's watch", "relay", "relay's guard", "relay's watch"],
];
const missing = () => all.filter((part) => !running().has(part));

/** No process restarts a missing watch. A new host starts all of them, so a missing watch means killing the host. */
async function wholeShop(): Promise<void> {
  await expect.poll(() => missing().filter((part) => !part.endsWith("watch"))).toEqual([]);
  if (missing().length > 0) await kill(["AWS host"]);
  await expect.poll(missing).toEqual([]);
}

/** SIGKILL in this order, with nothing in between. */
async function kill(victims: readonly string[]): Promise<void> {
  const pids = running();
  for (const victim of victims) {
    try {
      process.kill(pids.get(victim) ?? Number.NaN, "SIGKILL");
    } catch (error) {
      // A process ends by itself when the one it depends on has been killed a moment ago.
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  }
  if (victims.includes("supervisor")) await shop().start();
}

/** Returns the JSON of an answer, or an empty object while the process is down. */
async function ask(url: string, init?: RequestInit): Promise<Record<string, unknown>> {
  try {
    return Object(await (await fetch(url, init)).json());
  } catch {
    return {};
  }
}

/** Places an order and finishes it, as a browser does: through the web service. It needs every other part of the shop, too. */
async function serveCustomer(): Promise<void> {
  const name = crypto.randomUUID();
  const init = {
    method: "POST",
    body: JSON.stringify({ name }),
    headers: { "content-type": "application/json", "idempotency-key": name },
  };
  let id: unknown;
  const place = async () => {
    ({ id } = await ask(`${shop().web}/orders`, init));
    return id;
  };
  await expect.poll(place).toEqual(expect.any(String));
  // A kill may have returned the orders of earlier customers; they are finished, too.
  const brew = async () => {
    const { order_id } = await ask(`${shop().web}/start/`);
    const finish = `${shop().web}/finish/?order_id=${order_id}`;
    if (order_id !== undefined) await ask(finish, { method: "POST" });
    return (await ask(`${shop().web}/orders/${id}`)).status;
  };
  await expect.poll(brew, { interval: 100 }).toBe("COMPLETED");
}

const ofRelay = ["AWS host", "relay", "relay's guard", "relay's watch"];
const pairsOf = (of: readonly string[]) =>
  of.flatMap((one) => of.filter((other) => other !== one).map((other) => [one, other]));
const victimGroups = [
  ...all.map((one) => [one]),
  ...pairsOf(all),
  ofRelay,
  ["dynoxide's guard", "dynoxide's watch", "AWS host"],
  ["dynoxide's guard", "dynoxide's watch", "AWS host", "supervisor"],
  all,
  all.toReversed().filter((part) => part !== "dynoxide"),
];

describe.runIf(process.platform === "linux")("kill -9", () => {
  test.each(victimGroups)("%s %s %s %s", async (...victims) => {
    await wholeShop();
    await kill(victims.filter((victim) => victim !== undefined));
    await serveCustomer();
  });

  test("and the shop closes in order after all that", async () => {
    expect(await shop().close(), shop().output).toBe(0);
    expect(shop().processes()).toEqual([]);
  });
});
