import type { TableSettings } from "../../infrastructure.ts";
import type { FakeKeyAttribute, FakeTableSpec } from "./table.ts";

type Tables<Spec> = Readonly<Record<string, Spec>>;

/** @throws TypeError naming the table, if its settings have no key. */
export function tableSpecs(tables: Tables<FakeTableSpec | TableSettings> = {}): Tables<FakeTableSpec> {
  return Object.fromEntries(
    Object.entries(tables).map(([name, table]) => [name, "key" in table ? table : tableSpec(name, table)]),
  );
}

/** `CreateTable` has no TTL, so a table from its settings keeps its items. */
function tableSpec(table: string, { AttributeDefinitions, KeySchema, StreamSpecification }: TableSettings) {
  const attribute = (keyType: "HASH" | "RANGE"): FakeKeyAttribute | undefined => {
    const name = KeySchema?.find(({ KeyType }) => KeyType === keyType)?.AttributeName;
    const type = AttributeDefinitions?.find(({ AttributeName }) => AttributeName === name)?.AttributeType;
    return name !== undefined && type !== undefined ? { name, type } : undefined;
  };
  const [partition, sort] = [attribute("HASH"), attribute("RANGE")];
  if (partition === undefined) {
    throw new TypeError(
      `The settings of table ${table} define no HASH key: give them AttributeDefinitions and KeySchema.`,
    );
  }
  const stream = StreamSpecification?.StreamEnabled ? ({ stream: "NEW_IMAGE" } as const) : {};
  return { key: { partition, ...(sort && { sort }) }, ...stream };
}
