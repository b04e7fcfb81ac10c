/**
 * Size of an item in bytes, as DynamoDB counts it: UTF-8 lengths of names and strings, about one byte for two digits of a
 * number, one for a boolean or null, three and one per element for a list or map.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function itemSize(item: Readonly<Record<string, unknown>>): number {
  let size = 0;
  for (const [name, value] of Object.entries(item)) {
    if (value !== undefined) size += Buffer.byteLength(name) + valueSize(value);
  }
  return size;
}

function valueSize(value: unknown): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (typeof value === "number" || typeof value === "bigint") return Math.ceil(String(value).length / 2) + 1;
  if (typeof value === "boolean" || value === null || value === undefined) return 1;
  if (value instanceof Uint8Array) return value.byteLength;
  if (Array.isArray(value) || value instanceof Set)
    return 3 + [...value].reduce((sum, each) => sum + 1 + valueSize(each), 0);
  const entries = Object.entries(value);
  return 3 + entries.reduce((sum, [name, each]) => sum + 1 + Buffer.byteLength(name) + valueSize(each), 0);
}
