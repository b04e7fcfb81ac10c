import { ReceiveMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";

/**
 * Returns the client with receives that end with the signal: those of the queue with this name, or of every queue.
 *
 * A poll lets its last receive end by itself, which takes up to two seconds, because SQS may give the next message to a receive
 * whose caller has gone. The embedded AWS and `FakeAws` never do, so a test that stops a poll need not wait.
 */
export function receivesEndingWith(signal: AbortSignal, client: SQSClient, queue = ""): SQSClient {
  const send = (command: never, options: { abortSignal?: AbortSignal } = {}) => {
    const receive: object = command;
    const ends = receive instanceof ReceiveMessageCommand && receive.input.QueueUrl?.endsWith(queue);
    if (!ends) return client.send(command, options);
    return client.send(command, { ...options, abortSignal: AbortSignal.any([options.abortSignal ?? signal, signal]) });
  };
  return Object.create(client, { send: { value: send } });
}
