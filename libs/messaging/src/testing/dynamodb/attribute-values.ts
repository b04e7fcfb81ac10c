import type { AttributeValue } from "@aws-sdk/client-dynamodb";

export type Item = Record<string, AttributeValue>;

/** The type letter and the content of an attribute value: `["S", "text"]`. */
export function typed(value: AttributeValue): readonly [type: string, content: unknown] {
  const [entry] = Object.entries(value);
  return entry ?? ["NULL", true];
}

/** DynamoDB's equality: numbers by value, sets without order, lists and maps deeply. */
export function equal(a: AttributeValue | undefined, b: AttributeValue | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const [[typeA, contentA], [typeB, contentB]] = [typed(a), typed(b)];
  if (typeA !== typeB) return false;
  if (a.L && b.L) return a.L.length === b.L.length && a.L.every((element, index) => equal(element, b.L?.[index]));
  if (a.M && b.M) return equalItems(a.M, b.M);
  if (typeA === "N") return Number(contentA) === Number(contentB);
  return comparable(contentA) === comparable(contentB);
}

export function equalItems(a: Item | undefined, b: Item | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => equal(a[name], b[name]));
}

/** Negative, zero or positive for two strings, numbers or binaries; undefined where DynamoDB knows no order. */
export function compare(a: AttributeValue | undefined, b: AttributeValue | undefined): number | undefined {
  if (a?.N !== undefined && b?.N !== undefined) return Number(a.N) - Number(b.N);
  if (a?.S !== undefined && b?.S !== undefined) return Buffer.compare(Buffer.from(a.S), Buffer.from(b.S));
  if (a?.B !== undefined && b?.B !== undefined) return Buffer.compare(a.B, b.B);
  return undefined;
}

function comparable(content: unknown): unknown {
  if (content instanceof Uint8Array) return Buffer.from(content).toString("base64");
  if (Array.isArray(content)) return JSON.stringify(content.map(comparable).sort());
  return content;
}

/** Items are copied when they are stored and returned, so a caller cannot change stored ones. */
export function copyOf(value: AttributeValue): AttributeValue {
  if (value.S !== undefined) return { S: value.S };
  if (value.M) return { M: copyOfItem(value.M) };
  if (value.L) return { L: value.L.map(copyOf) };
  if (value.SS) return { SS: [...value.SS] };
  if (value.NS) return { NS: [...value.NS] };
  if (value.BS) return { BS: [...value.BS] };
  return { ...value };
}

export function copyOfItem(item: Item): Item {
  const copy: Item = {};
  for (const name of Object.keys(item)) copy[name] = copyOf(item[name] as AttributeValue);
  return copy;
}
