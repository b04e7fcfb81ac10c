import { DescribeTableCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";

/** Adds up the costs that DynamoDB's answers name. */
export class ReadUnits {
  #total = 0;

  get total(): number {
    return this.#total;
  }

  /** Takes `ConsumedCapacity` as any reading call returns it. */
  readonly add = (consumed: Consumed | readonly Consumed[] | undefined): void => {
    for (const { CapacityUnits = 0 } of consumed === undefined ? [] : [consumed].flat()) this.#total += CapacityUnits;
  };
}

interface Consumed {
  readonly CapacityUnits?: number | undefined;
}

export interface TableSize {
  readonly rows: number;
  /** Undefined where the endpoint does not count; some emulators do not. */
  readonly bytes: number | undefined;
  /** Read units that one eventually consistent scan costs, by that size. */
  readonly scanUnits: number | undefined;
}

/**
 * Returns the size of the table by DynamoDB's count, which is up to six hours old. A scan costs half a unit for each 4 KB
 * of stored rows, with any projection.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 */
export async function tableSize(dynamodb: DynamoDBClient, table: string): Promise<TableSize> {
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: table }));
  const rows = Table?.ItemCount ?? 0;
  const bytes = Table?.TableSizeBytes || (rows === 0 ? 0 : undefined);
  return { rows, bytes, scanUnits: bytes === undefined ? undefined : Math.ceil(bytes / 8192) };
}
