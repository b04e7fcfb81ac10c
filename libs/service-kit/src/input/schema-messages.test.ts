import { expect, test } from "vitest";
import { z } from "zod";
import { ProblemError } from "../problems/index.ts";
import { validate } from "./validate.ts";

const order = z.strictObject({
  sku: z.string().min(2).max(4),
  cups: z.int().min(1).max(9),
  price: z.number().gt(0).lt(10).optional(),
  extras: z.array(z.string()).min(1).max(2).optional(),
  size: z.enum(["small", "large"]).optional(),
  by: z.object({ name: z.string() }).optional(),
  code: z.string().regex(/^\d$/, "it must be a digit").optional(),
});
const good = { sku: "tea", cups: 1 };

function refusal(input: unknown): string {
  try {
    validate(order, input);
  } catch (error) {
    if (error instanceof ProblemError) return error.detail;
    throw error;
  }
  return "none";
}

test.each<[unknown, string]>([
  [good, "none"],
  ["tea", "The body is not as expected: it must be an object."],
  [{ cups: 1 }, "The body is not as expected at /sku: it must be given, as a string."],
  [{ ...good, sku: 7 }, "The body is not as expected at /sku: it must be a string."],
  [{ ...good, sku: "t" }, "The body is not as expected at /sku: it must have at least 2 characters."],
  [{ ...good, sku: "large" }, "The body is not as expected at /sku: it must have at most 4 characters."],
  [{ ...good, cups: 1.5 }, "The body is not as expected at /cups: it must be a whole number."],
  [{ ...good, cups: 0 }, "The body is not as expected at /cups: it must be at least 1."],
  [{ ...good, cups: 10 }, "The body is not as expected at /cups: it must be at most 9."],
  [{ ...good, price: 0 }, "The body is not as expected at /price: it must be more than 0."],
  [{ ...good, price: 10 }, "The body is not as expected at /price: it must be less than 10."],
  [{ ...good, extras: {} }, "The body is not as expected at /extras: it must be an array."],
  [{ ...good, extras: [] }, "The body is not as expected at /extras: it must have at least 1 entry."],
  [{ ...good, size: "huge" }, "The body is not as expected at /size: it must be small or large."],
  [{ ...good, by: { name: null } }, "The body is not as expected at /by/name: it must be a string."],
  [{ ...good, code: "x" }, "The body is not as expected at /code: it must be a digit."],
  [{ ...good, milk: 1, sugar: 2 }, 'The body is not as expected: it must not have "milk" or "sugar".'],
])("%j: %s", (input, detail) => expect(refusal(input)).toBe(detail));
