import type { Env } from "../processes/child-environment.ts";
import type { Listening } from "../processes/output-lines.ts";

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
    if (typeof url !== "string") throw new Error(`The embedded AWS did not report the address of its ${name}.`);
    return url;
  };
  return { dynamodb: read("dynamodb"), sns: read("sns"), sqs: read("sqs"), s3: read("s3") };
}

/**
 * Returns the standard variables by which the SDK of a process finds the embedded AWS, from the "listening" line. The
 * credentials open nothing else. Services have an address of their own for DynamoDB, which no browser reaches.
 */
export function awsEnvironment({ env }: Listening): Env {
  if (typeof env !== "object" || env === null) throw new Error("The embedded AWS did not report its environment.");
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)]));
}
