import type { z } from "zod";
import { ProblemError } from "../problems/index.ts";
import { schemaMessage } from "./schema-messages.ts";

/**
 * Returns the input as the schema parses it.
 *
 * @param name The input's name, with which the problem's sentence begins.
 * @throws ProblemError 400 whose `errors` point at each wrong value (JSON pointers, as URI fragments). The values themselves
 * are not repeated, because they may be secret.
 */
export function validate<Schema extends z.ZodType>(schema: Schema, input: unknown, name = "The body"): z.infer<Schema> {
  const result = schema.safeParse(input, { error: schemaMessage });
  if (result.success) return result.data;
  throw notAsExpected(
    name,
    result.error.issues.map(({ path, message }) => ({ path, detail: message })),
  );
}

/** Returns a 400 problem about the values at these paths. Its sentence names the first of them. */
export function notAsExpected(
  name: string,
  wrong: readonly { readonly path: readonly PropertyKey[]; readonly detail: string }[],
): ProblemError {
  const errors = wrong.map(({ path, detail }) => ({
    pointer: `#${path.map((step) => `/${escaped(String(step))}`).join("")}`,
    detail,
  }));
  const [first] = errors;
  const where = first && first.pointer !== "#" ? ` at ${first.pointer.slice(1)}` : "";
  return new ProblemError(400, `${name} is not as expected${where}: ${first?.detail}.`, { extensions: { errors } });
}

function escaped(step: string): string {
  return encodeURIComponent(step.replaceAll("~", "~0").replaceAll("/", "~1"));
}
