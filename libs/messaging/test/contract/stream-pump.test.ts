import { createAwsClients } from "@doubleshot/topology";
import { expect, onTestFinished, test } from "vitest";
import { pumpStream } from "./stream-pump.fixture.ts";

test("a pump that fails says so in one sentence, and does not reject", async () => {
  const gone = "http://127.0.0.1:1";
  const clients = createAwsClients({ endpoints: { dynamodb: gone, sns: gone, sqs: gone } });
  onTestFinished(() => clients.destroy());
  const lines: string[] = [];
  await pumpStream({
    streams: clients.streams,
    streamArn: "arn:aws:dynamodb:us-east-1:000000000000:table/outbox/stream/2026",
    handler: async () => ({ batchItemFailures: [] }),
    signal: new AbortController().signal,
    log: (line) => lines.push(line),
  });
  expect(lines).toEqual([
    expect.stringMatching(
      /^The pump of stream arn:\S+ has ended, .+: DynamoDB does not answer at http:\/\/127\.0\.0\.1:1: [^\n]+$/,
    ),
  ]);
});
