import type { S3Client } from "@aws-sdk/client-s3";
import { expect } from "vitest";
import { Noted, type NotesAws, noteCommit } from "../../test/fixtures/notes-aws.fixture.ts";
import { type PollTrouble, poll, type Settlement, type Subscriber } from "../index.ts";

/** A commit with the texts as events, of any size; the note itself is small. */
export function commitOf(id: string, ...texts: string[]) {
  return { ...noteCommit(id, "see the events"), events: texts.map((text) => Noted({ text })) };
}

/** Records the name of each call for an object. */
export function recordObjectCalls(client: S3Client, calls: string[]): S3Client {
  client.middlewareStack.add(
    (next, { commandName = "" }) =>
      (args) => {
        if (/^(Put|Get)Object/.test(commandName)) calls.push(commandName);
        return next(args);
      },
    { step: "initialize" },
  );
  return client;
}

/** Polls until that many messages are settled. */
export async function handled(
  { queueUrl, longPolls }: NotesAws,
  count: number,
  subscriber: Subscriber,
  troubles: PollTrouble[] = [],
): Promise<void> {
  const settled: Settlement[] = [];
  const stop = new AbortController();
  const polling = poll(subscriber, {
    client: longPolls(stop.signal),
    queueUrl,
    signal: stop.signal,
    onSettled: (settlement) => settled.push(settlement),
    onTrouble: (trouble) => troubles.push(trouble),
  });
  try {
    await expect.poll(() => settled.length, { interval: 5 }).toBe(count);
  } finally {
    stop.abort();
    await polling;
  }
}
