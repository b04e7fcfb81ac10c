import { GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { queueUrl } from "@doubleshot/topology";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DeployedOrders } from "./deployed-orders.fixture.ts";

/** A relay's stand-in: sends the first event of each record to the queue, joined by commas, and reports every record as failed. */
const failingHandler = `
const { AWS_ENDPOINT_URL, QUEUE_URL: QueueUrl } = process.env;
export async function handler({ Records }) {
  const MessageBody = Records.map(({ dynamodb }) => dynamodb.NewImage.events.L[0].M.json.S).join();
  const body = JSON.stringify({ QueueUrl, MessageBody });
  const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.SendMessage" };
  const answer = await fetch(AWS_ENDPOINT_URL, { method: "POST", headers, body });
  if (!answer.ok) throw new Error(await answer.text());
  return { batchItemFailures: Records.map(({ dynamodb }) => ({ itemIdentifier: dynamodb.SequenceNumber })) };
}`;

// The quirks in docs/quirks.md. On another endpoint they may differ, and nothing relies on them.
if (process.env.MINISTACK) {
  describe("ministack", () => {
    let orders: DeployedOrders;
    let QueueUrl: string;
    beforeAll(async () => {
      orders = new DeployedOrders("quirks");
      await orders.provision();
      QueueUrl = await queueUrl(orders.clients, orders.shop, "orders-outbox-failed");
    });
    afterAll(() => orders?.[Symbol.dispose]());

    async function hidden(): Promise<number> {
      const AttributeNames = ["ApproximateNumberOfMessagesNotVisible" as const];
      const { Attributes } = await orders.clients.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
      return Number(Attributes?.ApproximateNumberOfMessagesNotVisible);
    }

    async function received(): Promise<string | undefined> {
      const { Messages = [] } = await orders.clients.longPolls.send(
        new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20, VisibilityTimeout: 600 }),
      );
      return Messages[0]?.Body;
    }

    test("does not redeliver records that a function reports as failed", async () => {
      await orders.deployCode(Buffer.from(failingHandler), { QUEUE_URL: QueueUrl });
      for (const text of ["one", "two", "three"]) {
        await orders.commit(text);
        // On AWS, "one" would come again and again.
        expect(await received()).toBe(text);
      }
    });

    test("gives the next message to a receive whose caller has gone", async () => {
      const gone = new AbortController();
      const receive = new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20, VisibilityTimeout: 600 });
      const sent = orders.clients.longPolls.send(receive, { abortSignal: gone.signal });
      // The answer to another call shows that this one is under way.
      const before = await hidden();
      gone.abort();
      await expect(sent).rejects.toThrow();
      await orders.clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "swallowed" }));
      await expect.poll(hidden).toBe(before + 1);
    });
  });
}
