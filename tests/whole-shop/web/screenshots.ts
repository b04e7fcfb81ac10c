import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { openShop } from "@doubleshot/dev-shop";
import type { Browser, Page } from "playwright-core";
import { launchBrowser, openPage } from "./browser.fixture.ts";
import { type Filled, fillShop } from "./filled-shop.fixture.ts";
import { choose, takeNext } from "./people.fixture.ts";

// Pictures of every page for the documents: npm run screenshots. It needs a browser, as the tests of the pages do.

const folder = fileURLToPath(new URL("../../../docs/images", import.meta.url));
const phone = { width: 390, height: 760 };
const wide = { width: 1240, height: 1000 };
const desk = { width: 1120, height: 700 };

interface Picture {
  readonly name: string;
  readonly path: (filled: Filled) => string;
  readonly size: typeof phone;
  /** The actions of a person before the picture is taken. */
  readonly act: (page: Page) => Promise<unknown>;
}

const pictures: readonly Picture[] = [
  {
    name: "order",
    path: () => "/",
    size: phone,
    act: async (page) => {
      await choose(page, { drink: "Flat white", count: 1 });
      await choose(page, { drink: "Espresso", count: 2 });
    },
  },
  {
    name: "waiting",
    path: ({ waiting }) => `/?order=${waiting}`,
    size: phone,
    act: (page) => page.locator(".queue-position").waitFor(),
  },
  {
    name: "ready",
    path: ({ ready }) => `/?order=${ready}`,
    size: phone,
    act: (page) => page.locator(".note").waitFor(),
  },
  {
    name: "bar",
    path: () => "/bar",
    size: desk,
    act: async (page) => {
      if ((await page.locator(".claim").count()) === 0) await takeNext(page).click();
      await page.locator(".claim").waitFor();
      await page.mouse.click(1, 1);
    },
  },
  { name: "display", path: () => "/display", size: desk, act: (page) => page.locator(".ready li").first().waitFor() },
  // The last one, because its rush hour fills the shop.
  {
    name: "engine",
    path: () => "/engine",
    size: wide,
    act: async (page) => {
      await page.getByRole("button", { name: "Deliver twice: the next message" }).click();
      await page.getByRole("button", { name: "Start the rush" }).click();
      await page.getByText("Every customer got exactly one coffee.").waitFor();
      await page.evaluate("scrollTo(0, 0)");
    },
  },
];

async function take(browser: Browser, url: string, filled: Filled): Promise<void> {
  for (const { name, path, size, act } of pictures) {
    for (const colorScheme of ["light", "dark"] as const) {
      await using watched = await openPage(browser, `${url}${path(filled)}`, {
        colorScheme,
        viewport: size,
        reducedMotion: "reduce",
        locale: "en-GB",
      });
      const { page } = watched;
      await act(page);
      await page.evaluate("document.fonts.ready");
      await page.screenshot({ path: `${folder}/${name}-${colorScheme}.png` });
    }
  }
}

await mkdir(folder, { recursive: true });
const [shop, browser] = await Promise.all([openShop({ faults: true, inspector: true }), launchBrowser()]);
try {
  await take(browser, `${shop.services.web[0]?.url}`, await fillShop(shop));
} finally {
  await Promise.all([browser.close(), shop.close()]);
}
