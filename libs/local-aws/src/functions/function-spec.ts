import type { Context, DynamoDBStreamEvent } from "aws-lambda";

export type Handler = (event: DynamoDBStreamEvent, context: Context) => Promise<unknown>;

/**
 * A Lambda function to run for a mapping: a handler in this process, or a module exporting `handler`, which gets a
 * Node process of its own that is killed when an invocation runs out of time and started again after a crash.
 */
export type FunctionSpec =
  | { readonly handler: Handler }
  | { readonly entry: string; readonly env?: Readonly<Record<string, string>> };
