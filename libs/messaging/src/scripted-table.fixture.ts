import { DynamoDBClient, type TransactWriteItemsCommandInput } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";

/** Answers to give, one for each call: an error to throw, or "written". The last one repeats. */
export type Answer = Error | "written";

/** A DynamoDB that answers transactions by script: the conflicts and silences no local endpoint can be made to give. */
export function scriptedTable(answers: readonly Answer[]) {
  const tokens: (string | undefined)[] = [];
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ region: "us-east-1", maxAttempts: 1 }));
  client.middlewareStack.add(
    () => (args) => {
      tokens.push((args.input as TransactWriteItemsCommandInput).ClientRequestToken);
      const answer = answers[Math.min(tokens.length, answers.length) - 1];
      if (answer instanceof Error) return Promise.reject(answer);
      return Promise.resolve({ response: {}, output: { $metadata: {} } });
    },
    { step: "initialize" },
  );
  return { client, tokens };
}
