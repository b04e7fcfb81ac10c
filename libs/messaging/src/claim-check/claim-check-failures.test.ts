import { createHash, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import { DeleteObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { startFaultProxy } from "@doubleshot/local-aws";
import { createAwsClients } from "@doubleshot/topology";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { delivery } from "../../test/fixtures/delivery.fixture.ts";
import { bucket, Noted, type NotesAws, openNotesAws, outboxOn } from "../../test/fixtures/notes-aws.fixture.ts";
import { isOutage, type Message, type Outbox, on, type PollTrouble, type Settled, subscriber } from "../index.ts";
import { commitOf, handled, recordObjectCalls } from "./claim-check.fixture.ts";
import { type ClaimCheck, ClaimCheckMissingError, ClaimCheckUnreadableError } from "./claim-check.ts";
import { s3ClaimCheck } from "./s3-claim-check.ts";

let notes: NotesAws;
const calls: string[] = [];
let outbox: Outbox;

beforeAll(async () => {
  notes = await openNotesAws();
  const client = recordObjectCalls(notes.aws.clients.s3, calls);
  outbox = outboxOn(notes.documents, { claimCheck: s3ClaimCheck({ client, bucket }) });
});
afterAll(() => notes?.aws.close());
beforeEach(() => calls.splice(0));

function s3At(endpoint: string): S3Client {
  const clients = createAwsClients({ endpoints: { ...notes.aws.endpoints, s3: endpoint } });
  onTestFinished(() => clients.destroy());
  return clients.s3;
}

function readers(
  claimCheck?: ClaimCheck,
  handler = (message: Message<{ text: string }>): Promise<Settled> => message.commit({}),
) {
  return subscriber(`readers-${randomUUID()}`, outbox, [on(Noted, handler)], claimCheck ? { claimCheck } : {});
}

describe("data that cannot be had", () => {
  /** A message whose data is stored, and the object's key. */
  async function claimed(text = "x") {
    const id = randomUUID();
    const body = Buffer.from(JSON.stringify({ text }));
    const datasha256 = createHash("sha256").update(body).digest("base64");
    const object = { Bucket: bucket, Key: `elsewhere/${id}` };
    await notes.aws.clients.s3.send(new PutObjectCommand({ ...object, Body: body }));
    const dataref = `s3://${bucket}/${object.Key}`;
    const { envelope: _, ...message } = delivery({ id, data: undefined, dataref, datasha256 });
    return { id, object, message, body, datasha256 };
  }

  test("because it is missing: the delivery fails, by no outage, until the object is restored", async () => {
    const { object, message, body } = await claimed();
    await notes.aws.clients.s3.send(new DeleteObjectCommand(object));
    const { handle } = readers();
    const failure = await handle(message).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ClaimCheckMissingError);
    expect(String(failure)).toContain(`s3://${bucket}/${object.Key} does not exist`);
    expect(isOutage(failure)).toBe(false);
    expect(failure).not.toHaveProperty("permanent");
    await notes.aws.clients.s3.send(new PutObjectCommand({ ...object, Body: body }));
    expect(await handle(message)).toMatchObject({ outcome: "committed" });
  });

  test("because it is another", async () => {
    const { object, message } = await claimed();
    await notes.aws.clients.s3.send(new PutObjectCommand({ ...object, Body: '{"text":"forged"}' }));
    await expect(readers().handle(message)).rejects.toThrow("differs from the data that Noted");
  });

  test.each([
    ["another event's object", (id: string) => `s3://${bucket}/elsewhere/not-${id}`],
    ["a bucket that is not trusted", (id: string) => `s3://others/elsewhere/${id}`],
    ["no S3 at all", (id: string) => `https://example.com/elsewhere/${id}`],
  ])("because the message names %s", async (_, dataref) => {
    const { id, datasha256 } = await claimed();
    const forged = delivery({ id, data: undefined, dataref: dataref(id), datasha256 });
    calls.splice(0);
    await expect(readers().handle(forged)).rejects.toThrow(ClaimCheckUnreadableError);
    expect(calls).toEqual([]);
  });

  test("unless that bucket is trusted", async () => {
    const { message } = await claimed();
    const trusting = s3ClaimCheck({ client: notes.aws.clients.s3, bucket: "ours", alsoFrom: [bucket] });
    expect(await readers(trusting).handle(message)).toMatchObject({ outcome: "committed" });
  });

  test("because half of it came: an outage", async () => {
    const { message } = await claimed();
    const halting = createServer((_request, response) => {
      response.writeHead(200, { "content-length": 1_000 }).write("half");
      void nextTurn().then(() => response.socket?.destroy());
    });
    await new Promise<void>((resolve) => halting.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void halting.close());
    const address = halting.address();
    const client = s3At(`http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`);
    const failure = await readers(s3ClaimCheck({ client, bucket }))
      .handle(message)
      .catch((error: unknown) => error);
    expect(isOutage(failure), String(failure)).toBe(true);
  });
});

describe("while S3 is away", () => {
  test("a commit of large data fails as an outage, and nothing is written", async () => {
    await using proxy = await startFaultProxy(notes.aws.endpoints.s3);
    proxy.inflict(() => "drop");
    const away = outboxOn(notes.documents, { claimCheck: s3ClaimCheck({ client: s3At(proxy.url), bucket }) });
    const id = randomUUID();
    const failure = await away.commit(commitOf(id, "x".repeat(300 * 1024))).catch((error: unknown) => error);
    expect(isOutage(failure), String(failure)).toBe(true);
    expect(await notes.note(id)).toBeUndefined();
  });

  test("a message costs no attempts, and is handled when S3 is back", async () => {
    await using proxy = await startFaultProxy(notes.aws.endpoints.s3);
    proxy.inflict(() => "drop");
    await outbox.commit(commitOf(randomUUID(), "x".repeat(300 * 1024)));
    const counts: number[] = [];
    const troubles: PollTrouble[] = [];
    const sub = readers(s3ClaimCheck({ client: s3At(proxy.url), bucket }), (message) => {
      counts.push(message.receiveCount);
      return message.commit({});
    });
    const handling = handled(notes, 1, sub, troubles);
    await expect.poll(() => troubles.length, { interval: 5 }).toBeGreaterThan(0);
    proxy.inflict(() => "pass");
    await handling;
    expect(counts).toEqual([1]);
    expect(new Set(troubles.map(({ kind }) => kind))).toEqual(new Set(["outage"]));
  });

  test("a bucket that is not there is an outage too: nothing is wrong with the message", async () => {
    const none = s3ClaimCheck({ client: notes.aws.clients.s3, bucket: "no-such-bucket" });
    const failure = await outboxOn(notes.documents, { claimCheck: none })
      .commit(commitOf(randomUUID(), "x".repeat(300 * 1024)))
      .catch((error: unknown) => error);
    expect(isOutage(failure), String(failure)).toBe(true);
  });
});
