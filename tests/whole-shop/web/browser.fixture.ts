import { existsSync } from "node:fs";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

/** `.ci/run` names a browser in CHROMIUM, so these tests are never left out there. */
const debians = "/usr/bin/chromium";
export const executablePath = process.env.CHROMIUM ?? (existsSync(debians) ? debians : undefined);

export const noBrowser = "no browser: install Debian's chromium, or name one in CHROMIUM";

export function launchBrowser(): Promise<Browser> {
  if (executablePath === undefined) throw new Error(noBrowser);
  return chromium.launch({ executablePath, chromiumSandbox: false });
}

export interface WatchedPage {
  readonly page: Page;
  /** Errors of the console and of scripts, and violations of the policy. */
  readonly complaints: string[];
  /** Requests to other sites, which are refused. */
  readonly foreign: string[];
}

/** Opens a page in a browser profile of its own. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  const foreign: string[] = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith(new URL("/", url).href)) foreign.push(request.url());
  });
  await page.goto(url);
  return { page, complaints, foreign };
}
