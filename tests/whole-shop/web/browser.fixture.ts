import { existsSync } from "node:fs";
import { type OpenShop, type OpenShopOptions, openShop } from "@doubleshot/dev-shop";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, type TestContext, test } from "vitest";

/** `.ci/run` names a browser in CHROMIUM, so these tests are never left out there. */
const debians = "/usr/bin/chromium";
export const executablePath = process.env.CHROMIUM ?? (existsSync(debians) ? debians : undefined);

export const noBrowser = "no browser: install Debian's chromium, or name one in CHROMIUM";

export function launchBrowser(): Promise<Browser> {
  if (executablePath === undefined) throw new Error(noBrowser);
  if (!existsSync(executablePath)) throw new Error(`CHROMIUM names ${executablePath}, and there is no such file.`);
  return chromium.launch({ executablePath, chromiumSandbox: false });
}

/** A shop and a browser for all tests of a file. */
export function useBrowser(options: () => OpenShopOptions | Promise<OpenShopOptions> = () => ({})) {
  let shop: OpenShop;
  let browser: Browser;
  beforeAll(async () => {
    if (executablePath === undefined) return;
    // One after the other: a failure of one would leave the other open.
    browser = await launchBrowser();
    shop = await openShop(await options());
  });
  afterAll(() => Promise.all([browser?.close(), shop?.close()]));
  const at = (path: string) => `${shop.services.web[0]?.url}${path}`;
  return {
    at,
    shop: () => shop,
    open: (path: string, more: PageOptions = {}) => openPage(browser, at(path), more),
    /** Opens a page of another server. */
    openUrl: (url: string, more: PageOptions = {}) => openPage(browser, url, more),
  };
}

/** A test in a browser; left out where there is none. */
export function browserTest(name: string, run: () => Promise<void>): void {
  test(name, async ({ skip }: TestContext) => {
    if (executablePath === undefined) skip(noBrowser);
    await run();
  });
}

export interface PageOptions extends BrowserContextOptions {
  /** A script that runs before those of the page. */
  readonly init?: string;
}

/** A machine with a load of twenty needs minutes for what an idle one does in a second. */
const patienceMs = 120_000;

export interface WatchedPage {
  readonly page: Page;
  /** Errors of the console and of scripts, and violations of the policy. */
  readonly complaints: string[];
  /** Requests to other sites. */
  readonly foreign: string[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** The complaints without the browser's own lines about failed requests, which are the point of some tests. */
export const withoutFailedRequests = (complaints: readonly string[]) =>
  complaints.filter((complaint) => !complaint.startsWith("Failed to load resource"));

/** Opens a page in a browser profile of its own. Without `serviceWorkers`, there is none between the page and the shop. */
export async function openPage(browser: Browser, url: string, { init, ...options }: PageOptions): Promise<WatchedPage> {
  const context = await browser.newContext({ serviceWorkers: "block", ...options });
  if (init !== undefined) await context.addInitScript(init);
  context.setDefaultTimeout(patienceMs);
  const page = await context.newPage();
  const complaints: string[] = [];
  const foreign: string[] = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith(new URL("/", url).href)) foreign.push(request.url());
  });
  await page.goto(url);
  return { page, complaints, foreign, [Symbol.asyncDispose]: () => context.close() };
}
