import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { DynamoDBRecord, AttributeValue as LambdaValue } from "aws-lambda";
import { copyOfItem, type Item } from "../dynamodb/attribute-values.ts";

type LambdaItem = Record<string, LambdaValue>;

/** A copy of the item for Lambda's event, with binary values in base64. */
export function toLambdaImage(item: Item): LambdaItem {
  const image: LambdaItem = {};
  for (const [name, value] of Object.entries(item)) image[name] = toLambdaValue(value);
  return image;
}

function toLambdaValue(value: AttributeValue): LambdaValue {
  if (value.M) return { M: toLambdaImage(value.M) };
  if (value.L) return { L: value.L.map(toLambdaValue) };
  if (value.B) return { B: base64(value.B) };
  if (value.BS) return { BS: value.BS.map(base64) };
  return { ...value } as LambdaValue;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

/** A function may change its event, so it gets a copy. */
export function copyOfRecord({ dynamodb = {}, ...rest }: DynamoDBRecord): DynamoDBRecord {
  const { Keys, NewImage } = dynamodb;
  const images = { ...(Keys && { Keys: copyOf(Keys) }), ...(NewImage && { NewImage: copyOf(NewImage) }) };
  return { ...rest, dynamodb: { ...dynamodb, ...images } };
}

function copyOf(item: LambdaItem): LambdaItem {
  return copyOfItem(item as Item) as LambdaItem;
}
