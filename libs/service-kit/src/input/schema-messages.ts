import type { z } from "zod";

type Issue = z.core.$ZodRawIssue;

/**
 * Returns the second half of a sentence, "it must be ...", for a value that its schema rejected. Schemas with a message of
 * their own use the same form. Undefined for rules that no schema of the services has: zod's message stays then.
 */
export function schemaMessage(issue: Issue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined
        ? `it must be given, as ${kind(issue.expected)}`
        : `it must be ${kind(issue.expected)}`;
    case "too_small":
      return bound(issue.origin, issue.inclusive === false ? "more than" : "at least", issue.minimum);
    case "too_big":
      return bound(issue.origin, issue.inclusive === false ? "less than" : "at most", issue.maximum);
    case "invalid_value":
      return `it must be ${issue.values.map(String).join(" or ")}`;
    case "unrecognized_keys":
      return `it must not have ${issue.keys.map((key) => JSON.stringify(key)).join(" or ")}`;
    default:
      return undefined;
  }
}

const kinds: Readonly<Record<string, string>> = {
  array: "an array",
  int: "a whole number",
  object: "an object",
};

const kind = (expected: string): string => kinds[expected] ?? `a ${expected}`;

const counted: Readonly<Record<string, readonly [one: string, many: string]>> = {
  array: ["entry", "entries"],
  string: ["character", "characters"],
};

function bound(origin: string, words: string, limit: number | bigint): string {
  const [one, many] = counted[origin] ?? [];
  return one === undefined
    ? `it must be ${words} ${limit}`
    : `it must have ${words} ${limit} ${limit === 1 ? one : many}`;
}
