import { uuidv7 } from "@doubleshot/messaging";
import { stable } from "@doubleshot/service-host/testing";
import { describe, expect, test } from "vitest";
import { useCustomers } from "../customers.fixture.ts";

const here = useCustomers();
const jane = { name: "Jane Doe", credit_limit: 250 };

describe("opening an account", () => {
  test("answers with the customer and where it is, and reads it under both paths", async () => {
    const { send, json } = await here.open();
    const response = await send("POST", "/customers", jane);
    expect(response.status).toBe(201);
    const { secret, ...customer } = Object(await response.json());
    expect(secret).toMatch(/^[\w-]{43}$/);
    expect(response.headers.get("location")).toBe(`/customers/${customer.id}`);
    expect(stable(customer)).toEqual({
      id: "<id 1>",
      name: "Jane Doe",
      credit_limit: 250,
      available_credit: 250,
      version: 1,
      created_at: "<time>",
      updated_at: "<time>",
    });
    for (const path of ["/customers", "/customer"]) {
      expect(await json("GET", `${path}/${customer.id.toUpperCase()}`)).toEqual(customer);
    }
  });

  test("twice under one key is one customer; the key with another body is refused", async () => {
    const { send, json } = await here.open();
    const key = { "idempotency-key": "once" };
    const { secret, ...first } = await json("POST", "/customers", jane, key);
    expect(secret).toBeDefined();
    expect(await json("POST", "/customers", jane, key)).toEqual(first);
    expect((await send("POST", "/customers", { ...jane, credit_limit: 251 }, key)).status).toBe(422);
    expect(await here.rows("customers")).toHaveLength(1);
  });

  test("at once, under one key, is one customer", async () => {
    const { json } = await here.open();
    const key = { "idempotency-key": "once" };
    const answers = await Promise.all(Array.from({ length: 10 }, () => json("POST", "/customers", jane, key)));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(await here.rows("customers")).toHaveLength(1);
  });

  test("for a customer that was created without a key makes another one", async () => {
    const { json } = await here.open();
    const [one, other] = [await json("POST", "/customers", jane), await json("POST", "/customers", jane)];
    expect(one.id).not.toBe(other.id);
  });
});

test.each(["<b>Jane</b>", "\u202eenaJ", "Zoë ☕ 🧑‍🚀", "'; DROP TABLE customers; --", "😀".repeat(100)])(
  "the name %j is kept as it is",
  async (name) => {
    const { json } = await here.open();
    const { id } = await json("POST", "/customers", { ...jane, name });
    expect((await json("GET", `/customers/${id}`)).name).toBe(name);
  },
);

describe("bad input names its field, and changes nothing", () => {
  const least = "it must be at least 1";
  const whole = "it must be a whole number";
  const number = "it must be a number";
  const most = "it must be at most 9007199254740991";

  test.each<[string, unknown, string]>([
    ["/credit_limit", { ...jane, credit_limit: 0 }, least],
    ["/credit_limit", { ...jane, credit_limit: -1 }, least],
    ["/credit_limit", { ...jane, credit_limit: 0.5 }, whole],
    ["/credit_limit", { ...jane, credit_limit: "250" }, number],
    ["/credit_limit", { ...jane, credit_limit: null }, number],
    ["/credit_limit", { name: "Jane" }, "it must be given, as a number"],
    ["/credit_limit", { ...jane, credit_limit: 2 ** 53 }, most],
    ["/credit_limit", { ...jane, credit_limit: 1e300 }, most],
    ["/credit_limit", '{"name":"Jane","credit_limit":9007199254740993}', "a double would make it 9007199254740992"],
    ["/credit_limit", '{"name":"Jane","credit_limit":100.00000000000000001}', "a double would make it 100"],
    ["/credit_limit", '{"name":"Jane","credit_limit":1e999}', "a number this large cannot be kept"],
    ["/credit_limit", '{"name":"Jane","credit_limit":1,"credit_limit":9}', "the name is given twice"],
    ["/name", { ...jane, name: "" }, "it must have at least 1 character"],
    ["/name", { ...jane, name: "n".repeat(10_000) }, "it must have at most 200 characters"],
    ["/name", { ...jane, name: 7 }, "it must be a string"],
  ])("a bad %s is refused: %#", async (pointer, body, expected) => {
    const { send } = await here.open();
    const response = await send("POST", "/customers", body);
    expect(response.status).toBe(400);
    const { errors } = Object(await response.json());
    expect(errors).toMatchObject([{ pointer: `#${pointer}`, detail: expect.stringContaining(expected) }]);
    expect(await here.rows("customers")).toEqual([]);
  });
});

