import type { DynamoDBStreamEvent } from "aws-lambda";
import type { FunctionIdentity } from "./lambda-context.ts";

/** Messages between the host and a function's process over their IPC channel. */
export type ToChild = {
  readonly requestId: string;
  readonly event: DynamoDBStreamEvent;
  readonly identity: FunctionIdentity;
  readonly deadline: number;
};

export type FromChild =
  | { readonly kind: "ready" }
  | { readonly kind: "init-failed"; readonly error: string }
  | { readonly kind: "answer"; readonly requestId: string; readonly response: unknown }
  | { readonly kind: "threw"; readonly requestId: string; readonly error: string };
