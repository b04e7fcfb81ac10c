import { z } from "zod";
import type { Customer } from "../customer.ts";

const name = z
  .string()
  .min(1)
  .max(200)
  .meta({ description: "Any characters.", examples: ["Jane Doe"] });

/** Money is in whole minor units, such as cents. JavaScript and DynamoDB hold each of these numbers exactly. */
export const amount = z
  .int()
  .min(1)
  .meta({ examples: [250] });

/** The body that opens an account. Unknown fields are ignored. */
export const newCustomerJson = z
  .object({
    name,
    credit_limit: amount.describe(
      "The most that the customer may owe and have reserved together, in whole minor units.",
    ),
  })
  .meta({ id: "NewCustomer" });

/** The body that sets name, limit or both. */
export const amendmentJson = z
  .object({
    name: name.optional(),
    credit_limit: z
      .int()
      .min(0)
      .optional()
      .describe("In whole minor units. Below the sum of debt and reservations, it blocks new orders; 0 blocks all."),
  })
  .meta({ id: "Amendment" });

/** A customer as others see it. Instants are ISO 8601 in UTC. */
export const customerJson = z
  .object({
    id: z.uuid(),
    name: z.string(),
    credit_limit: z.int(),
    available_credit: z.int().describe("Left for further orders: the limit without debt and reservations."),
    version: z.int().describe("How often name and limit were set. Orders and payments do not count."),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime().describe("When name or limit was set."),
  })
  .meta({ id: "Customer" });

/** The secret of a customer, for callers. */
export const secretJson = z
  .string()
  .regex(/^[\w-]{43}$/, "it must be the 43 characters that the shop showed when it made the secret");

/** The answer that opens an account. */
export const openedCustomerJson = customerJson
  .extend({
    secret: secretJson
      .optional()
      .describe("For `POST /tokens`. Only this answer shows it: a request that is repeated under its key gets none."),
  })
  .meta({ id: "OpenedCustomer" });

/** The customer in public words. */
export function toCustomerJson(customer: Customer): z.input<typeof customerJson> {
  return {
    id: customer.id,
    name: customer.name,
    credit_limit: customer.limit,
    available_credit: customer.available,
    version: customer.version,
    created_at: customer.createdAt,
    updated_at: customer.updatedAt,
  };
}
