import type { OpenShop } from "@doubleshot/dev-shop";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { executablePath, launchBrowser, noBrowser } from "../web/browser.fixture.ts";

/*
 * /docs in a real browser. .ci/run names one in CHROMIUM, so it is never left out there.
 */

interface Described {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** `get /orders/{id}` and the like. */
async function described(url: string): Promise<string[]> {
  const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as Described;
  return Object.entries(paths).flatMap(([path, at]) => Object.keys(at).map((method) => `${method} ${path}`));
}

async function shown(page: Page): Promise<string[]> {
  const operations = await page.locator(".opblock-summary").all();
  return Promise.all(
    operations.map(async (operation) => {
      const method = await operation.locator(".opblock-summary-method").innerText();
      const path = await operation.locator(".opblock-summary-path").getAttribute("data-path");
      return `${method.toLowerCase()} ${path}`;
    }),
  );
}

/**
 * Opens a page and records the browser's complaints (violations of its policy, too) and requests to other sites. The prefix is
 * removed from requests, as a load balancer does.
 */
async function openPage(browser: Browser, url: string, prefix: string) {
  const page = await browser.newPage();
  const complaints: string[] = [];
  const foreign: string[] = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.route("**/*", (route) => {
    const to = route.request().url();
    if (prefix !== "" && to.startsWith(`${url}${prefix}/`)) return route.continue({ url: to.replace(prefix, "") });
    if (to.startsWith("data:") || to.startsWith(`${url}/`)) return route.continue();
    foreign.push(to);
    return route.abort();
  });
  return { page, complaints, foreign };
}

export function describeDocsPage(shop: () => OpenShop): void {
  let browser: Browser;
  beforeAll(async () => {
    if (executablePath !== undefined) browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  test.for([
    ["orders", "", "orders-placeOrder"],
    ["barista", "/api/barista", "claims-takeClaim"],
  ] as const)(
    "the page of %s at %j/docs shows every operation, tries one, and needs no other site",
    async ([service, prefix, detailed], { skip }) => {
      if (executablePath === undefined) skip(noBrowser);
      const url = shop().services[service][0]?.url ?? "";
      const { page, complaints, foreign } = await openPage(browser, url, prefix);
      await page.goto(`${url}${prefix}/docs`);
      const operations = await described(url);
      await page
        .locator(".opblock-summary")
        .nth(operations.length - 1)
        .waitFor();
      expect((await shown(page)).toSorted()).toEqual(operations.toSorted());

      await page.locator(`#operations-${detailed} .opblock-summary-control`).click();
      await page.locator(`#operations-${detailed} .response[data-code="503"]`).waitFor();

      const liveness = page.locator("#operations-operations-getLiveness");
      await liveness.locator(".opblock-summary-control").click();
      await liveness.getByRole("button", { name: "Try it out" }).click();
      await liveness.getByRole("button", { name: "Execute" }).click();
      await liveness.locator(".live-responses-table").getByText(`"service": "${service}"`).waitFor();

      expect({ complaints, foreign }).toEqual({ complaints: [], foreign: [] });
      await page.close();
    },
  );
}
