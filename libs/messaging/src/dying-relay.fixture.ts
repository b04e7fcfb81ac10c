import { writeFileSync } from "node:fs";
import { SNSClient } from "@aws-sdk/client-sns";
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from "aws-lambda";
import { type Deadline, relay } from "./index.ts";

const { TOPIC_ARN = "", SOURCE = "", DIED = "" } = process.env;
const publish = relay({ client: new SNSClient({}), topicArn: TOPIC_ARN, source: SOURCE });

/** A relay that dies once: when everything has been published, and before the host can know. */
export async function handler(event: DynamoDBStreamEvent, deadline: Deadline): Promise<DynamoDBBatchResponse> {
  const response = await publish(event, deadline);
  if (isFirstTime()) process.kill(process.pid, "SIGKILL");
  return response;
}

function isFirstTime(): boolean {
  try {
    writeFileSync(DIED, "", { flag: "wx" });
    return true;
  } catch {
    return false;
  }
}
