import { once } from "node:events";
import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { freePorts, waitForFreePorts } from "./ports.ts";

async function occupied() {
  const server = createServer();
  const [port = 0] = await freePorts(1);
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
  });
  return { server, port };
}

test("free ports are distinct and outside of the kernel's range for clients", async () => {
  const ports = await freePorts(20);
  expect(new Set(ports).size).toBe(20);
  expect(Math.max(...ports)).toBeLessThan(32_768);
});

test("a taken port is one sentence naming the port, its use and the setting", async () => {
  const { port } = await occupied();
  await expect(waitForFreePorts([{ port, name: "orders", setting: "ORDERS_PORT" }], 0)).rejects.toThrow(
    `Port ${port} (orders) is taken: stop the program that listens there, or choose another port with ORDERS_PORT.`,
  );
});

test("a port that becomes free soon is awaited", async () => {
  const { server, port } = await occupied();
  const free = waitForFreePorts([{ port, name: "orders", setting: "ORDERS_PORT" }], 10_000);
  await Promise.race([free.then(() => expect.fail("free too early")), new Promise((soon) => setImmediate(soon))]);
  server.close();
  await free;
});
