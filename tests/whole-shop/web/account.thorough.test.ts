import { expect } from "vitest";
import { browserTest, useBrowser } from "./browser.fixture.ts";
import { brewNext, choose, heading, order, orderButton, orderId, ready, signIn } from "./people.fixture.ts";

const { open, at } = useBrowser();

async function openAccount(creditLimit: number) {
  const response = await fetch(at("/customers"), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: "Jane Doe", credit_limit: creditLimit }),
  });
  return (await response.json()) as { id: string; secret: string };
}

browserTest("an order on account shows in the balance and in the ledger", async () => {
  await using customer = await open("/");
  await using bar = await open("/bar");
  const { page } = customer;
  await signIn(page, await openAccount(1_000));
  const account = page.locator(".account");
  await account.getByText("10.00", { exact: true }).first().waitFor();
  await choose(page, { drink: "Latte" });
  expect(await page.getByRole("radio", { name: "On account, 10.00 to spend" }).isChecked()).toBe(true);
  await orderButton(page).click();
  await heading(page, "In the queue").waitFor();
  await account.locator(".balance", { hasText: "5.80" }).waitFor();
  await brewNext(bar.page);
  await ready(page);
  await expect
    .poll(() => account.locator(".ledger li").allInnerTexts())
    .toEqual([expect.stringMatching(/^Charged .*4\.20$/s), expect.stringMatching(/^Reserved .*4\.20$/s)]);
  await account.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Customer number").waitFor();
  expect(customer.complaints).toEqual([]);
});

browserTest("an order beyond the credit is rejected in words, and the next one is paid at the bar", async () => {
  await using customer = await open("/");
  const { page } = customer;
  await signIn(page, await openAccount(500));
  await choose(page, { drink: "Latte", count: 2 });
  await page.getByText("This is more than your account has to spend.").waitFor();
  await orderButton(page).click();
  await heading(page, "Your account could not pay").waitFor();
  await page.getByText("Order less, pay at the bar, or pay some of your debt first.").waitFor();
  await page.getByRole("button", { name: "Order another" }).click();
  await choose(page, { drink: "Latte", count: 2 });
  await page.getByRole("radio", { name: "At the bar" }).check();
  await orderButton(page).click();
  await heading(page, "In the queue").waitFor();
  expect(customer.complaints).toEqual([]);
});

browserTest("a customer opens an account on the page and keeps its secret", async () => {
  await using customer = await open("/");
  const { page } = customer;
  await page.getByRole("button", { name: "Sign in" }).first().click();
  await page.getByLabel("Name on the account").fill("Grace <i>Hopper</i>");
  await page.getByRole("button", { name: "Open an account" }).click();
  await page.getByText("Your account is open, and you are signed in.").waitFor();
  await page.getByRole("heading", { name: "Grace <i>Hopper</i>" }).waitFor();
  const [id = "", secret = ""] = await page.locator(".credentials dd").allInnerTexts();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Close" }).click();
  await signIn(page, { id, secret });
  await page.getByRole("heading", { name: "Grace <i>Hopper</i>" }).waitFor();
  // It is nowhere in the browser but on the paper of the customer.
  expect(JSON.stringify(await page.context().storageState())).not.toContain(secret);
});

browserTest("a wrong secret is said in words", async () => {
  await using customer = await open("/");
  await signIn(customer.page, { ...(await openAccount(500)), secret: "guess" });
  await customer.page.getByText("There is no such account, or the secret is wrong.").waitFor();
  await order(customer.page);
  await heading(customer.page, "In the queue").waitFor();
});

browserTest("an account that still loads, or cannot be read, pays for the order all the same", async () => {
  for (const { answers, says } of [
    { answers: false, says: "Fetching your account …" },
    { answers: true, says: "Your account cannot be shown. The shop is busy or restarting." },
  ]) {
    await using customer = await open("/");
    const { page } = customer;
    const account = await openAccount(1_000);
    await page.route(/\/customers\//, (route) => (answers ? route.fulfill({ status: 503, json: {} }) : undefined));
    await signIn(page, account);
    const payment = page.locator(".payment");
    await payment.getByText(says).waitFor();
    expect(await payment.getByRole("radio", { name: "On account" }).isChecked()).toBe(true);
    await order(page);
    await heading(page, "In the queue").waitFor();
    const placed = await fetch(at(`/orders/${await orderId(page)}`));
    expect(await placed.json()).toMatchObject({ customer_id: account.id });
  }
});

browserTest("a customer who is signed out while choosing reads that the bar takes the money", async () => {
  await using customer = await open("/");
  const { page } = customer;
  await signIn(page, await openAccount(1_000));
  await choose(page);
  await page.getByRole("radio", { name: "On account, 10.00 to spend" }).waitFor();
  const other = await page.context().newPage();
  await other.goto(at("/"));
  await other.getByRole("button", { name: "Account" }).click();
  await other.getByRole("button", { name: "Sign out" }).click();
  await page.getByText("You are no longer signed in, so you pay at the bar.").waitFor();
  expect(await page.getByRole("radio").count()).toBe(0);
});
