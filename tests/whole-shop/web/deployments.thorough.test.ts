import type { Page } from "playwright-core";
import { expect } from "vitest";
import { readPageFiles } from "../../../services/web/src/pages/page-files.ts";
import { pagesFolder } from "../../../services/web/src/pages/pages-folder.ts";
import { browserTest, useBrowser, withoutFailedRequests } from "./browser.fixture.ts";
import { buildNamed, buildsShown, openFront } from "./deployments.fixture.ts";
import { brewNext, order, placed, ready } from "./people.fixture.ts";

// A deployment replaces the pages and their files, while a browser has the former ones, in open tabs and in its service worker.

const { at, openUrl } = useBrowser();

const paths = ["/", "/bar", "/display", "/engine"];
const offline = "This device is offline. This page goes on by itself when it is back.";

/** The builds of the pages that the worker keeps. */
const keptBuilds = (page: Page) =>
  page.evaluate<string[]>(`Promise.all(${JSON.stringify(paths)}.map(async (path) =>
    /data-build="(\\w+)"/.exec(await (await caches.match(path)).text())[1]))`);

/** Whether no other version of the worker is being installed or waits for its turn. */
const isWorkerSettled = (page: Page) =>
  page.evaluate<boolean>(`navigator.serviceWorker.getRegistration().then(
    ({ installing, waiting, active }) => !installing && !waiting && active?.state === "activated")`);

const builds = (page: Page) => page.evaluate<string[]>(buildsShown);

const deployment =
  ({ changesWorker }: { changesWorker: boolean }) =>
  async () => {
    const files = readPageFiles(pagesFolder());
    await using front = await openFront(at(""), buildNamed("former", files, false));
    await using customer = await openUrl(front.url, { serviceWorkers: "allow" });
    const { page } = customer;
    await expect.poll(() => page.evaluate("navigator.serviceWorker.controller !== null")).toBe(true);
    await expect.poll(() => builds(page)).toEqual(["former"]);

    front.deploy(buildNamed("next", files, changesWorker));
    await order(page, { name: "Open tab" });
    await placed(page);
    const visitor = await page.context().newPage();
    const failed: string[] = [];
    visitor.on("response", (response) => response.status() >= 400 && failed.push(response.url()));
    for (const path of paths) {
      await visitor.goto(`${front.url}${path}`, { waitUntil: "load" });
      expect([path, await builds(visitor)]).toEqual([path, ["next"]]);
    }
    expect(failed).toEqual([]);
    await visitor.goto(`${front.url}/bar`);
    await brewNext(visitor);
    await ready(page);
    expect(await builds(page)).toEqual(["former"]);

    await expect.poll(() => keptBuilds(page)).toEqual(paths.map(() => "next"));
    // A worker that Chromium starts or stops while Playwright takes the network away may hang, and its page with it.
    await expect.poll(() => isWorkerSettled(page)).toBe(true);
    await page.context().setOffline(true);
    for (const path of paths) {
      await page.goto(`${front.url}${path}`);
      await page.getByText(offline).first().waitFor();
      expect([path, await builds(page)]).toEqual([path, ["next"]]);
    }
    await page.context().setOffline(false);
    await page.goto(front.url);
    await page.getByText("Flat white").first().waitFor();
    expect(withoutFailedRequests(customer.complaints)).toEqual([]);
  };

browserTest(
  "after a deployment an open tab goes on, and each page that is opened is of the new build alone",
  deployment({ changesWorker: false }),
);
browserTest(
  "after a deployment with another service worker an open tab goes on, and each page is of the new build alone",
  deployment({ changesWorker: true }),
);
