import { DeleteMessageCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import type { LocalAws } from "@doubleshot/local-aws";
import { queueUrl } from "@doubleshot/topology";

/**
 * Returns a function that makes one raw hop, without a service in between: transaction -> stream -> relay (in its own
 * process) -> SNS -> SQS. It returns the milliseconds from the transaction's acknowledgement to the receive of its message.
 */
export async function rawHop({ clients }: LocalAws): Promise<() => Promise<number>> {
  const QueueUrl = await queueUrl(clients, "doubleshot", "barista-subscriber.fifo");
  let index = 0;
  return async () => {
    const waiting = clients.longPolls.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
    await clients.documents.send(new TransactWriteCommand({ TransactItems: [{ Put: row(index++) }] }));
    const committed = performance.now();
    const { Messages: [message] = [] } = await waiting;
    const milliseconds = performance.now() - committed;
    await clients.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }));
    return milliseconds;
  };
}

function row(index: number) {
  const event = { id: `event-${index}`, type: "OrderPlaced", json: JSON.stringify({ index }) };
  const Item = { aggregate: `order#${index}`, version: 1, events: [event], committedAt: new Date().toISOString() };
  return { TableName: "doubleshot-orders-outbox", Item };
}
