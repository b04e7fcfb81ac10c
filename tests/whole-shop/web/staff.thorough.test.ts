import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { issueToken, SigningKeyStore, signingKeyAt } from "@doubleshot/identity/issuing";
import { physicalName } from "@doubleshot/topology";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { browserTest, useBrowser, withoutFailedRequests } from "./browser.fixture.ts";
import { brewNext, heading, order, orderId, placed, ready, signIn, takeNext } from "./people.fixture.ts";

// The pages of a shop whose services take tokens.

const { open, at, shop } = useBrowser(async () => {
  const port = await freePort();
  return {
    env: { AUTH_JWKS_URL: `http://127.0.0.1:${port}/.well-known/jwks.json` },
    services: { customers: { port } },
  };
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function tokenFor(role: string, { lifetimeSeconds = 600, issuedAt = Date.now() } = {}): Promise<string> {
  const keys = new SigningKeyStore(shop().aws.clients.documents, physicalName("doubleshot", "customers-keys"));
  const key = signingKeyAt(await keys.listOrCreate(Date.now()), Date.now());
  if (key === undefined) throw new Error("The issuer has no key.");
  const claims = { issuer: "doubleshot", audience: "doubleshot", issuedAt, lifetimeSeconds };
  return issueToken(key, { subject: "eve", roles: [role], ...claims });
}

async function openAccount() {
  const response = await fetch(at("/customers"), {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${await tokenFor("engineer")}` },
    body: JSON.stringify({ name: "Jane Doe", credit_limit: 1_000 }),
  });
  return (await response.json()) as { id: string; secret: string };
}

/** Enters a token where the page asks for one. */
async function enter(page: Page, token: string): Promise<void> {
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Go on" }).click();
}

browserTest("a barista's token opens bar and display; the wrong ones are said in words", async () => {
  await using bar = await open("/bar");
  await using customer = await open("/");
  const { page } = bar;
  await enter(page, "no token ☕");
  await page.getByText("The shop does not take this token.").waitFor();
  await enter(page, await tokenFor("customer"));
  await page.getByText("This token is of another role.").waitFor();
  await enter(page, await tokenFor("barista", { issuedAt: Date.now() - 3_600_000 }));
  await page.getByText("Your token has ended. Enter a new one.").waitFor();
  await enter(page, await tokenFor("barista"));
  await page.getByText("0 waiting, 0 in the making").waitFor();
  await order(customer.page, { name: "Guest" });
  await placed(customer.page);
  await brewNext(page);
  await ready(customer.page);
  await page.getByRole("link", { name: "Display" }).click();
  await page.locator(".ready", { hasText: "Guest" }).waitFor();
  expect(withoutFailedRequests([...bar.complaints, ...customer.complaints])).toEqual([]);
});

browserTest("a display's token opens the display for months, and takes no order at the bar", async () => {
  await using display = await open("/display");
  const { page } = display;
  await page.getByText("npm run token -- --role display --lifetime 90d").waitFor();
  await enter(page, await tokenFor("display", { lifetimeSeconds: 90 * 24 * 3_600 }));
  await page.getByText("Nothing is brewing").waitFor();
  await page.goto(at("/bar"));
  await page.getByText("0 waiting, 0 in the making").waitFor();
  await takeNext(page).click();
  await page.getByText("This token is of another role.").waitFor();
  await enter(page, await tokenFor("barista"));
  await takeNext(page).click();
  await page.getByText("Nothing waits.").waitFor();
  expect(withoutFailedRequests(display.complaints)).toEqual([]);
});

browserTest("a session that has expired is said in words, and the order is sent after the next sign-in", async () => {
  await using customer = await open("/");
  const { page } = customer;
  const account = await openAccount();
  await signIn(page, account);
  await page.locator(".balance", { hasText: "10.00" }).waitFor();
  const session = JSON.stringify({
    token: await tokenFor("customer", { issuedAt: Date.now() - 3_600_000 }),
    customerId: account.id,
  });
  await page.route(/\/customers\//, (route) => route.abort());
  await page.evaluate(`localStorage.setItem("doubleshot.customer", ${JSON.stringify(session)})`);
  await order(page);
  await page
    .getByText("Your session has ended. Your order is kept here and sent when you sign in again.")
    .first()
    .waitFor();
  await page.unroute(/\/customers\//);
  await page.getByLabel("Customer number").fill(account.id);
  await page.getByLabel("Secret").fill(account.secret);
  await page.locator("form.sign-in").getByRole("button", { name: "Sign in" }).click();
  await placed(page);

  // Another device, without the session.
  await using stranger = await open(`/?order=${await orderId(page)}`);
  await heading(stranger.page, "This order belongs to an account.").waitFor();
  await signIn(stranger.page, account);
  await placed(stranger.page);
  expect(withoutFailedRequests([...customer.complaints, ...stranger.complaints])).toEqual([]);
});

browserTest("where the shop opens the accounts, the page says where to ask", async () => {
  await using customer = await open("/");
  await customer.page.getByRole("button", { name: "Sign in" }).first().click();
  await customer.page.getByLabel("Name on the account").fill("Grace");
  await customer.page.getByRole("button", { name: "Open an account" }).click();
  await customer.page.getByText("Accounts are opened at the bar. Please ask there.").waitFor();
});
