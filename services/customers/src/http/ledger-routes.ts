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
import type { CustomerStore } from "../customer-store.ts";
import type { Entry, Ledger } from "../ledger.ts";
import type { PayDebt } from "../pay-debt.ts";
import { amount } from "./customer-json.ts";
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

export interface LedgerParts {
  readonly customers: CustomerStore;
  readonly ledger: Ledger;
  readonly payDebt: PayDebt;
}

const paymentJson = z
  .object({ id: z.uuid(), customer_id: z.uuid(), amount: z.int(), paid_at: z.iso.datetime() })
  .meta({ id: "Payment" });

const payOperation = {
  id: "payDebt",
  method: "post",
  path: "/customers/{id}/payments",
  summary: "Pay some of the debt",
  access: { customer: "own" },
  description:
    "Send an `Idempotency-Key`, and repeat the request when its answer is lost: it is paid once. " +
    "A refusal stands under its key, too: try again under another one.",
  params: customerParams,
  headers: z.object({ "idempotency-key": idempotencyKeyHeader.describe(keyDescription) }),
  body: {
    schema: z.object({ amount: amount.describe("In whole minor units, at most the debt.") }),
    others: "refused",
  },
  answers: { 201: { description: "The payment.", schema: paymentJson } },
  problems: { ...customerProblems, 409: "The amount is more than the customer owes.", ...keyProblems },
} as const;

export function addPayRoute(api: Api, { payDebt }: LedgerParts): void {
  api.handle(payOperation, async ({ params, body, headers, request }, response) => {
    requireOwner(request, params.id);
    if (!isCustomerId(params.id)) throw unknownCustomer();
    const key = idempotencyKeyOf(request, headers["idempotency-key"]);
    const paid = await payDebt.pay(params.id, body.amount, key && requestKeyOf(key));
    switch (paid.outcome) {
      case "unknown":
        throw unknownCustomer();
      case "key-taken":
        throw keyTaken();
      case "above-debt":
        throw aboveDebt(paid.debt);
      case "paid": {
        const { id, customerId, amount, paidAt } = paid.payment;
        response.status(201).json({ id, customer_id: customerId, amount, paid_at: paidAt });
      }
    }
  });
}

function aboveDebt(debt: number): ProblemError {
  const allowed = debt === 0 ? "nothing is owed" : `it must be at most ${debt}, which is what the customer owes`;
  return new ProblemError(409, `The amount is above the debt: ${allowed}.`, {
    extensions: { debt, errors: [{ pointer: "#/amount", detail: allowed }] },
  });
}

const entryJson = z
  .object({
    kind: z.enum(["reservation", "charge", "release", "payment"]),
    amount: z.int(),
    at: z.iso.datetime(),
    order_id: z.uuid().optional(),
    payment_id: z.uuid().optional(),
  })
  .meta({ id: "LedgerEntry" });

/** Carries an entry's place. */
const ledgerCursor = cursorText(/^[\w-]{90,100}$/);

const ledgerOperation = {
  id: "readLedger",
  method: "get",
  path: "/customers/{id}/ledger",
  summary: "All changes of an account, newest first",
  access: { customer: "own" },
  description:
    "A `reservation` sets an order's total aside. Later a `charge` turns it into debt, or a `release` gives it back. A " +
    "`payment` lowers the debt. Over all pages, reservations less charges and releases are `reserved`, and charges less " +
    "payments are `debt`.",
  params: customerParams,
  query: z.object({
    limit: z.coerce.number().int().min(1).max(100).default(20),
    cursor: ledgerCursor.optional().describe("From `next` of the page before."),
  }),
  answers: {
    200: {
      description: "A page, and the sums as of now.",
      schema: z.object({
        entries: z.array(entryJson),
        reserved: z.int(),
        debt: z.int(),
        next: ledgerCursor.optional(),
      }),
      headers: { Link: 'The next page, as `rel="next"`.' },
    },
  },
  problems: customerProblems,
} as const;

export function addLedgerRoute(api: Api, { customers, ledger }: LedgerParts): void {
  api.handle(ledgerOperation, async ({ params: { id }, query: { limit, cursor }, request }, response) => {
    requireOwner(request, id);
    const before = cursor === undefined ? {} : { before: readPlace(cursor) };
    const customer = isCustomerId(id) ? await customers.get(id) : undefined;
    if (customer === undefined) throw unknownCustomer();
    const entries = await ledger.entries(id, { limit, ...before });
    const last = entries.length < limit ? undefined : entries.at(-1);
    const next = last && toCursor(last.place);
    if (next !== undefined) {
      const query = new URLSearchParams({ limit: `${limit}`, cursor: next });
      response.set("Link", `<${customerPath(id)}/ledger?${query}>; rel="next"`);
    }
    const { reserved, debt } = customer;
    response
      .set("Cache-Control", "no-store")
      .json({ entries: entries.map(toEntryJson), reserved, debt, ...(next !== undefined && { next }) });
  });
}

/** @throws ProblemError 400 for a cursor that no ledger made */
function readPlace(cursor: string): string {
  const place = placeIn(cursor);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#[0-9a-f-]{36}#[a-z]+$/.test(place)) throw unknownCursor();
  return place;
}

function toEntryJson({ kind, amount, at, orderId, paymentId }: Entry): z.input<typeof entryJson> {
  return {
    kind,
    amount,
    at,
    ...(orderId !== undefined && { order_id: orderId }),
    ...(paymentId !== undefined && { payment_id: paymentId }),
  };
}
