import type { Context, DynamoDBStreamEvent } from "aws-lambda";

/** A function whose behaviour is the id of its event's first record. */
export async function handler(event: DynamoDBStreamEvent, context: Context): Promise<unknown> {
  switch (event.Records[0]?.eventID) {
    case "throw":
      throw new Error("thrown on purpose");
    case "hang":
      return new Promise(() => undefined);
    case "spin":
      for (;;);
    case "exit":
      return process.exit(7);
    case "context":
      return {
        requestId: context.awsRequestId,
        name: context.functionName,
        arn: context.invokedFunctionArn,
        memory: context.memoryLimitInMB,
        remaining: context.getRemainingTimeInMillis(),
        env: [process.env.TOPIC_ARN, process.env.EXTRA, process.env.AWS_LAMBDA_FUNCTION_NAME],
      };
    default:
      return { pid: process.pid };
  }
}
