import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { readCommand } from "./command.ts";
import { findShop } from "./find-shop.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "doubleshot-"));
  return () => rmSync(folder, { recursive: true });
});

const find = () => findShop(readCommand(["--data", folder]), {}, () => undefined);

test("--data finds the shop that is open with that folder, on any ports", async () => {
  const server = createServer((_request, response) => response.end()).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const services = { "orders-1": url, "orders-2": url, barista: url };
  writeFileSync(join(folder, "open-shop.json"), JSON.stringify({ pid: process.pid, services }));
  const { orders, barista } = await find();
  expect({ orders, barista }).toEqual({ orders: [url, url], barista: [url] });
});

test("--data without an open shop is refused, and no other shop is opened", async () => {
  await expect(find()).rejects.toThrow(`No shop is open in ${folder}: open one with npm start -- --data ${folder}.`);
});
