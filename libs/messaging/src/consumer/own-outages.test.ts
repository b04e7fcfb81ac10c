import { NoSuchBucket } from "@aws-sdk/client-s3";
import { expect, onTestFinished, test } from "vitest";
import { Noted, noteCommit, openNotesAws } from "../../test/fixtures/notes-aws.fixture.ts";
import { on, poll, subscriber } from "../index.ts";

test("a message whose handler meets an outage of its own is tried less and less often, while all others are handled", async () => {
  const { aws, outbox, queueUrl, longPolls } = await openNotesAws();
  onTestFinished(() => aws.close());
  const tries: string[] = [];
  const handled: string[] = [];
  const readers = subscriber("readers", outbox, [
    on(Noted, async (message) => {
      if (message.data.text === "out") {
        tries.push(message.id);
        throw new NoSuchBucket({ message: "gone", $metadata: {} });
      }
      handled.push(message.data.text);
      return message.commit({});
    }),
  ]);
  const stop = new AbortController();
  const polling = poll(readers, { client: longPolls(stop.signal), queueUrl, signal: stop.signal });
  await outbox.commit(noteCommit("out", "out", 0));
  await expect.poll(() => tries).not.toEqual([]);
  const others = 150;
  for (let note = 1; note <= others; note++) {
    await outbox.commit(noteCommit(`well-${note}`, "well", 0));
    await expect.poll(() => handled.length, { interval: 2 }).toBe(note);
  }
  stop.abort();
  await polling;
  expect(tries.length).toBeLessThan(20);
});
