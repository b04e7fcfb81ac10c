import { isDeepStrictEqual } from "node:util";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";

type Item = Readonly<Record<string, unknown>>;

/**
 * An item that a failed condition returned, in DynamoDB's form: a document client does not translate it. The conversion
 * follows the client's options, such as `wrapNumbers` and `convertEmptyValues`, as for every other item.
 */
export class StoredItem {
  readonly #stored: Record<string, AttributeValue>;
  readonly #client: DynamoDBDocumentClient;

  constructor(stored: Record<string, AttributeValue>, client: DynamoDBDocumentClient) {
    this.#stored = stored;
    this.#client = client;
  }

  /** The item as the client reads it. */
  toNative(): Item {
    const { unmarshallOptions } = this.#client.config.translateConfig ?? {};
    return unmarshall(this.#stored, { ...unmarshallOptions, convertWithoutMapWrapper: false });
  }

  /** Whether the client would store `item` in this form. */
  equals(item: Item): boolean {
    const { marshallOptions } = this.#client.config.translateConfig ?? {};
    const stored = marshall(item, { ...marshallOptions, convertTopLevelContainer: false });
    return isDeepStrictEqual(comparable(this.#stored), comparable(stored));
  }
}

/** DynamoDB may return sets in another order and numbers in another notation. */
function comparable(stored: Record<string, AttributeValue>): Item {
  return unmarshall(stored, { wrapNumbers: Number });
}
