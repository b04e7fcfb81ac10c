import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type OpenShop, openShop } from "@doubleshot/dev-shop";
import type axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { executablePath, launchBrowser, noBrowser, openPage } from "./browser.fixture.ts";
import { fillShop, pages } from "./filled-shop.fixture.ts";

const axeSource = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");

let shop: OpenShop;
let browser: Browser;
let past: string;
beforeAll(async () => {
  if (executablePath === undefined) return;
  [shop, browser] = await Promise.all([openShop(), launchBrowser()]);
  past = await fillShop(shop);
});
afterAll(() => Promise.all([browser?.close(), shop?.close()]));

/** Serious findings of axe, as rule and place. Its script runs through the debugger, which no policy of the page stops. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  return serious.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
}

/** Pixels by which the page is wider than its window. */
const overhang = (page: Page) =>
  page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth");

describe.for(["light", "dark"] as const)("in the %s", (colorScheme) => {
  test.for(pages)(
    "$name has no serious finding, and fits from 360 to 1440 pixels",
    async ({ path, shows, complains }, { skip }) => {
      if (executablePath === undefined) skip(noBrowser);
      const url = `${shop.services.web[0]?.url}${path(past)}`;
      const { page, complaints } = await openPage(browser, url, { colorScheme, reducedMotion: "reduce" });
      await page.getByText(shows).first().waitFor();
      expect(await findings(page)).toEqual([]);
      for (const width of [360, 480, 640, 768, 900, 1024, 1440]) {
        await page.setViewportSize({ width, height: 800 });
        expect([width, await overhang(page)]).toEqual([width, 0]);
      }
      expect(complaints).toEqual(complains);
      await page.context().close();
    },
  );
});