describe("amending", () => {
  test("sets name and limit, each by itself or both", async () => {
    const { openAccount, json, publishCreated, waitUntilSettled } = await here.open();
    const id = await openAccount();
    await publishCreated(id, 200);
    await waitUntilSettled();
    const lower = await json("PATCH", `/customers/${id}`, { credit_limit: 100 });
    expect(lower).toMatchObject({ name: "Jane Doe", credit_limit: 100, available_credit: -100, version: 2 });
    await publishCreated(id, 1);
    await waitUntilSettled();
    const types = (await here.committedEvents()).map(({ type }) => type);
    expect(types.toSorted()).toEqual(["CreditRefused", "CreditReserved"]);
    const higher = await json("PATCH", `/customers/${id}`, { name: "Jane Roe", credit_limit: 300 });
    expect(higher).toMatchObject({ name: "Jane Roe", credit_limit: 300, available_credit: 100, version: 3 });
    expect(await json("PATCH", `/customers/${id}`, {})).toEqual(higher);
    expect(await json("PATCH", `/customers/${id}`, { credit_limit: 0 })).toMatchObject({ available_credit: -200 });
  });

  test.each([-1, 0.5, "1", null, 2 ** 53])("to the limit %j is refused", async (credit_limit) => {
    const { openAccount, send, json } = await here.open();
    const id = await openAccount();
    const response = await send("PATCH", `/customers/${id}`, { name: "Jane Roe", credit_limit });
    expect(response.status).toBe(400);
    expect(Object(await response.json()).errors).toMatchObject([{ pointer: "#/credit_limit" }]);
    expect(await json("GET", `/customers/${id}`)).toMatchObject({ name: "Jane Doe", credit_limit: 250, version: 1 });
  });

  test("at once all take effect, one after the other", async () => {
    const { openAccount, json } = await here.open();
    const id = await openAccount();
    const limits = Array.from({ length: 8 }, (_, n) => 300 + n);
    await Promise.all(limits.map((limit) => json("PATCH", `/customers/${id}`, { credit_limit: limit })));
    const { credit_limit, available_credit, version } = await json("GET", `/customers/${id}`);
    expect([available_credit, version]).toEqual([credit_limit, 9]);
  });
});

test("the list has every customer once, page by page", async () => {
  const { openAccount, send, json } = await here.open();
  const ids = await Promise.all(Array.from({ length: 7 }, () => openAccount()));
  const found: string[] = [];
  for (let path: string | undefined = "/customers?limit=3"; path !== undefined; ) {
    const response = await send("GET", path);
    const page = Object(await response.json());
    expect(page.customers.length).toBeLessThanOrEqual(3);
    found.push(...page.customers.map(({ id }: { id: string }) => id));
    path = /^<([^>]+)>; rel="next"$/.exec(response.headers.get("link") ?? "")?.[1];
  }
  expect(found.toSorted()).toEqual(ids.toSorted());
  for (const cursor of ["latte", "A".repeat(48)]) {
    expect((await json("GET", `/customers?cursor=${cursor}`)).status).toBe(400);
  }
});

test.each(["/customers/latte", "/customer/latte", `/customers/${uuidv7()}`, "/customers/latte/ledger"])(
  "%s is not found",
  async (path) => {
    const { send } = await here.open();
    expect((await send("GET", path)).status).toBe(404);
  },
);
