import { createSecret, hashSecret } from "@doubleshot/identity/issuing";
import {
  type Api,
  cursorText,
  idempotencyKeyHeader,
  idempotencyKeyOf,
  ProblemError,
  placeIn,
  requestKeyOf,
  requireOwner,
  toCursor,
  unknownCursor,
} from "@doubleshot/service-kit";
import { z } from "zod";
import type { AmendCustomer } from "../amend-customer.ts";
import type { CustomerStore } from "../customer-store.ts";
import type { OpenAccount } from "../open-account.ts";
import type { SecretStore } from "../tokens/secret-store.ts";
import { amendmentJson, customerJson, newCustomerJson, openedCustomerJson, toCustomerJson } from "./customer-json.ts";
import {
  customerParams,
  customerPath,
  customerProblems,
  isCustomerId,
  keyDescription,
  keyProblems,
  keyTaken,
  unknownCustomer,
} from "./customer-problems.ts";

export interface CustomersParts {
  readonly openAccount: OpenAccount;
  readonly amendCustomer: AmendCustomer;
  readonly customers: CustomerStore;
  readonly secrets: SecretStore;
}

const openOperation = {
  id: "createCustomer",
  method: "post",
  path: "/customers",
  summary: "Open an account",
  // A limit is a promise of the shop, so the people who run it give it.
  access: {},
  headers: z.object({ "idempotency-key": idempotencyKeyHeader.describe(keyDescription) }),
  body: { schema: newCustomerJson, others: "refused" },
  answers: {
    201: { description: "The customer.", schema: openedCustomerJson, headers: { Location: "Where the customer is." } },
  },
  problems: { 410: "The customer of this key was deleted by hand.", ...keyProblems },
} as const;

export function addOpenRoute(api: Api, { openAccount, secrets }: CustomersParts): void {
  api.handle(openOperation, async ({ body: { name, credit_limit: limit }, headers, request }, response) => {
    const key = idempotencyKeyOf(request, headers["idempotency-key"]);
    const secret = createSecret();
    const hash = await hashSecret(secret);
    const opened = await openAccount.open({ name, limit }, key && requestKeyOf(key), (id) => [secrets.write(id, hash)]);
    if (opened.outcome === "key-taken") throw keyTaken();
    if (opened.outcome === "removed")
      throw new ProblemError(410, "The customer was deleted. Create it under another key.");
    const { customer, isNew } = opened;
    response.set("Cache-Control", "no-store");
    response
      .status(201)
      .location(customerPath(customer.id))
      .json({ ...toCustomerJson(customer), ...(isNew && { secret }) });
  });
}

const getOperation = {
  method: "get",
  summary: "Read a customer",
  access: { customer: "own" },
  params: customerParams,
  answers: { 200: { description: "The customer, as of now.", schema: customerJson } },
  problems: customerProblems,
} as const;

export function addGetRoutes(api: Api, { customers }: CustomersParts): void {
  for (const [id, path] of [
    ["getCustomer", "/customers/{id}"],
    ["getOneCustomer", "/customer/{id}"],
  ] as const) {
    api.handle({ ...getOperation, id, path }, async ({ params, request }, response) => {
      requireOwner(request, params.id);
      const customer = isCustomerId(params.id) ? await customers.get(params.id) : undefined;
      if (customer === undefined) throw unknownCustomer();
      response.set("Cache-Control", "no-cache").json(toCustomerJson(customer));
    });
  }
}

const amendOperation = {
  id: "amendCustomer",
  method: "patch",
  path: "/customers/{id}",
  summary: "Set name or limit",
  access: {},
  params: customerParams,
  body: { schema: amendmentJson, others: "refused" },
  answers: { 200: { description: "The customer, as it is now.", schema: customerJson } },
  problems: customerProblems,
} as const;

export function addAmendRoute(api: Api, { amendCustomer }: CustomersParts): void {
  api.handle(amendOperation, async ({ params, body: { name, credit_limit: limit } }, response) => {
    const changes = { ...(name !== undefined && { name }), ...(limit !== undefined && { limit }) };
    const customer = isCustomerId(params.id) ? await amendCustomer.amend(params.id, changes) : undefined;
    if (customer === undefined) throw unknownCustomer();
    response.json(toCustomerJson(customer));
  });
}

/** Carries the id of a page's last customer. */
const listCursor = cursorText(/^[\w-]{48}$/);

const listOperation = {
  id: "listCustomers",
  method: "get",
  path: "/customers",
  summary: "All customers, in no particular order",
  access: {},
  query: z.object({
    limit: z.coerce.number().int().min(1).max(100).default(20),
    cursor: listCursor.optional().describe("From `next` of the page before."),
  }),
  answers: {
    200: {
      description: "A page.",
      schema: z.object({ customers: z.array(customerJson), next: listCursor.optional() }),
      headers: { Link: 'The next page, as `rel="next"`.' },
    },
  },
} as const;

export function addListRoute(api: Api, { customers }: CustomersParts): void {
  api.handle(listOperation, async ({ query: { limit, cursor } }, response) => {
    const after = cursor === undefined ? undefined : placeIn(cursor);
    if (after !== undefined && !isCustomerId(after)) throw unknownCursor();
    const page = await customers.list({ limit, ...(after !== undefined && { after }) });
    const next = page.last === undefined ? undefined : toCursor(page.last);
    if (next !== undefined)
      response.set("Link", `</customers?${new URLSearchParams({ limit: `${limit}`, cursor: next })}>; rel="next"`);
    response.set("Cache-Control", "no-store").json({
      customers: page.customers.map(toCustomerJson),
      ...(next !== undefined && { next }),
    });
  });
}
