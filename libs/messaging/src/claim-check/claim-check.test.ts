import { randomUUID } from "node:crypto";
import { HeadObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import {
  bucket,
  Noted,
  type NotesAws,
  noteCommit,
  openNotesAws,
  outboxOn,
} from "../../test/fixtures/notes-aws.fixture.ts";
import { type Envelope, fromWire } from "../events/envelope.ts";
import {
  CommitTooLargeError,
  ConcurrencyConflictError,
  defineEvent,
  type Message,
  type Outbox,
  on,
  type Settled,
  type SubscriberOptions,
  subscriber,
} from "../index.ts";
import { commitOf, handled, recordObjectCalls } from "./claim-check.fixture.ts";
import type { ClaimCheck } from "./claim-check.ts";
import { s3ClaimCheck } from "./s3-claim-check.ts";

let notes: NotesAws;
const calls: string[] = [];
let claimCheck: ClaimCheck;
let outbox: Outbox;

beforeAll(async () => {
  notes = await openNotesAws();
  claimCheck = s3ClaimCheck({ client: recordObjectCalls(notes.aws.clients.s3, calls), bucket });
  outbox = outboxOn(notes.documents, { claimCheck });
});
afterAll(() => notes?.aws.close());
beforeEach(() => calls.splice(0));

type Noting = Message<{ text: string }>;

function readers(handler: (message: Noting) => Promise<Settled>, options: SubscriberOptions = {}, on_ = outbox) {
  return subscriber(`readers-${randomUUID()}`, on_, [on(Noted, handler)], options);
}

/** Reads the committed texts. */
async function read(count: number): Promise<string[]> {
  const texts: string[] = [];
  const sub = readers((message) => {
    texts.push(message.data.text);
    return message.commit({});
  });
  await handled(notes, count, sub);
  return texts;
}

async function envelopes(id: string, version = 1): Promise<Envelope[]> {
  const row = (await notes.outboxRow(`note#${id}`, version)) as { events: { json: string }[] };
  return row.events.map(({ json }) => fromWire(json));
}

/** A text whose message has that many bytes. */
async function messageOf(bytes: number): Promise<string> {
  const probe = randomUUID();
  await notes.outbox.commit(commitOf(probe, ""));
  const row = (await notes.outboxRow(`note#${probe}`, 1)) as { events: { json: string }[] };
  await handled(
    notes,
    1,
    readers((message) => message.commit({})),
  );
  return "x".repeat(bytes - Buffer.byteLength(row.events[0]?.json ?? ""));
}

const largestMessage = 252 * 1024;

describe("data that fits into a message", () => {
  test("travels in it, and nothing touches S3", async () => {
    const [id, text] = [randomUUID(), await messageOf(largestMessage)];
    await outbox.commit(commitOf(id, text));
    expect(await read(1)).toEqual([text]);
    expect(calls).toEqual([]);
  });
});

describe("data too large for a message", () => {
  test("by a byte goes through S3", async () => {
    const [id, text] = [randomUUID(), `${await messageOf(largestMessage)}x`];
    await outbox.commit(commitOf(id, text));
    expect(await read(1)).toEqual([text]);
    expect(calls).toEqual(["PutObjectCommand", "GetObjectCommand"]);
  });

  test("is stored by key as what it is, and its message refers to it", async () => {
    const [id, text] = [randomUUID(), "☕\u{1f600}".repeat(100_000)];
    await outbox.commit(commitOf(id, text));
    const [envelope] = await envelopes(id);
    const key = `notes/${envelope?.id}`;
    expect(envelope).toMatchObject({ dataref: `s3://${bucket}/${key}`, datacontenttype: "application/json" });
    expect(envelope).not.toHaveProperty("data");
    const head = await notes.aws.clients.s3.send(
      new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: "ENABLED" }),
    );
    expect(head).toMatchObject({
      ContentType: "application/json",
      ContentLength: Buffer.byteLength(JSON.stringify({ text })),
      ChecksumSHA256: envelope?.datasha256,
    });
    expect(await read(1)).toEqual([text]);
  });

  test("is a matter of the whole commit: what together exceeds a row is stored, the largest first", async () => {
    const id = randomUUID();
    const sizes = [100, 240, 120, 10];
    const texts = sizes.map((size) => String(size).repeat((size * 1024) / String(size).length));
    await outbox.commit(commitOf(id, ...texts));
    const stored = (await envelopes(id)).map(({ dataref }) => dataref !== undefined);
    expect(stored).toEqual([false, true, false, false]);
    expect(await read(4)).toEqual(texts);
  });

  test("fits as many small events as a transaction takes, by storing what must be", async () => {
    const id = randomUUID();
    const texts = Array.from({ length: 100 }, (_, n) => `${n}`.padEnd(5_000, "."));
    await outbox.commit(commitOf(id, ...texts));
    expect(calls.length).toBeGreaterThan(20);
    expect(calls.length).toBeLessThan(60);
    expect(await read(100)).toEqual(texts);
  });
});

