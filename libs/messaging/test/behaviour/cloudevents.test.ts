import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { CloudEvent, HTTP } from "cloudevents";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { dataSchemaOf } from "../../src/events/envelope.ts";
import { createOutbox, defineEvent, on, subscriber, withContext } from "../../src/index.ts";
import { inboxTable, outboxTable } from "../../src/infrastructure.ts";
import { fromWire } from "../../src/operations.ts";
import { source as sourceRule } from "../../src/options/options.ts";
import { drain, FakeAws } from "../../src/testing/index.ts";

// The official SDK in strict mode and the library itself read every committed message, of any version.

const schema = z.object({ text: z.string() });
const Noted = defineEvent("Noted", { version: 1, schema });

const { documents } = new FakeAws({ tables: { outbox: outboxTable, inbox: inboxTable } }).clients();
const tables = { outbox: "outbox", inbox: "inbox" };

let notes = 0;

async function committed(source: string, text = "milk", options = {}): Promise<string> {
  const aggregate = `note#${++notes}`;
  const outbox = createOutbox({ client: documents, source, tables, ...options });
  await outbox.commit({ aggregate, version: 1, events: [Noted({ text })] });
  const { Item } = await documents.send(new GetCommand({ TableName: "outbox", Key: { aggregate, version: 1 } }));
  return Item?.events[0].json;
}

/** @throws ValidationError */
function readStrictly(json: string): CloudEvent<unknown> {
  const headers = { "content-type": "application/cloudevents+json" };
  const parsed = HTTP.toEvent({ headers, body: json }) as CloudEvent<unknown>;
  parsed.validate();
  return new CloudEvent(JSON.parse(json), true);
}

describe("the official SDK, in strict mode", () => {
  test.each([
    "/orders",
    "orders",
    "//shop.example/orders",
    "https://shop.example/orders",
    "urn:example:orders",
    "?a#b",
  ])("reads what is committed from the source %s", async (source) => {
    const json = await committed(source, "☕ \u{1f600} \u0007");
    expect(readStrictly(json)).toMatchObject({ source, data: { text: "☕ \u{1f600} \u0007" } });
    expect(fromWire(json)).toMatchObject({ source });
  });

  test("reads the ids of a story, and a reference to data that is kept elsewhere", async () => {
    const claimCheck = { put: async () => "s3://claims/a%20b", get: async () => new Uint8Array() };
    const large = "m".repeat(300_000);
    const story = { correlationId: "story", causationId: "cause" };
    const json = await withContext(story, () => committed("/orders", large, { claimCheck }));
    const known = { correlationid: "story", causationid: "cause", dataref: "s3://claims/a%20b" };
    expect(readStrictly(json)).toMatchObject(known);
  });

  test("agrees to every source that an outbox takes, and to the data schema made of it", () => {
    const pieces = [
      "/",
      ":",
      "//",
      "#",
      "?",
      "%",
      "%2f",
      "a",
      "Z",
      "1",
      ".",
      "-",
      "@",
      "[",
      "]",
      " ",
      "ö",
      "'",
      '"',
      "\\",
      "\n",
    ];
    const assembled = fc.string({ unit: fc.constantFrom(...pieces), maxLength: 12 });
    const url = fc.webUrl({ withFragments: true, withQueryParameters: true });
    let taken = 0;
    fc.assert(
      fc.property(fc.oneof(assembled, url, fc.string()), (source) => {
        if (!sourceRule.holds(source)) return;
        taken += 1;
        const dataschema = dataSchemaOf(source, "Noted", 1);
        expect(() => new CloudEvent({ id: "1", type: "Noted", source, dataschema }, true)).not.toThrow();
      }),
      { numRuns: 3_000, examples: [["Z:#"]] },
    );
    expect(taken).toBeGreaterThan(300);
  });
});

describe("a message of an earlier version, whose dataschema begins with its source", () => {
  const old = (id: string, time: string) =>
    `{"specversion":"1.0","id":"${id}","type":"Noted","source":"/notes","subject":"note#old","time":"${time}","datacontenttype":"application/json","dataschema":"/notes/Noted/1","sequence":"000000000001.000","correlationid":"${id}","data":{"text":"milk"}}`;
  const id = "0199e1a0-0000-7000-8000-000000000001";
  const Newest = defineEvent("Noted", {
    version: 2,
    schema: z.object({ lines: z.array(z.string()) }),
    upcast: (data, from) => ({ lines: [`version ${from}: ${(data as { text: string }).text}`] }),
  });
  const aws = new FakeAws({
    tables: { outbox: outboxTable, inbox: inboxTable },
    topics: ["notes-events.fifo"],
    queues: { "readers.fifo": { fifo: true } },
    subscriptions: [{ topic: "notes-events.fifo", queue: "readers.fifo" }],
  });
  const { documents: client } = aws.clients();
  let lines: readonly string[] = [];
  const readers = subscriber("readers", createOutbox({ client, source: "/readers", tables }), [
    on(Newest, async (message) => {
      lines = message.data.lines;
      return message.commit({});
    }),
  ]);

  test("is handled, in the version that wrote it", async () => {
    const body = old(id, new Date().toISOString());
    expect(await readers.handle({ body, receiveCount: 1, sentAt: Date.now() })).toMatchObject({ outcome: "committed" });
    expect(lines).toEqual(["version 1: milk"]);
  });

  test("is published and handled from an outbox row that it was left in", async () => {
    const now = new Date().toISOString();
    const events = [{ id: `${id}-row`, type: "Noted", json: old(`${id}-row`, now) }];
    const expiresAt = Math.floor(Date.now() / 1_000) + 7 * 24 * 60 * 60;
    const Item = { aggregate: "note#old", version: 1, events, committedAt: now, expiresAt };
    await client.send(new PutCommand({ TableName: "outbox", Item }));
    const settlements = await drain(aws, {
      relays: [{ table: "outbox", topic: "notes-events.fifo", source: "/notes" }],
      subscribers: { "readers.fifo": readers },
    });
    expect(settlements).toEqual([{ outcome: "committed", id: `${id}-row`, type: "Noted", subject: "note#old" }]);
  });
});

test.each([undefined, "", "two words", `s3://${"k".repeat(2_048)}`])(
  "a claim check that returns %j refers to nothing: nothing is committed",
  async (uri) => {
    const claimCheck = { put: async () => uri as string, get: async () => new Uint8Array() };
    await expect(committed("/orders", "m".repeat(300_000), { claimCheck })).rejects.toThrow("It must return the URI");
  },
);

test("a version whose sequence would not sort is refused", async () => {
  const outbox = createOutbox({ client: documents, source: "/orders", tables });
  const commit = (version: number) =>
    outbox.commit({ aggregate: "note#high", version, events: [Noted({ text: "milk" })] });
  await expect(commit(1_000_000_000_000)).rejects.toThrow("whole numbers from 1 to 999999999999");
  expect(await commit(999_999_999_999)).toMatchObject({ outcome: "committed" });
});
