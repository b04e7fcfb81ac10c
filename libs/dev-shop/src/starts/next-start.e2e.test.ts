import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freeStartPorts } from "../choose-ports.ts";
import { waitForFreePorts } from "../ports.ts";
import { placeOrder, root, type StartedMain, useStarts } from "./start.fixture.ts";

// The life of one data folder, from one start of its shop to the next.

const { place, start } = useStarts();
const url = (name: keyof typeof place.ports, path = "") => `http://127.0.0.1:${place.ports[name]}${path}`;
const statusOf = async (id: string) => (await fetch(url("orders", `/orders/${id}`))).status;

/** The order that the first start accepts. */
let id: string;

describe("npm start, while another program has the port of dynamodb-admin", () => {
  let shop: StartedMain;
  let other: Server;
  beforeAll(async () => {
    other = createServer().listen(place.ports.admin, "127.0.0.1");
    await once(other, "listening");
    shop = start({ command: ["npm", "start", "--"] });
    await shop.open();
    ({ id } = await placeOrder(url("orders")));
  });
  afterAll(() => void other?.close());

  test("opens without dynamodb-admin", async () => {
    await expect.poll(() => shop.output()).toContain("The shop is open without dynamodb-admin. Port");
    expect(shop.output()).not.toContain(url("admin"));
  });

  test("a second start on the folder names the open shop, also on other ports and with --fresh, and keeps its data", async () => {
    const { env } = await freeStartPorts();
    const second = start({ args: ["--fresh"], env });
    expect(await second.ended).toEqual([1, null]);
    expect(second.output().trim()).toMatch(
      new RegExp(
        `^The shop is open already, at ${url("web")} \\(process \\d+\\): use that one, or close it with Ctrl-C\\.$`,
      ),
    );
    expect(await statusOf(id)).toBe(200);
  });

  test("SIGTERM to npm closes the shop: nothing is left behind", async () => {
    shop.child.kill("SIGTERM");
    await shop.ended;
    other.close();
    expect(shop.output()).toContain("Closed.");
    const ports = Object.entries(place.ports).map(([name, port]) => ({ port, name, setting: name }));
    await waitForFreePorts(ports, 0);
  });
});

describe("the next start", () => {
  let shop: StartedMain;
  beforeAll(async () => {
    shop = start();
    await shop.open();
  });

  test("still has the orders of the first", async () => {
    expect(await statusOf(id)).toBe(200);
  });

  test("prints where everything listens", () => {
    const { orders, barista, admin } = place.ports;
    expect(shop.output()).toMatch(/Doubleshot is open after \d+\.\d s\./);
    expect(shop.output()).toContain(`curl -X POST http://localhost:${orders}/order/`);
    expect(shop.output()).toContain(`curl http://localhost:${barista}/start/`);
    expect(shop.output()).toMatch(new RegExp(`dynamodb-admin +http://127\\.0\\.0\\.1:${admin}\n`));
  });

  test("leaves its addresses in the folder for the doubleshot command", async () => {
    const command = join(root, "libs/cli/bin/doubleshot.js");
    const env = { PATH: process.env.PATH ?? "", DATA: place.data };
    const status = () => promisify(execFile)(process.execPath, [command, "status"], { env });
    expect((await status()).stderr).toContain(`(${place.data}, process ${shop.child.pid})`);
    // On a busy machine a service may not say in time that it is ready.
    const ready = new RegExp(`orders.*${place.ports.orders}.*ready`);
    await expect.poll(async () => (await status()).stdout).toMatch(ready);
  });

  test("serves dynamodb-admin, which refuses the pages of other origins", async () => {
    await expect.poll(() => fetch(url("admin")).then(({ status }) => status)).toBe(200);
    const ofPage = { method: "DELETE", headers: { origin: "https://evil.example" } };
    expect((await fetch(url("admin", "/tables/doubleshot-orders"), ofPage)).status).toBe(403);
  });

  test("serves the faults of the engine room, and refuses the pages of other origins", async () => {
    expect((await fetch(url("web", "/faults"))).status).toBe(200);
    const ofPage = { method: "POST", headers: { origin: "https://evil.example", "content-type": "application/json" } };
    const kill = { ...ofPage, body: JSON.stringify({ action: "kill" }) };
    expect((await fetch(url("web", "/faults/relays"), kill)).status).toBe(403);
  });

  test("closes on Ctrl-C, and sends waiting callers on with the address of their order", async () => {
    const waiter = fetch(url("orders", "/order/"), { method: "POST" });
    // Once both orders are at the bar, the counter certainly holds the caller of the second.
    for (let claimed = 0; claimed < 2; claimed++) {
      await expect.poll(() => fetch(url("barista", "/start/")).then(({ status }) => status)).toBe(200);
    }
    shop.child.kill("SIGINT");
    const answer = await waiter;
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).not.toBeNull();
    expect(answer.headers.get("location")).toMatch(/^\/orders\//);
    expect(await shop.ended, shop.output()).toEqual([0, null]);
    expect(existsSync(join(place.data, "open-shop.json"))).toBe(false);
  });
});
