import { once } from "node:events";
import { connect } from "node:net";
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { createAwsClients } from "@doubleshot/topology";
import { expect, test } from "vitest";
import { startMessaging } from "./fauxqs.ts";

test("a message is not handed to a long poll whose caller has gone", async () => {
  const messaging = await startMessaging({ port: 0 });
  const { url } = messaging;
  const clients = createAwsClients({ endpoints: { dynamodb: url, sns: url, sqs: url } });
  try {
    const { QueueUrl } = await clients.sqs.send(new CreateQueueCommand({ QueueName: "orphans" }));
    const body = JSON.stringify({ QueueUrl, WaitTimeSeconds: 20 });
    const caller = connect(Number(new URL(url).port), "127.0.0.1");
    await once(caller, "connect");
    caller.write(
      `POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-amz-json-1.0\r\nX-Amz-Target: AmazonSQS.ReceiveMessage\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    // The answers to other requests show that the long poll has been read, and its end noticed.
    await clients.sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    caller.destroy();
    await clients.sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    await clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "still here" }));
    const { Messages } = await clients.longPolls.send(
      new ReceiveMessageCommand({
        QueueUrl,
        WaitTimeSeconds: 5,
        MessageSystemAttributeNames: ["ApproximateReceiveCount"],
      }),
    );
    expect(Messages).toMatchObject([{ Body: "still here", Attributes: { ApproximateReceiveCount: "1" } }]);
  } finally {
    clients.destroy();
    await messaging.close();
  }
});
