/** The value is no JSON, or not the same after a way as JSON. The message says where and what. */
export class ResultNotJsonError extends TypeError {
  override readonly name = "ResultNotJsonError";
}

/**
 * Throws unless JSON can hold the value as it is: `JSON.stringify` alone writes NaN as null and a Map as {}, and leaves
 * out functions and what is undefined. `undefined` itself is no result, and fine.
 *
 * @throws ResultNotJsonError
 */
export function assertJson(value: unknown): void {
  if (value !== undefined) check(value, "", []);
}

function check(value: unknown, path: string, within: readonly object[]): void {
  const not = unlikeJson(value, within);
  if (not !== undefined) {
    throw new ResultNotJsonError(
      `The result${path && ` at ${path}`} is ${not}, which JSON cannot hold. Return plain JSON.`,
    );
  }
  if (typeof value !== "object" || value === null) return;
  const deeper = [...within, value];
  // By index: a hole in an array is undefined, too.
  if (Array.isArray(value))
    for (let index = 0; index < value.length; index++) check(value[index], `${path}/${index}`, deeper);
  else for (const [name, each] of Object.entries(value)) check(each, `${path}/${name}`, deeper);
}

function unlikeJson(value: unknown, within: readonly object[]): string | undefined {
  switch (typeof value) {
    case "boolean":
      return undefined;
    case "string":
      return value.isWellFormed() ? undefined : "a text with half a surrogate pair";
    case "number":
      if (Object.is(value, -0)) return "-0";
      return Number.isFinite(value) ? undefined : String(value);
    case "object":
      return value === null ? undefined : unlikePlain(value, within);
    default:
      return typeof value === "undefined" ? "undefined" : `a ${typeof value}`;
  }
}

function unlikePlain(value: object, within: readonly object[]): string | undefined {
  if (within.includes(value)) return "a cycle";
  if (within.length > 1_000) return "nested without end";
  if (Object.getOwnPropertySymbols(value).length > 0) return "an object with symbols for names";
  if ("toJSON" in value || !isPlain(value)) return `an instance of ${value.constructor?.name ?? "a class"}`;
  return undefined;
}

function isPlain(value: object): boolean {
  if (Array.isArray(value)) return Object.keys(value).length <= value.length;
  const prototype = Object.getPrototypeOf(value);
  // An object from another realm (a vm context, a test runner's) has that realm's Object.prototype.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
