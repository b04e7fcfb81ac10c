import type { Page } from "playwright-core";
import { beforeAll, expect } from "vitest";
import { browserTest, executablePath, useBrowser, withoutFailedRequests } from "./browser.fixture.ts";
import { type Filled, fillShop, longName, pages } from "./filled-shop.fixture.ts";
import { expectToFit, findings } from "./looks.fixture.ts";
import { takeNext } from "./people.fixture.ts";

const { open, shop } = useBrowser();
let filled: Filled;
beforeAll(async () => {
  if (executablePath !== undefined) filled = await fillShop(shop(), [longName]);
});

/** Each page, with what a person opens on it. */
const shown = [
  ...pages.map(({ name, path, shows }) => ({ name, path, shows, act: async () => undefined })),
  {
    name: "account",
    path: () => "/",
    shows: "Flat white",
    act: async (page: Page) => {
      await page.getByRole("button", { name: "Sign in" }).first().click();
      await page.getByLabel("Name on the account").fill("Jane Doe");
      await page.getByRole("button", { name: "Open an account" }).click();
      await page.locator(".balance").waitFor();
      await page.getByRole("button", { name: "One more Latte" }).click();
    },
  },
  {
    name: "claim",
    path: () => "/bar",
    shows: "Grace",
    act: async (page: Page) => {
      await takeNext(page).click();
      await page.locator(".claim").waitFor();
      await page.getByLabel("Note to the customer").fill("n".repeat(600));
    },
  },
  {
    name: "offline",
    path: () => "/",
    shows: "Flat white",
    act: async (page: Page) => {
      await page.context().setOffline(true);
      await page.reload();
      await page.getByText("This device is offline.").first().waitFor();
    },
  },
];

for (const colorScheme of ["light", "dark"] as const) {
  for (const { name, path, shows, act } of shown) {
    browserTest(`${name}, ${colorScheme}: no serious finding, and it fits from 360 to 1440 pixels`, async () => {
      const serviceWorkers = name === "offline" ? "allow" : "block";
      await using watched = await open(path(filled), { colorScheme, reducedMotion: "reduce", serviceWorkers });
      const { page, complaints } = watched;
      await page.getByText(shows).first().waitFor();
      if (name === "offline") await page.evaluate("navigator.serviceWorker.ready");
      await act(page);
      expect(await findings(page)).toEqual([]);
      await expectToFit(page);
      expect(name === "unknown" || name === "offline" ? withoutFailedRequests(complaints) : complaints).toEqual([]);
    });
  }
}
