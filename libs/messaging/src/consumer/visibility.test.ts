import { type Message, SQSClient } from "@aws-sdk/client-sqs";
import { expect, test } from "vitest";
import { realClock } from "../runtime/clock.ts";
import { Visibility } from "./visibility.ts";

interface Call {
  readonly does: "extend" | "give back";
  readonly handles: string[];
  readonly seconds: number;
  readonly answer: () => void;
}

/** A visibility whose heartbeats and answers the test triggers, which no queue allows. */
function openVisibility() {
  const client = new SQSClient({ region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } });
  const calls: Call[] = [];
  client.middlewareStack.add(
    () => async (args) => {
      const { Entries, ...single } = args.input as never as { Entries?: Entry[] } & Entry;
      const entries = Entries ?? [single];
      await new Promise<void>((answer) => {
        const handles = entries.map(({ ReceiptHandle }) => ReceiptHandle);
        const seconds = entries[0]?.VisibilityTimeout ?? Number.NaN;
        calls.push({ does: Entries ? "extend" : "give back", handles, seconds, answer });
      });
      return { output: { $metadata: {} }, response: {} } as never;
    },
    { step: "initialize" },
  );
  let beat: () => void = () => undefined;
  const clock = {
    ...realClock,
    every: (_milliseconds: number, work: () => void) => {
      beat = work;
      return () => undefined;
    },
  };
  const onError = (error: unknown) => expect.fail(String(error));
  const visibility = new Visibility({
    client,
    queueUrl: "http://queue.invalid/q",
    visibilityTimeoutSeconds: 15,
    clock,
    onError,
  });
  return { visibility, calls, beat: () => beat() };
}

interface Entry {
  readonly ReceiptHandle: string;
  readonly VisibilityTimeout: number;
}

const message = (ReceiptHandle: string): Message => ({ ReceiptHandle });

test("a message is given back only after the heartbeat that still names it", async () => {
  const { visibility, calls, beat } = openVisibility();
  const [one, other] = [message("one"), message("other")];
  visibility.add(one);
  visibility.add(other);
  beat();
  await expect.poll(() => calls).toHaveLength(1);
  const givenBack = visibility.release(one, 2);
  await new Promise((resolve) => setImmediate(resolve));
  expect(calls).toMatchObject([{ does: "extend", handles: ["one", "other"], seconds: 15 }]);
  calls[0]?.answer();
  await expect.poll(() => calls).toHaveLength(2);
  expect(calls[1]).toMatchObject({ does: "give back", handles: ["one"], seconds: 2 });
  calls[1]?.answer();
  await givenBack;
  beat();
  await expect.poll(() => calls).toHaveLength(3);
  expect(calls[2]).toMatchObject({ does: "extend", handles: ["other"] });
});

test("nor before an earlier heartbeat, whose answer is slower than the next one's", async () => {
  const { visibility, calls, beat } = openVisibility();
  visibility.add(message("one"));
  beat();
  beat();
  await expect.poll(() => calls).toHaveLength(2);
  const givenBack = visibility.release(message("one"), 2);
  calls[1]?.answer();
  await new Promise((resolve) => setImmediate(resolve));
  expect(calls).toHaveLength(2);
  calls[0]?.answer();
  await expect.poll(() => calls).toHaveLength(3);
  expect(calls[2]).toMatchObject({ does: "give back" });
  calls[2]?.answer();
  await givenBack;
});

test("a message is never given back for less than a second", async () => {
  const { visibility, calls } = openVisibility();
  void visibility.release(message("one"), 0);
  await expect.poll(() => calls).toMatchObject([{ does: "give back", seconds: 1 }]);
});
