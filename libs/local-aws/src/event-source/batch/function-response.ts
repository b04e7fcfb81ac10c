import type { DynamoDBRecord } from "aws-lambda";

/**
 * Reads a function's report on its batch. Returns -1 when all went well, else the index of the first record to handle
 * again. As AWS documents it for ReportBatchItemFailures: an empty answer or list is success; the lowest reported
 * sequence number is where the retry starts; an identifier that is empty, missing or misnamed fails the whole batch.
 * Undocumented and treated the same: an answer of another shape, and an identifier that is not in the batch.
 */
export function firstFailure(response: unknown, records: readonly DynamoDBRecord[]): number {
  if (response === null || response === undefined) return -1;
  if (typeof response !== "object") return 0;
  const failures = "batchItemFailures" in response ? response.batchItemFailures : undefined;
  if (failures === null || failures === undefined) return -1;
  if (!Array.isArray(failures)) return 0;
  if (failures.length === 0) return -1;
  const indexes = failures.map((failure) => indexOf(failure, records));
  return Math.max(0, Math.min(...indexes));
}

/** Returns -1 when the failure names no record of the batch. */
function indexOf(failure: unknown, records: readonly DynamoDBRecord[]): number {
  if (typeof failure !== "object" || failure === null || !("itemIdentifier" in failure)) return -1;
  return records.findIndex((record) => record.dynamodb?.SequenceNumber === failure.itemIdentifier);
}
