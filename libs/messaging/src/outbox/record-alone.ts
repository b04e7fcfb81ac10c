import type { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { Recording } from "./inbox.ts";
import { StoredItem } from "./transaction/stored-item.ts";

/** Records an ignored message: a plain write at half the price of a transaction. */
export async function recordAlone(
  client: DynamoDBDocumentClient,
  recording: Recording,
): Promise<"recorded" | "duplicate"> {
  for (;;) {
    try {
      await send(client, recording);
      return "recorded";
    } catch (error) {
      if (!isRefused(error)) throw error;
      const found = error.Item && new StoredItem(error.Item, client).toNative();
      if (!recording.retry(found)) return "duplicate";
    }
  }
}

function send(client: DynamoDBDocumentClient, { write }: Recording): Promise<unknown> {
  return "Put" in write ? client.send(new PutCommand(write.Put)) : client.send(new UpdateCommand(write.Update));
}

function isRefused(error: unknown): error is ConditionalCheckFailedException {
  return error instanceof Error && error.name === "ConditionalCheckFailedException";
}
