import type { Context } from "aws-lambda";

export interface FunctionIdentity {
  readonly name: string;
  readonly arn: string;
  readonly memoryMegabytes: number;
}

/** The context that Lambda gives a function with each invocation. `deadline` is in epoch milliseconds. */
export function lambdaContext(identity: FunctionIdentity, requestId: string, deadline: number): Context {
  const goneSince2016 = () => {
    throw new Error("context.done, fail and succeed are not supported: return or throw instead");
  };
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: identity.name,
    functionVersion: "$LATEST",
    invokedFunctionArn: identity.arn,
    memoryLimitInMB: String(identity.memoryMegabytes),
    awsRequestId: requestId,
    logGroupName: `/aws/lambda/${identity.name}`,
    logStreamName: `local/${process.pid}`,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    done: goneSince2016,
    fail: goneSince2016,
    succeed: goneSince2016,
  };
}
