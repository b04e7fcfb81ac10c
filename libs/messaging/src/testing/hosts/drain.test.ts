import { describe, expect, test } from "vitest";
import { z } from "zod";
import { Noted } from "../../../test/fixtures/notes.fixture.ts";
import { createOutbox, defineEvent, ignore, MessageTooOldError, on, subscriber } from "../../index.ts";
import { inboxTable, outboxTable } from "../../infrastructure.ts";
import { FakeAws, type FakeAwsOptions } from "../fake-aws.ts";
import { realTime, type Time } from "../time/time.ts";
import { VirtualTime } from "../time/virtual-time.ts";
import { deliver } from "./deliver.ts";
import { drain } from "./drain.ts";

const Copied = defineEvent("Copied", { version: 1, schema: z.object({ text: z.string() }) });

const table = { key: { partition: { name: "id", type: "S" } } } as const;

/** Notes, a copier of notes that commits an event for each copy, and a reader of copies. */
function openNotes(options: Partial<FakeAwsOptions> = {}) {
  const aws = new FakeAws({
    ...options,
    tables: { notes: table, outbox: outboxTable, inbox: inboxTable },
    topics: ["events.fifo"],
    queues: { "copier.fifo": { fifo: true }, "reader.fifo": { fifo: true } },
    subscriptions: ["copier.fifo", "reader.fifo"].map((queue) => ({ topic: "events.fifo", queue })),
  });
  const { clock } = aws.process("notes");
  const outbox = createOutbox({
    client: aws.clients().documents,
    source: "/notes",
    tables: { outbox: "outbox", inbox: "inbox" },
    clock,
  });
  const copied: string[] = [];
  const read: string[] = [];
  let isBroken = false;
  const copier = subscriber("copier", outbox, [
    on(Noted, async (message) => {
      if (isBroken) throw new Error("no paper");
      copied.push(message.data.text);
      return message.commit({ aggregate: `copy#${message.id}`, version: 1, events: [Copied(message.data)] });
    }),
  ]);
  const reader = subscriber("reader", outbox, [
    on(Copied, async (message) => {
      read.push(message.data.text);
      return ignore("read");
    }),
  ]);
  const wiring = {
    relays: [{ table: "outbox", topic: "events.fifo", source: "/notes" }],
    subscribers: { "copier.fifo": copier, "reader.fifo": reader },
  };
  return {
    outbox,
    copier,
    copied,
    read,
    note: (id: string, text: string, expected = 0) =>
      outbox.commit({
        aggregate: `note#${id}`,
        save: { table: "notes", key: { id }, item: { text }, expected },
        events: [Noted({ text })],
      }),
    breakCopier: (how: boolean) => {
      isBroken = how;
    },
    drain: (limitMs = 60_000) => drain(aws, { ...wiring, limitMs }),
  };
}

describe("drain", () => {
  test("carries events to their subscribers, and the subscribers' events to others", async () => {
    const { note, drain, copied, read } = openNotes();
    await note("1", "a");
    await note("1", "b", 1);
    await note("2", "c");
    const settlements = await drain();
    expect(read.toSorted()).toEqual(["a", "b", "c"]);
    expect(copied.indexOf("a")).toBeLessThan(copied.indexOf("b"));
    expect(settlements.map(({ type, outcome }) => `${type} ${outcome}`).toSorted()).toEqual([
      ...Array(3).fill("Copied ignored"),
      ...Array(3).fill("Copied unknown"),
      ...Array(3).fill("Noted committed"),
      ...Array(3).fill("Noted unknown"),
    ]);
    expect(await drain()).toEqual([]);
  });

  test("keeps what a handler throws for the next time", async () => {
    const { note, drain, read, breakCopier } = openNotes();
    await note("1", "a");
    breakCopier(true);
    await expect(drain()).rejects.toThrow("no paper");
    breakCopier(false);
    await drain();
    expect(read).toEqual(["a"]);
  });

  test("lets virtual time pass, also as much as faults take", async () => {
    const time = new VirtualTime();
    const { note, drain, read } = openNotes({
      time,
      faults: { "record-delayed": 1, "delivery-delayed": 1, "delivered-twice": 1, "iterator-expired": 0.5 },
    });
    let isNoted = false;
    void note("1", "a").then(() => {
      isNoted = true;
    });
    await time.pass(() => isNoted, 1_000);
    await drain();
    expect(read).toEqual(["a"]);
  });

  test("leaves nothing to come that would keep the test's process alive", async () => {
    const toCome = new Set<object>();
    const time: Time = {
      now: realTime.now,
      after: (milliseconds, run) => {
        const due = {};
        const cancel = realTime.after(milliseconds, () => {
          toCome.delete(due);
          run();
        });
        toCome.add(due);
        return () => {
          toCome.delete(due);
          cancel();
        };
      },
    };
    const { note, drain, read } = openNotes({ time });
    await note("1", "a");
    await drain();
    expect(read).toEqual(["a"]);
    expect(toCome.size).toBe(0);
  });

  test("says so when something cannot come through", async () => {
    const { note, drain } = openNotes({ refuses: () => true });
    await note("1", "a");
    await expect(drain(50)).rejects.toThrow("still on its way");
  });
});

describe("deliver", () => {
  test("hands over an event as from another service, and shows what a repeat does", async () => {
    const { copier } = openNotes();
    const options = { subject: "note#1", id: "the-id", correlationId: "the-story" };
    const settlement = { id: "the-id", type: "Noted", subject: "note#1" };
    expect(await deliver(copier, Noted({ text: "a" }), options)).toEqual({ ...settlement, outcome: "committed" });
    expect(await deliver(copier, Noted({ text: "a" }), options)).toEqual({ ...settlement, outcome: "duplicate" });
    expect(await deliver(copier, Copied({ text: "a" }), options)).toMatchObject({ outcome: "unknown" });
  });

  test("gives the handler what the options say", async () => {
    const { outbox } = openNotes();
    const seen: unknown[] = [];
    const curious = subscriber("curious", outbox, [
      on(Noted, async ({ commit: _, ...message }) => {
        seen.push(message);
        return ignore("seen");
      }),
    ]);
    const options = { id: "7", source: "/kitchen", correlationId: "s", receiveCount: 3, version: 12 };
    await deliver(curious, Noted({ text: "a" }), { subject: "note#1", ...options });
    expect(seen).toMatchObject([
      { id: "7", subject: "note#1", source: "/kitchen", correlationId: "s", receiveCount: 3, data: { text: "a" } },
    ]);
    const old = deliver(curious, Noted({ text: "a" }), { subject: "note#1", time: "2020-01-01T00:00:00.000Z" });
    await expect(old).rejects.toThrow(MessageTooOldError);
  });

  test("refuses data that no commit would have taken", async () => {
    const { copier } = openNotes();
    await expect(deliver(copier, Noted({ text: 7 } as never), { subject: "note#1" })).rejects.toThrow("text");
  });
});
