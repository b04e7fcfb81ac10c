import type { Page } from "playwright-core";

// The actions of people on the pages. They find each control by the name that they see or hear.

export const heading = (page: Page, name: string | RegExp) => page.getByRole("heading", { level: 1, name });

export const placed = (page: Page) => heading(page, "In the queue").waitFor();
export const brewing = (page: Page) => heading(page, "Your coffee is being made").waitFor();
export const ready = (page: Page) => heading(page, "Your coffee is ready").waitFor();

interface Wish {
  readonly drink?: string;
  readonly count?: number;
  readonly name?: string;
}

/** Chooses, without the press on the button that orders. */
export async function choose(page: Page, { drink = "Flat white", count = 1, name = "" }: Wish = {}): Promise<void> {
  const more = page.getByRole("button", { name: `One more ${drink}` });
  for (let chosen = 0; chosen < count; chosen++) await more.click();
  if (name !== "") await page.getByLabel("Your name").fill(name);
}

export const orderButton = (page: Page) => page.getByRole("button", { name: /^Order \d+ for / });

export async function order(page: Page, wish: Wish = {}): Promise<void> {
  await choose(page, wish);
  await orderButton(page).click();
}

/** The id of the order that the page shows. */
export async function orderId(page: Page): Promise<string> {
  await page.waitForURL(/\?order=/);
  return new URL(page.url()).searchParams.get("order") ?? "";
}

/** Puts a tab behind others, or before them. A browser under test shows all of its tabs, so this says so to the page alone. */
export async function setHidden(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate(`
    Object.defineProperty(document, "hidden", { value: ${isHidden}, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  `);
}

export const codeOf = (id: string) => id.slice(-4).toUpperCase();

export const takeNext = (bar: Page) => bar.getByRole("button", { name: "Take the next order" });
export const finishButton = (bar: Page, code: string | RegExp = /^Finish /) =>
  bar.getByRole("button", { name: typeof code === "string" ? `Finish ${code}` : code });

/** Takes the next order as soon as there is one, and finishes it. */
export async function brewNext(bar: Page): Promise<void> {
  await take(bar);
  await finishButton(bar).click();
  await bar.getByText(/is finished\.$/).waitFor();
}

/** Takes the next order as soon as the queue shows one. */
export async function take(bar: Page): Promise<void> {
  await bar.locator(".queue .ticket").first().waitFor();
  await takeNext(bar).click();
  await finishButton(bar).waitFor();
}

/**
 * Releases a claim of the bar without its tab, as if its lease had ended: the order is back in the queue, and the tab has not
 * heard of it.
 */
export async function releaseBehind(bar: Page, id: string): Promise<void> {
  const claims = (await bar.evaluate("sessionStorage.getItem('doubleshot.claims')")) as string;
  const claim = (JSON.parse(claims) as { orderId: string; token: string }[]).find(({ orderId }) => orderId === id);
  const init = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ claim_token: claim?.token }),
  };
  const response = await fetch(new URL(`/claims/${id}/release`, bar.url()), init);
  if (!response.ok) throw new Error(`The bar did not release ${id}: ${response.status}.`);
}

export interface NewAccount {
  readonly id: string;
  readonly secret: string;
}

/** Signs in on the order page. */
export async function signIn(page: Page, { id, secret }: NewAccount): Promise<void> {
  await page.getByRole("button", { name: "Sign in" }).first().click();
  await page.getByLabel("Customer number").fill(id);
  await page.getByLabel("Secret").fill(secret);
  await page.locator("form.sign-in").getByRole("button", { name: "Sign in" }).click();
}

/** Brews all that waits, so that the next order of a test is the first in line. */
export async function emptyQueue(at: (path: string) => string): Promise<void> {
  const post = (path: string, body: object) =>
    fetch(at(path), { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  for (;;) {
    const claim_token = crypto.randomUUID();
    const claim = await post("/claims", { claim_token });
    if (claim.status === 204) return;
    const { order_id } = (await claim.json()) as { order_id: string };
    await (await post(`/claims/${order_id}/finish`, { claim_token })).body?.cancel();
  }
}
