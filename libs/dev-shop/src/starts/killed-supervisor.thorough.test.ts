import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { placeOrder, type StartedMain, useStarts } from "./start.fixture.ts";

// Starts on one data folder after a shop that did not close in order.

const { place, start } = useStarts();
const url = (name: keyof typeof place.ports, path = "") => `http://127.0.0.1:${place.ports[name]}${path}`;
const statusOf = async (id: string) => (await fetch(url("orders", `/orders/${id}`))).status;

/** The order that the first start accepts. */
let id: string;
let next: StartedMain;

test("kill -9 takes the processes along, and the next start takes over at once", async () => {
  const killed = start();
  await killed.open();
  ({ id } = await placeOrder(url("orders")));
  killed.child.kill("SIGKILL");
  next = start();
  await next.open();
  expect(await statusOf(id)).toBe(200);
  await killed.ended;
});

test("a second Ctrl-C kills processes that do not stop, with exit code 130", async () => {
  const log = readFileSync(join(place.data, "logs", "orders.log"), "utf8");
  const orders = Number([...log.matchAll(/"pid":(\d+),"name":"orders"/g)].at(-1)?.[1]);
  expect(alive(orders)).toBe(true);
  // A request that never ends: the counter gives its sender two seconds to finish before it stops.
  const sender = connect(place.ports.orders, "127.0.0.1");
  sender.on("error", () => undefined);
  onTestFinished(() => void sender.destroy());
  await once(sender, "connect");
  sender.write("POST /orders HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{");
  // The answer to another request shows that the first has been read.
  await fetch(url("orders", "/livez"));
  next.child.kill("SIGINT");
  const impatience = setInterval(() => next.child.kill("SIGINT"), 200);
  onTestFinished(() => clearInterval(impatience));
  expect(await next.ended, next.output()).toEqual([130, null]);
  expect(next.output()).toMatch(/\nKilled\.\n$/);
  expect(alive(orders)).toBe(false);
});

test("--fresh deletes the data of before", async () => {
  const fresh = start({ args: ["--fresh"] });
  await fresh.open();
  expect(await statusOf(id)).toBe(404);
});

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
