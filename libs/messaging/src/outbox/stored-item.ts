import { isDeepStrictEqual } from "node:util";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";

type Item = Readonly<Record<string, unknown>>;

/**
 * An item as a failed condition returns it: in DynamoDB's form, which a document client does not translate. Its users read
 * and write through their client's options, such as `wrapNumbers` and `convertEmptyValues`; so does this.
 */
export class StoredItem {
  readonly #stored: Record<string, AttributeValue>;
  readonly #client: DynamoDBDocumentClient;

  constructor(stored: Record<string, AttributeValue>, client: DynamoDBDocumentClient) {
    this.#stored = stored;
    this.#client = client;
  }

  /** As the client would have read it. */
  toNative(): Item {
    const { unmarshallOptions } = this.#client.config.translateConfig ?? {};
    return unmarshall(this.#stored, { ...unmarshallOptions, convertWithoutMapWrapper: false });
  }

  /** Whether it is what the client would make of this item. */
  equals(item: Item): boolean {
    const { marshallOptions } = this.#client.config.translateConfig ?? {};
    const stored = marshall(item, { ...marshallOptions, convertTopLevelContainer: false });
    return isDeepStrictEqual(comparable(this.#stored), comparable(stored));
  }
}

/** In values that DynamoDB may return in another order or notation: sets, and numbers. */
function comparable(stored: Record<string, AttributeValue>): Item {
  return unmarshall(stored, { wrapNumbers: Number });
}