describe("data that was too large for its message", () => {
  test("is fetched once, also when the handler runs again", async () => {
    const [id, other] = [randomUUID(), randomUUID()];
    await outbox.commit(commitOf(id, "x".repeat(1024 * 1024)));
    let version = -1;
    const sub = readers(async (message) => {
      version += 1;
      if (version === 0) await notes.outbox.commit({ ...noteCommit(other, "in between"), events: [] });
      return message.commit({ ...noteCommit(other, "handled", version), events: [] });
    });
    await handled(notes, 1, sub);
    expect(version).toBe(1);
    expect(calls).toEqual(["PutObjectCommand", "GetObjectCommand"]);
  });

  test("is brought to the newest shape like any other", async () => {
    const Newest = defineEvent("Noted", {
      version: 2,
      schema: z.object({ lines: z.array(z.string()) }),
      upcast: (data) => ({ lines: [(data as { text: string }).text] }),
    });
    const text = "x".repeat(300 * 1024);
    await outbox.commit(commitOf(randomUUID(), text));
    const lines: (readonly string[])[] = [];
    const handler = on(Newest, (message) => {
      lines.push(message.data.lines);
      return message.commit({});
    });
    await handled(notes, 1, subscriber("newest", outbox, [handler]));
    expect(lines).toEqual([[text]]);
  });

  test("is left to expire when its commit fails", async () => {
    const id = randomUUID();
    await notes.outbox.commit({ ...noteCommit(id, "first"), events: [] });
    await expect(outbox.commit(commitOf(id, "x".repeat(300 * 1024)))).rejects.toThrow(ConcurrencyConflictError);
    expect(calls).toEqual(["PutObjectCommand"]);
    expect(await notes.outboxRow(`note#${id}`, 1)).toBeUndefined();
  });
});

describe("without a claim check", () => {
  test("a commit with an event of 1 MB is refused, and says how to configure one", async () => {
    const id = randomUUID();
    const refusal = notes.outbox.commit(commitOf(id, "x".repeat(1024 * 1024)));
    await expect(refusal).rejects.toThrow(CommitTooLargeError);
    await expect(refusal).rejects.toThrow(/The Noted event is 1048\d{3} bytes .* Give createOutbox a claimCheck/);
    expect(await notes.note(id)).toBeUndefined();
  });

  test("so is one whose events are too large together", async () => {
    const texts = Array.from({ length: 3 }, () => "x".repeat(150 * 1024));
    await expect(notes.outbox.commit(commitOf(randomUUID(), ...texts))).rejects.toThrow(
      /The 3 events are \d+ bytes together, and an outbox row takes 401408/,
    );
  });

  test("a subscriber fetches with the one it is given, or says that it has none", async () => {
    await outbox.commit(commitOf(randomUUID(), "x".repeat(300 * 1024)));
    const bodies: string[] = [];
    const spy = {
      ...readers((message) => message.commit({})),
      handle: async ({ body }: { body: string }) => {
        bodies.push(body);
        return { outcome: "unknown" as const, id: "", type: "", subject: "" };
      },
    };
    await handled(notes, 1, spy);
    const one = { body: bodies[0] ?? "", receiveCount: 1, sentAt: Date.now() };
    const bare = readers((message) => message.commit({}), {}, notes.outbox);
    await expect(bare.handle(one)).rejects.toThrow(/Noted .* this subscriber cannot fetch it: give it, or its outbox/);
    const equipped = readers((message) => message.commit({}), { claimCheck }, notes.outbox);
    expect(await equipped.handle(one)).toMatchObject({ outcome: "committed" });
  });
});

test("more than 1,000 events are refused: their order would not fit into their sequence", async () => {
  const texts = Array.from({ length: 1001 }, () => "");
  await expect(outbox.commit(commitOf(randomUUID(), ...texts))).rejects.toThrow("has 1001 events");
});
