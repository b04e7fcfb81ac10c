import type { DataTableProps } from "@doubleshot/cdk";
import type { KeyAttribute, KeySpec, TableSpec } from "@doubleshot/topology";

/** The specification of a table in the shape of `CreateTable`. */
export function tableSettings({ key, indexes = {}, stream }: TableSpec): DataTableProps["settings"] {
  const attributes = new Map([key, ...Object.values(indexes)].flatMap(attributesOf).map((each) => [each.name, each]));
  const secondary = Object.entries(indexes).map(([IndexName, { projection, ...keys }]) => ({
    IndexName,
    KeySchema: keySchema(keys),
    Projection: { ProjectionType: projection },
  }));
  return {
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [...attributes.values()].map(({ name: AttributeName, type: AttributeType }) => ({
      AttributeName,
      AttributeType,
    })),
    KeySchema: keySchema(key),
    ...(stream && { StreamSpecification: { StreamEnabled: true, StreamViewType: stream } }),
    ...(secondary.length > 0 && { GlobalSecondaryIndexes: secondary }),
  };
}

function attributesOf({ partition, sort }: KeySpec): KeyAttribute[] {
  return sort === undefined ? [partition] : [partition, sort];
}

function keySchema(key: KeySpec) {
  return attributesOf(key).map(({ name }, index) => ({
    AttributeName: name,
    KeyType: index === 0 ? ("HASH" as const) : ("RANGE" as const),
  }));
}
