import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type OpenShop, openShop } from "@doubleshot/dev-shop";
import { roles } from "@doubleshot/shop";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { accessTable, describeApi } from "./api-page.fixture.ts";
import { describeDocsPage } from "./describe-docs-page.ts";
import { until } from "./people.fixture.ts";
import { type Exchange, exchange, settled } from "./recorded-exchange.fixture.ts";

const accessPage = fileURLToPath(new URL("../../../docs/access.md", import.meta.url));

let shop: OpenShop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.close());

const head = `# The HTTP APIs

Generated from the services' OpenAPI documents by \`npm run docs -w tests/whole-shop\`, with examples from a real shop; a test holds
it to them. A running service shows the same at \`/docs\`, and as a document at \`/openapi.json\`.

JSON is \`snake_case\`, instants are ISO 8601 in UTC. A failure is answered by a problem (RFC 9457) whose \`detail\` names the
remedy. Beside the problems of each operation, there are \`400\` for a request that is not as described (\`errors\` points at each bad value) or whose
JSON would be read as something else (a number that a double cannot hold as written, -0, an unpaired surrogate, the name \`__proto__\`, a duplicate name), \`404\` and
\`405\` for unknown routes and wrong methods, \`413\` for a body over 16 KB, \`415\` for one that is not JSON where JSON is needed. All
requests under one \`Idempotency-Key\` are one order, and a claim belongs to its \`claim_token\`: after any failure, repeat the request.
A problem that concerns an order carries \`order_id\`; at orders also \`order_url\`, relative to that service.

A service that runs with authentication takes an access token in \`Authorization: Bearer\`. A missing or wrong one is a \`401\` with a
challenge (RFC 6750), and a token without the role a \`403\` that names it: [access.md](access.md) has the roles.

Requests that a client sends ahead on one connection (pipelining) are handled one after another. More than 16 of them are too many:
a \`503\` is the last response of that connection.`;

/** The next order in line, once it is there. */
async function claimedBy(claim: () => Promise<Exchange>): Promise<Exchange> {
  for (;;) {
    const claimed = await claim();
    if (claimed.status === 200) return claimed;
  }
}

type Addresses = Readonly<Record<"orders" | "barista" | "customers", string>>;

const post = (url: string, path: string, json?: unknown, headers = {}) =>
  exchange(url, path, { method: "POST", headers, ...(json === undefined ? {} : { json }) });

const keeping =
  (examples: Map<string, string>) =>
  (id: string, ...exchanges: Exchange[]) =>
    void examples.set(id, exchanges.map(({ text }) => text).join("\n"));

/** One story for all examples: an order for each way to have it, and what becomes of it. */
async function makeExamples({ orders, barista, customers }: Addresses): Promise<Map<string, string>> {
  const examples = new Map<string, string>();
  const keep = keeping(examples);
  const waiting = post(orders, "/order/", { name: "Ada" });
  const started = await claimedBy(() => exchange(barista, "/start/?wait=20"));
  keep("startOrder", started);
  keep("finishOrder", await post(barista, `/finish/?order_id=${started.json.order_id}`, { result: { cup: 7 } }));
  keep("orderAndWait", await waiting);

  const items = [{ sku: "latte", quantity: 2 }];
  const placed = await post(orders, "/orders", { items, order_total: 840 }, { "idempotency-key": "a-new-uuid" });
  keep("placeOrder", placed, await post(orders, "/orders", { items: [{ sku: "latte" }] }));
  const claim_token = crypto.randomUUID();
  keep("takeClaim", await claimedBy(() => post(barista, "/claims?wait=20", { claim_token, lease_seconds: 60 })));
  const claim = `/claims/${placed.json.id}`;
  keep("extendClaim", await post(barista, `${claim}/heartbeat`, { claim_token, lease_seconds: 60 }));
  const order = `/orders/${placed.json.id}`;
  const status = async () => (await exchange(orders, order)).json.status;
  await expect.poll(status, until).toBe("BREWING");
  keep("getOrder", await exchange(orders, order));
  keep("finishClaim", await post(barista, `${claim}/finish`, { claim_token }));
  await expect.poll(status, until).toBe("COMPLETED");
  keep("followOrder", await exchange(orders, `${order}/events`));
  keep("listTickets", await exchange(barista, "/tickets?status=FINISHED&limit=1"));
  keep("listOrders", await exchange(orders, "/orders?limit=1"));
  const late = await post(orders, `${order}/cancel`);

  await post(orders, "/orders");
  const token = crypto.randomUUID();
  const given = await claimedBy(() => post(barista, "/claims?wait=20", { claim_token: token }));
  keep("releaseClaim", await post(barista, `/claims/${given.json.order_id}/release`, { claim_token: token }));
  keep("followBoard", await exchange(barista, "/events", { until: "event: current" }));
  keep("getPlace", await exchange(barista, `/tickets/${given.json.order_id}/place`));
  const cancelled = await post(orders, "/orders");
  keep(
    "cancelOrder",
    await post(orders, `/orders/${cancelled.json.id}/cancel`, undefined, { prefer: "wait=60" }),
    late,
  );
  keep("startOrderByPost", await claimedBy(() => post(barista, "/start/?wait=20")));
  keep("getMenu", await exchange(orders, "/menu"));

  await addAccountExamples({ orders, barista, customers }, examples);
  return examples;
}

