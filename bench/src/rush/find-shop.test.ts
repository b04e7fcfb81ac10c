import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serveHttp } from "@doubleshot/service-kit/testing";
import { beforeEach, expect, test } from "vitest";
import { readCommand } from "./command.ts";
import { findShop } from "./find-shop.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "doubleshot-"));
  return () => rmSync(folder, { recursive: true });
});

const find = (env: NodeJS.ProcessEnv = {}) => findShop(readCommand(["--data", folder]), env, () => undefined);

/** A shop of one address, whose bar takes this token alone, or none. */
async function openShopFile(token?: string): Promise<string> {
  const url = await serveHttp(({ url, headers }, response) => {
    const isRefused = url?.startsWith("/tickets") && token !== undefined && headers.authorization !== `Bearer ${token}`;
    response.writeHead(isRefused ? 401 : 200).end();
  });
  const services = { "orders-1": url, "orders-2": url, barista: url };
  writeFileSync(join(folder, "open-shop.json"), JSON.stringify({ pid: process.pid, services }));
  return url;
}

test("--data finds the shop that is open with that folder, on any ports", async () => {
  const url = await openShopFile();
  const { orders, barista } = await find();
  expect({ orders, barista }).toEqual({ orders: [url, url], barista: [url] });
});

test("--data without an open shop is refused, and no other shop is opened", async () => {
  await expect(find()).rejects.toThrow(`No shop is open in ${folder}: open one with npm start -- --data ${folder}.`);
});

test("baristas take BARISTA_TOKEN to a bar that asks for one", async () => {
  await openShopFile("swordfish");
  expect(await find({ BARISTA_TOKEN: "swordfish" })).toMatchObject({ baristaToken: "swordfish" });
});

test("a bar that would refuse the baristas for ever is refused, in a sentence without the token", async () => {
  await openShopFile("swordfish");
  const remedy = "set BARISTA_TOKEN to what npm run -s token -- --role barista prints.";
  await expect(find()).rejects.toThrow(`The bar asks for a token: ${remedy}`);
  await expect(find({ BARISTA_TOKEN: "haddock" })).rejects.toThrow(`The bar refuses BARISTA_TOKEN: ${remedy}`);
});
