/**
 * Returns whether a parsed JSON value nests deeper than `levels`. Reads level by level instead of recursively: 16 KB of
 * brackets are 8,000 levels, which overflow the stack in validation and in `JSON.stringify`.
 */
export function deeperThan(levels: number, value: unknown): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > levels) return true;
    level = level.flatMap((each) => (typeof each === "object" && each !== null ? Object.values(each) : []));
  }
  return false;
}