/** The story goes on, with an order on account, its debt and a payment. */
async function addAccountExamples(
  { orders, barista, customers }: Addresses,
  examples: Map<string, string>,
): Promise<void> {
  const keep = keeping(examples);
  const customer = await post(customers, "/customers", { name: "Jane Doe", credit_limit: 250 });
  keep("createCustomer", customer, await post(customers, "/customers", { name: "Jane Doe", credit_limit: 2.5 }));
  const at = `/customers/${customer.json.id}`;
  const proof = { customer_id: customer.json.id, secret: customer.json.secret };
  keep(
    "createToken",
    await post(customers, "/tokens", proof),
    await post(customers, "/tokens", { customer_id: proof.customer_id }),
  );
  keep("replaceSecret", await post(customers, `${at}/secret`));
  keep("getPublicKeys", await exchange(customers, "/.well-known/jwks.json"));
  const account = { customer_id: customer.json.id, order_total: 100 };
  await post(orders, "/orders", account);
  const credit = async () => (await exchange(customers, at)).json.available_credit;
  await expect.poll(credit, until).toBe(150);
  keep("getCustomer", await exchange(customers, at));
  const brewed = await claimedBy(() => post(barista, "/start/?wait=20"));
  await post(barista, `/finish/?order_id=${brewed.json.order_id}`);
  const debt = async () => (await exchange(customers, `${at}/ledger`)).json.debt;
  await expect.poll(debt, until).toBe(100);
  keep("payDebt", await post(customers, `${at}/payments`, { amount: 60 }, { "idempotency-key": "another-uuid" }));
  keep("readLedger", await exchange(customers, `${at}/ledger`));
  keep("amendCustomer", await exchange(customers, at, { method: "PATCH", json: { credit_limit: 90 } }));
  keep("listCustomers", await exchange(customers, "/customers?limit=10"));
  const rejected = await post(orders, "/orders", account, { prefer: "wait=60" });
  examples.set("placeOrder", `${examples.get("placeOrder")}\n${rejected.text}`);
}

test("the page about the HTTP APIs is as the services have it", async () => {
  const urlOf = (name: keyof OpenShop["services"]) => shop.services[name][0]?.url ?? "";
  const [orders, barista, customers] = [urlOf("orders"), urlOf("barista"), urlOf("customers")];
  const examples = await makeExamples({ orders, barista, customers });
  const documentOf = async (url: string) => (await fetch(`${url}/openapi.json`)).json() as never;
  const page = [
    head,
    "## Orders, on port 9702",
    describeApi(await documentOf(orders), { tags: ["counter", "orders", "menu"], examples }),
    "## The bar, on port 9703",
    describeApi(await documentOf(barista), { tags: ["bar", "claims", "board"], examples }),
    "## Customers, on port 9701",
    describeApi(await documentOf(customers), { tags: ["customers", "tokens"], examples }),
    "## All\n\n`/livez` says whether the process lives, `/readyz` whether new requests are welcome (503 while it starts or stops),\n`/metrics` is for Prometheus.",
  ].join("\n\n");
  const addresses = new Map([
    [orders, "localhost:9702"],
    [barista, "localhost:9703"],
    [customers, "localhost:9701"],
  ]);
  await expect(settled(`${page}\n`, addresses)).toMatchFileSnapshot("../../../docs/api.md");
});

test("the page about access has every route, and the roles of its definition", async () => {
  const urls = Object.entries(shop.services).map(([name, [first]]) => [name, first?.url ?? ""] as const);
  const documents = urls.map(async ([name, url]) => [
    name,
    (await (await fetch(`${url}/openapi.json`)).json()) as never,
  ]);
  const table = accessTable(Object.fromEntries(await Promise.all(documents)), roles);
  const page = await readFile(accessPage, "utf8");
  const routes = /(?<=<!-- routes -->\n\n)[\s\S]*?(?=\n*<!-- \/routes -->)/;
  await expect(page.replace(routes, () => table)).toMatchFileSnapshot(accessPage);
});

// In the same shop, because a start costs some 3 s of CPU.
describe("/docs", () => describeDocsPage(() => shop));
