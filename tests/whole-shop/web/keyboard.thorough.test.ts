import type { Page } from "playwright-core";
import { expect } from "vitest";
import { browserTest, useBrowser, withoutFailedRequests } from "./browser.fixture.ts";
import { codeOf, releaseBehind } from "./people.fixture.ts";

// The bar without a mouse.

const { open, at } = useBrowser();

async function order(): Promise<string> {
  const response = await fetch(at("/orders"), { method: "POST" });
  return ((await response.json()) as { id: string }).id;
}

/** The text by which a person knows the element with the focus. */
const focused = (page: Page) =>
  page.evaluate<string>(`(() => {
    const { activeElement, body } = document;
    if (activeElement === body) return "nothing";
    return activeElement.labels?.[0]?.textContent ?? activeElement.textContent;
  })()`);

const expectFocus = (page: Page, name: string) => expect.poll(() => focused(page)).toBe(name);

const next = "Take the next order";
const note = "Note to the customer";

/** Presses Tab until the focus is there. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let pressed = 0; pressed < 20; pressed++) {
    if ((await focused(page)) === name) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`The key Tab does not reach ${name}.`);
}

/** Takes the next order by a press on its button, and expects it to be this one. */
async function takeByKey(page: Page, id: string): Promise<void> {
  await expectFocus(page, next);
  await page.keyboard.press("Enter");
  await expectFocus(page, `Finish ${codeOf(id)}`);
}

browserTest("an order is taken, finished with a note, or given back, and the focus is never lost", async () => {
  await using bar = await open("/bar");
  const { page } = bar;
  const [first, second] = [await order(), await order()];
  await page.locator(".queue .ticket").nth(1).waitFor();
  await tabTo(page, next);
  await takeByKey(page, first);
  await page.keyboard.press("Shift+Tab");
  await expectFocus(page, note);
  await page.keyboard.type("Extra hot!");
  await page.keyboard.press("Tab");
  await expectFocus(page, `Finish ${codeOf(first)}`);
  await page.keyboard.press("Enter");
  await page.getByText(`Order ${codeOf(first)} is finished.`).waitFor();
  await takeByKey(page, second);
  await page.keyboard.press("Tab");
  await expectFocus(page, `Give ${codeOf(second)} back`);
  await page.keyboard.press("Enter");
  await page.getByText(`Order ${codeOf(second)} is back in the queue.`).waitFor();
  await takeByKey(page, second);
  await page.keyboard.press("Enter");
  await page.getByText(`Order ${codeOf(second)} is finished.`).waitFor();
  await expectFocus(page, next);
  // Nothing waits: the button stays, and so does the focus.
  await page.keyboard.press("Enter");
  await page.getByText("Nothing waits.").waitFor();
  await expectFocus(page, next);
  const result = async () => ((await (await fetch(at(`/orders/${first}`))).json()) as { result?: unknown }).result;
  await expect.poll(result).toEqual({ note: "Extra hot!" });
  expect(withoutFailedRequests(bar.complaints)).toEqual([]);
});

browserTest("an order that is no longer held here leaves the focus in the note of another order", async () => {
  await using bar = await open("/bar");
  const { page } = bar;
  const [lost, kept] = [await order(), await order()];
  await page.locator(".queue .ticket").nth(1).waitFor();
  await tabTo(page, next);
  await takeByKey(page, lost);
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Shift+Tab");
  await takeByKey(page, kept);
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.type("Extra ");
  await releaseBehind(page, lost);
  // A heartbeat, as after a lost network.
  await page.evaluate("void dispatchEvent(new Event('online'))");
  await page.getByText(`Order ${codeOf(lost)} is no longer yours`).waitFor();
  await expectFocus(page, note);
  await page.keyboard.type("hot!");
  expect(await page.getByLabel(note).inputValue()).toBe("Extra hot!");
});
