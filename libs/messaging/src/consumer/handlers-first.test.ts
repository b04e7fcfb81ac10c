import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { createAwsClients } from "@doubleshot/topology";
import { expect, onTestFinished, test, vi } from "vitest";
import { Noted, noteCommit, openNotesAws, outboxOn } from "../../test/fixtures/notes-aws.fixture.ts";
import { on, poll, subscriber } from "../index.ts";
import { type Clock, realClock } from "../runtime/clock.ts";

test("a handler's first call is sent before the next receive is", async () => {
  const { aws, outbox, queueUrl } = await openNotesAws();
  onTestFinished(() => aws.close());
  const { documents, longPolls, destroy } = createAwsClients({ endpoints: aws.endpoints });
  onTestFinished(destroy);
  const sent: string[] = [];
  for (const { requestHandler } of [documents.config, longPolls.config]) {
    const { handle } = requestHandler;
    vi.spyOn(requestHandler, "handle").mockImplementation((request, options) => {
      sent.push(request.headers["x-amz-target"].split(".")[1]);
      return handle.call(requestHandler, request, options);
    });
  }
  const stop = new AbortController();
  const readers = subscriber("readers", outboxOn(documents), [on(Noted, (message) => message.commit({}))]);
  const polling = poll(readers, { client: longPolls, queueUrl, signal: stop.signal });
  await outbox.commit(noteCommit("one", "text", 0));
  await expect.poll(() => sent.filter((call) => call === "ReceiveMessage").length).toBeGreaterThan(1);
  stop.abort();
  await polling;
  const calls = sent.filter((call) => call !== "DeleteMessageBatch");
  // Receives without a message follow.
  expect(calls.slice(0, 3)).toEqual(["ReceiveMessage", "TransactWriteItems", "ReceiveMessage"]);
});

test.each([
  ["few messages is followed by the next after a rest", 3, [5]],
  ["all it could is followed by the next at once", 10, []],
])("a receive that has brought %s", async (_case, count, expected) => {
  const { aws, outbox, queueUrl, longPolls } = await openNotesAws();
  onTestFinished(() => aws.close());
  const { clients } = aws;
  for (let note = 0; note < count; note++) await outbox.commit(noteCommit(String(note), "text", 0));
  // All messages wait in the queue before the first receive.
  const AttributeNames = ["ApproximateNumberOfMessages" as const];
  const depth = async () =>
    (await clients.sqs.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames }))).Attributes;
  await expect.poll(depth).toEqual({ ApproximateNumberOfMessages: String(count) });

  const rests: number[] = [];
  const clock: Clock = {
    ...realClock,
    sleep: (milliseconds, signal) => {
      rests.push(milliseconds);
      return realClock.sleep(milliseconds, signal);
    },
  };
  const stop = new AbortController();
  const readers = subscriber("readers", outbox, [on(Noted, (message) => message.commit({}))]);
  const polling = poll(readers, { client: longPolls(stop.signal), queueUrl, signal: stop.signal, clock });
  await expect.poll(depth).toEqual({ ApproximateNumberOfMessages: "0" });
  const rested = [...rests];
  stop.abort();
  await polling;
  expect(rested).toEqual(expected);
});
