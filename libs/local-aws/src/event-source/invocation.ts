import type { DynamoDBStreamEvent } from "aws-lambda";

export type InvocationResult =
  | { readonly ok: true; readonly response: unknown }
  /** The function threw, ran out of time or died. */
  | { readonly ok: false; readonly error: string };

/** A Lambda function as its event source sees it. Never rejects. */
export type Invoke = (event: DynamoDBStreamEvent, requestId: string) => Promise<InvocationResult>;
