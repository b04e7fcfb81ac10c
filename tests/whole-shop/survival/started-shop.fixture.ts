import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { StartedShop } from "./started-shop.ts";

/**
 * A shop with data in a folder of its own, for all tests of a file. Leases are short, because a claim whose answer was
 * lost with the process stays open until its lease ends.
 */
export function useStartedShop(): () => StartedShop {
  let data: string;
  let shop: StartedShop;
  beforeAll(async () => {
    data = mkdtempSync(join(tmpdir(), "doubleshot-survival-"));
    shop = await StartedShop.open(data, { LEASE_SECONDS: "3", LOG_LEVEL: "warn" });
  });
  afterAll(async () => {
    await shop?.[Symbol.asyncDispose]();
    rmSync(data, { recursive: true, force: true });
  });
  return () => shop;
}
