import type { AttributeDefinition, GlobalSecondaryIndex, KeySchemaElement } from "@aws-sdk/client-dynamodb";
import type { KeySpec } from "../topology.ts";
import { ProvisionError } from "./provision-report.ts";

export function keySchema(key: KeySpec): KeySchemaElement[] {
  const partition: KeySchemaElement = { AttributeName: key.partition.name, KeyType: "HASH" };
  return key.sort ? [partition, { AttributeName: key.sort.name, KeyType: "RANGE" }] : [partition];
}

export function globalIndex(
  name: string,
  index: KeySpec & { readonly projection: "ALL" | "KEYS_ONLY" },
): GlobalSecondaryIndex {
  return { IndexName: name, KeySchema: keySchema(index), Projection: { ProjectionType: index.projection } };
}

/** DynamoDB requires every key attribute exactly once, and refuses any other attribute. */
export function attributeDefinitions(keys: readonly KeySpec[]): AttributeDefinition[] {
  const attributes = keys.flatMap(({ partition, sort }) => (sort ? [partition, sort] : [partition]));
  const types = new Map(attributes.map(({ name, type }) => [name, type]));
  return [...types].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType }));
}

export function refuseOtherKey(resource: string, key: KeySpec, schema: readonly KeySchemaElement[] = []): void {
  const shape = (elements: readonly KeySchemaElement[]) =>
    elements.map(({ AttributeName, KeyType }) => `${AttributeName} ${KeyType}`).join(", ");
  const [wanted, found] = [shape(keySchema(key)), shape(schema)];
  if (wanted !== found) {
    throw new ProvisionError(`${resource} has the key (${found}), not (${wanted}): remove it or choose another SHOP.`);
  }
}
