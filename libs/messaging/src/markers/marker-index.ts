import type { Write } from "../outbox/index.ts";

/*
 * The index of the markers: one item beside them, so that one read tells whether anything is parked or blocked.
 *
 * It names up to 20 markers in `names` and counts the rest in `count`. A marker and its entry are written in one transaction,
 * and removed in one. While `count` is 0, a marker exists only if the index names it.
 * Operators may edit the item by hand. With an unreadable index, every marker is read.
 */

export type Item = Readonly<Record<string, unknown>>;

/** Markers that the index names: with the longest names, 40 KB. */
const maxNamed = 20;
/** The count of an index that was unreadable: more markers than will ever be removed. */
const unknownMany = 1_000_000_000;

/** Names of markers that may exist; `all` for any name. */
export type Suspects = ReadonlySet<string> | "all";

/** Reads the index. A missing item means that there is no marker. */
export function suspectsIn({ names = new Set(), count = 0 }: Item = {}): Suspects {
  if (!(names instanceof Set) || !isZero(count)) return "all";
  const texts = [...names].filter((name) => typeof name === "string");
  return texts.length === names.size ? new Set(texts) : "all";
}

/** Whether a number is zero. The document client's options may wrap numbers, or convert them to bigints. */
function isZero(count: unknown): boolean {
  if (typeof count === "object" && count !== null && "value" in count) return Number(count.value) === 0;
  return count === 0 || count === 0n;
}

/** An update of the index, and the condition under which it applies. */
export type IndexUpdate = Required<
  Pick<NonNullable<Write["Update"]>, "UpdateExpression" | "ConditionExpression"> & {
    readonly ExpressionAttributeNames: Record<string, string>;
    readonly ExpressionAttributeValues: Record<string, unknown>;
  }
>;

/**
 * The updates that enter a marker. The condition of exactly one of them holds:
 * - the index has room: it names the marker
 * - the index is full: it counts the marker
 * - the index is unreadable: the update repairs it, with a count that makes readers read every marker
 */
export function entries(name: string): IndexUpdate[] {
  const named = { ":names": new Set([name]) };
  const countable = "(attribute_not_exists(#count) OR (attribute_type(#count, :number) AND #count >= :none))";
  const full = "(attribute_type(#names, :set) AND size(#names) >= :max)";
  return [
    update("ADD #names :names", {
      condition: "attribute_not_exists(#names) OR (attribute_type(#names, :set) AND size(#names) < :max)",
      values: { ...named, ":set": "SS", ":max": maxNamed },
    }),
    update("ADD #count :one", {
      condition: `${full} AND ${countable}`,
      values: { ":set": "SS", ":max": maxNamed, ":number": "N", ":none": 0, ":one": 1 },
    }),
    update("SET #names = :names, #count = :many", {
      condition: `(attribute_exists(#names) AND NOT attribute_type(#names, :set)) OR (${full} AND NOT ${countable})`,
      values: { ...named, ":set": "SS", ":max": maxNamed, ":number": "N", ":none": 0, ":many": unknownMany },
    }),
  ];
}

/**
 * The updates that remove a marker. The condition of exactly one of them holds; the last is for an index that an operator has
 * deleted, or whose count is too low.
 */
export function removals(name: string): IndexUpdate[] {
  const values = { ":name": name, ":set": "SS" };
  const isNamed = "(attribute_type(#names, :set) AND contains(#names, :name))";
  return [
    update("DELETE #names :names", { condition: isNamed, values: { ...values, ":names": new Set([name]) } }),
    update("ADD #count :less", {
      condition: `NOT ${isNamed} AND #count > :none`,
      values: { ...values, ":none": 0, ":less": -1 },
    }),
    update("SET #count = :none", {
      condition: `NOT ${isNamed} AND NOT #count > :none`,
      values: { ...values, ":none": 0 },
    }),
  ];
}

function update(expression: string, { condition, values }: { condition: string; values: Item }): IndexUpdate {
  const used = ["names", "count"].filter((name) => `${expression} ${condition}`.includes(`#${name}`));
  return {
    UpdateExpression: expression,
    ConditionExpression: condition,
    ExpressionAttributeNames: Object.fromEntries(used.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: values,
  };
}
