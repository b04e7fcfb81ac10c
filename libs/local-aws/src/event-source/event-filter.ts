/**
 * One pattern of a mapping's FilterCriteria, in Lambda's event filter syntax: an object whose leaves are lists of
 * allowed values. All keys must match; one entry of a list is enough.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
 */
export type FilterPattern = Readonly<Record<string, unknown>>;

/** Throws when the pattern uses a comparison that is not known, rather than let records through or drop them. */
export function matches(pattern: FilterPattern, value: unknown): boolean {
  return Object.entries(pattern).every(([key, expected]) => matchesKey(key, expected, value));
}

function matchesKey(key: string, expected: unknown, value: unknown): boolean {
  if (key === "$or") return asList(expected, key).some((option) => matches(asPattern(option, key), value));
  const actual = isObject(value) ? value[key] : undefined;
  if (Array.isArray(expected)) return expected.some((rule) => matchesRule(rule, actual));
  return matches(asPattern(expected, key), actual);
}

function matchesRule(rule: unknown, actual: unknown): boolean {
  if (Array.isArray(actual)) return actual.some((each) => matchesRule(rule, each));
  if (!isObject(rule)) return rule === actual;
  const [comparison = "", operand] = Object.entries(rule)[0] ?? [];
  const compare = comparisons[comparison];
  if (compare === undefined) throw new Error(`unknown comparison "${comparison}" in an event filter`);
  return compare(operand, actual);
}

const text = (value: unknown) => (typeof value === "string" ? value : undefined);

const comparisons: Readonly<Record<string, (operand: unknown, actual: unknown) => boolean>> = {
  exists: (operand, actual) => (actual !== undefined) === operand,
  prefix: (operand, actual) => text(actual)?.startsWith(String(operand)) ?? false,
  suffix: (operand, actual) => text(actual)?.endsWith(String(operand)) ?? false,
  "equals-ignore-case": (operand, actual) => text(actual)?.toLowerCase() === String(operand).toLowerCase(),
  "anything-but": (operand, actual) => actual !== undefined && !isAmong(operand, actual),
  numeric: (operand, actual) => typeof actual === "number" && inRange(asList(operand, "numeric"), actual),
};

function isAmong(operand: unknown, actual: unknown): boolean {
  if (Array.isArray(operand)) return operand.includes(actual);
  return isObject(operand) ? matchesRule(operand, actual) : operand === actual;
}

const numericComparisons: Readonly<Record<string, (actual: number, bound: number) => boolean>> = {
  "=": (actual, bound) => actual === bound,
  ">": (actual, bound) => actual > bound,
  ">=": (actual, bound) => actual >= bound,
  "<": (actual, bound) => actual < bound,
  "<=": (actual, bound) => actual <= bound,
};

/** `[">=", 0, "<", 5]` */
function inRange([comparison, bound, ...more]: readonly unknown[], actual: number): boolean {
  const holds = numericComparisons[String(comparison)];
  if (holds === undefined || typeof bound !== "number")
    throw new Error("a numeric event filter needs [comparison, number]");
  return holds(actual, bound) && (more.length === 0 || inRange(more, actual));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function asPattern(value: unknown, key: string): FilterPattern {
  if (isObject(value)) return value;
  throw new Error(`"${key}" in an event filter needs an object or a list of allowed values`);
}

function asList(value: unknown, key: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Error(`"${key}" in an event filter needs a list`);
}
