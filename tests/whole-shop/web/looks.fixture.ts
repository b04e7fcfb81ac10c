import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { expect } from "vitest";

const axeSource = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");

/** Serious findings of axe, as rule and place. Its script runs through the debugger, which no policy of the page stops. */
export async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate<AxeResults>("axe.run()");
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  return serious.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
}

/** Pixels by which the page is wider than its window. */
const overhang = (page: Page) =>
  page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth");

/** The page has no horizontal scroll bar at any of these widths. */
export async function expectToFit(page: Page): Promise<void> {
  for (const width of [360, 480, 640, 768, 900, 1024, 1440]) {
    await page.setViewportSize({ width, height: 800 });
    expect([width, await overhang(page)]).toEqual([width, 0]);
  }
}
