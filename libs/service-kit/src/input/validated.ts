import type { z } from "zod";
import { Problem } from "../problems/index.ts";
import { expectation } from "./expectation.ts";

/**
 * The input as the schema has it, or a 400 problem whose `errors` point at each value that is wrong (JSON pointers, as
 * URI fragments). Values are not repeated: they are the caller's, and may be secret.
 */
export function validated<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  what = "The body",
): z.infer<Schema> {
  const result = schema.safeParse(input, { error: expectation });
  if (result.success) return result.data;
  throw notAsExpected(
    what,
    result.error.issues.map(({ path, message }) => ({ path, detail: message })),
  );
}

/** The 400 problem about values at these paths, the first of which its sentence names. */
export function notAsExpected(
  what: string,
  wrong: readonly { readonly path: readonly PropertyKey[]; readonly detail: string }[],
): Problem {
  const errors = wrong.map(({ path, detail }) => ({
    pointer: `#${path.map((step) => `/${escaped(String(step))}`).join("")}`,
    detail,
  }));
  const [first] = errors;
  const where = first && first.pointer !== "#" ? ` at ${first.pointer.slice(1)}` : "";
  return new Problem(400, `${what} is not as expected${where}: ${first?.detail}.`, { extensions: { errors } });
}

function escaped(step: string): string {
  return encodeURIComponent(step.replaceAll("~", "~0").replaceAll("/", "~1"));
}
