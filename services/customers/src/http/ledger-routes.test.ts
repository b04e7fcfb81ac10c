import { uuidv7 } from "@doubleshot/messaging";
import { stable } from "@doubleshot/service-host/testing";
import { describe, expect, test } from "vitest";
import { useCustomers } from "../customers.fixture.ts";

const here = useCustomers();

/** A process, and a customer who owes this amount. */
async function withDebt(debt: number) {
  const process = await here.open();
  const id = await process.openAccount(1_000);
  const { orderId } = await process.publishCreated(id, debt);
  await process.waitUntilSettled();
  await process.publishCompleted(orderId, id);
  await process.waitUntilSettled();
  const pay = (body: unknown, headers?: Record<string, string>) =>
    process.send("POST", `/customers/${id}/payments`, body, headers);
  return { ...process, id, pay };
}

describe("a payment", () => {
  test("lowers the debt, and makes the credit available", async () => {
    const { pay, id, available } = await withDebt(300);
    const response = await pay({ amount: 120 });
    expect(response.status).toBe(201);
    expect(stable(await response.json())).toMatchObject({ id: "<id 1>", amount: 120, paid_at: "<time>" });
    expect(await available(id)).toBe(820);
  });

  test("is made once under its key, also when its requests race, and the key with another amount is refused", async () => {
    const { pay, id, available } = await withDebt(300);
    const key = { "idempotency-key": "once" };
    const answers = await Promise.all(Array.from({ length: 8 }, () => pay({ amount: 200 }, key)));
    const payments = await Promise.all(answers.map((answer) => answer.json()));
    for (const payment of payments) expect(payment).toEqual(payments[0]);
    expect(await available(id)).toBe(900);
    expect((await pay({ amount: 201 }, key)).status).toBe(422);
  });

  test("above the debt is a conflict that names the field and the debt", async () => {
    const { pay, id, available } = await withDebt(300);
    const response = await pay({ amount: 301 });
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({
      customer_id: id,
      debt: 300,
      errors: [{ pointer: "#/amount", detail: "it must be at most 300, which is what the customer owes" }],
    });
    expect((await pay({ amount: 300 })).status).toBe(201);
    expect(await (await pay({ amount: 1 })).json()).toMatchObject({ status: 409, debt: 0 });
    expect(await available(id)).toBe(1_000);
  });

  test("that was refused stays refused under its key, whatever the debt is by then", async () => {
    const { pay, id, available } = await withDebt(300);
    const key = { "idempotency-key": "once" };
    expect((await pay({ amount: 301 }, key)).status).toBe(409);
    expect((await pay({ amount: 100 })).status).toBe(201);
    expect(await (await pay({ amount: 301 }, key)).json()).toMatchObject({ status: 409, debt: 300 });
    expect((await pay({ amount: 100 }, key)).status).toBe(422);
    expect(await available(id)).toBe(800);
  });

  test("of many that race, those that the debt covers are made", async () => {
    const { pay, id, available } = await withDebt(300);
    const answers = await Promise.all(Array.from({ length: 10 }, () => pay({ amount: 70 })));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 201, 201, 201, ...Array(6).fill(409)]);
    expect(await available(id)).toBe(980);
  });

  test.each([0, -1, 0.5, "7", null, 2 ** 53])("of %j is refused", async (amount) => {
    const { pay, id, available } = await withDebt(300);
    const response = await pay({ amount });
    expect(response.status).toBe(400);
    expect(Object(await response.json()).errors).toMatchObject([{ pointer: "#/amount" }]);
    expect(await available(id)).toBe(700);
  });

  test("of an unknown customer is not found", async () => {
    const { send } = await here.open();
    for (const id of ["latte", uuidv7()]) {
      expect((await send("POST", `/customers/${id}/payments`, { amount: 1 })).status).toBe(404);
    }
  });
});

describe("the ledger", () => {
  test("has every posting once, newest first, page by page, and its sums add up", async () => {
    const { publishCreated, publishCompleted, publishCancelConfirmed, waitUntilSettled, pay, id, send } =
      await withDebt(300);
    const [done, cancelled] = [await publishCreated(id, 50), await publishCreated(id, 60)];
    await publishCreated(id, 70);
    await waitUntilSettled();
    await publishCompleted(done.orderId, id);
    await publishCancelConfirmed(cancelled.orderId, id);
    await waitUntilSettled();
    await pay({ amount: 20 });

    const entries: { kind: string; amount: number; at: string; order_id?: string; payment_id?: string }[] = [];
    let sums = {};
    for (let path: string | undefined = `/customers/${id}/ledger?limit=3`; path !== undefined; ) {
      const response = await send("GET", path);
      const { entries: page, reserved, debt } = Object(await response.json());
      entries.push(...page);
      sums = { reserved, debt };
      path = /^<([^>]+)>; rel="next"$/.exec(response.headers.get("link") ?? "")?.[1];
    }
    const of = (kind: string) => entries.filter((entry) => entry.kind === kind).map(({ amount }) => amount);
    expect(of("reservation").toSorted((a, b) => a - b)).toEqual([50, 60, 70, 300]);
    expect([of("charge").toSorted((a, b) => a - b), of("release"), of("payment")]).toEqual([[50, 300], [60], [20]]);
    expect(entries.map(({ at }) => at)).toEqual(
      entries
        .map(({ at }) => at)
        .toSorted()
        .toReversed(),
    );
    expect(entries[0]).toMatchObject({ kind: "payment", payment_id: expect.any(String) });
    expect(sums).toEqual({ reserved: 70, debt: 330 });
  });

  test("of a new customer is empty", async () => {
    const { openAccount, json } = await here.open();
    expect(await json("GET", `/customers/${await openAccount()}/ledger`)).toEqual({
      entries: [],
      reserved: 0,
      debt: 0,
    });
  });

  test("of a foreign cursor is refused", async () => {
    const { openAccount, send } = await here.open();
    const id = await openAccount();
    for (const cursor of ["latte", "A".repeat(95)]) {
      expect((await send("GET", `/customers/${id}/ledger?cursor=${cursor}`)).status).toBe(400);
    }
  });
});
