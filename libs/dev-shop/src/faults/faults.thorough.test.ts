import { expect, test, vi } from "vitest";
import { openShop } from "../index.ts";

// Faults of a shop of real processes, and the shop that gets over them.

interface State {
  readonly relays: readonly { readonly name: string; readonly stopped: boolean; readonly pid?: number }[];
  readonly processes: readonly { readonly name: string; readonly up: boolean; readonly pid?: number }[];
  readonly stalled_until: string | null;
  readonly rush: { readonly exit_code?: number; readonly lines: readonly string[] } | null;
}

/** The claimed ticket; undefined when there was none, or DynamoDB stalled. */
async function claimed(url: string): Promise<{ readonly order_id: string } | undefined> {
  const response = await fetch(url);
  return response.status === 200 ? ((await response.json()) as { order_id: string }) : undefined;
}

test("a shop with every fault serves every order", async () => {
  await using open = await openShop({ faults: true });
  const [orders, barista] = [open.services.orders[0], open.services.barista[0]];
  const call = async (method: string, path = "", body?: unknown): Promise<State> => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${open.faults}/faults${path}`, {
      method,
      headers,
      body: JSON.stringify(body) ?? null,
    });
    expect(response.status).toBe(200);
    return (await response.json()) as State;
  };
  const post = (path: string, body: unknown) => call("POST", path, body);

  await post("/deliveries", { on: "message", fault: "duplicate" });
  await post("/deliveries", { on: "message", fault: "delay", delay_seconds: 0.1 });
  expect((await post("/relays", { action: "stop" })).relays.every(({ stopped }) => stopped)).toBe(true);
  const customer = fetch(`${orders?.url}/order/`, { method: "POST" });
  expect((await fetch(`${barista?.url}/start/`)).status).toBe(204);
  await post("/relays", { action: "kill" });
  await post("/relays", { action: "start" });
  await post("/dynamodb", { stall_seconds: 0.2 });
  const claim = await vi.waitUntil(() => claimed(`${barista?.url}/start/?wait=20`), { timeout: 120_000 });
  const pid = barista?.pid;
  await post("/processes", { name: "barista" });
  await barista?.up();
  expect(barista?.pid).not.toBe(pid);
  await fetch(`${barista?.url}/finish/?order_id=${claim.order_id}`, { method: "POST" });
  expect((await customer).status).toBe(200);

  await post("/rush", { orders: 5, baristas: 5 });
  const twice = await fetch(`${open.faults}/faults/rush`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"orders":1,"baristas":1}',
  });
  expect(twice.status).toBe(409);
  const exitCode = async () => (await call("GET")).rush?.exit_code;
  await expect.poll(exitCode).toBe(0);

  await post("/rush", { orders: 200, baristas: 1 });
  await expect.poll(async () => (await call("GET")).rush?.lines.length).toBeGreaterThan(0);
  await post("/rush/stop", {});
  await expect.poll(exitCode).toBe(130);
});
