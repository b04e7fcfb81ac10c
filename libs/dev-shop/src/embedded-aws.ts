import type { Env } from "./processes/child-environment.ts";
import type { Listening } from "./processes/output-lines.ts";

export interface AwsEndpoints {
  readonly dynamodb: string;
  readonly sns: string;
  readonly sqs: string;
  readonly s3: string;
}

/** The endpoints from the embedded AWS' "listening" line. */
export function readEndpoints({ endpoints }: Listening): AwsEndpoints {
  const known = typeof endpoints === "object" && endpoints !== null ? endpoints : {};
  const read = (name: string) => {
    const url: unknown = Object.entries(known).find(([key]) => key === name)?.[1];
    if (typeof url !== "string") throw new Error(`The embedded AWS did not say where its ${name} listens.`);
    return url;
  };
  return { dynamodb: read("dynamodb"), sns: read("sns"), sqs: read("sqs"), s3: read("s3") };
}

/**
 * The standard variables by which the SDK of any process finds the embedded AWS, with credentials that open nothing else,
 * from the "listening" line: services have a way of their own to DynamoDB, where no browser goes.
 */
export function awsEnvironment({ env }: Listening): Env {
  if (typeof env !== "object" || env === null) throw new Error("The embedded AWS did not say how services find it.");
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)]));
}
