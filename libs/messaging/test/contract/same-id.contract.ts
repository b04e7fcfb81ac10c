import { randomUUID } from "node:crypto";
import { DeleteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { describe, expect, test } from "vitest";
import { blockedGroupsOf } from "../../src/consumer/dead-letters/blocked-groups.ts";
import { type Envelope, sequenceOf, toWire } from "../../src/events/envelope.ts";
import { createOutbox, type Delivery, ignore, on, subscriber } from "../../src/index.ts";
import { inboxKey, inboxRecord } from "../../src/operations.ts";
import { Noted } from "../fixtures/notes.fixture.ts";
import type { NotesService } from "./notes-service.fixture.ts";

const day = 24 * 60 * 60;

function from(source: string, id: string): Delivery {
  const envelope: Envelope = {
    specversion: "1.0",
    id,
    type: "Noted",
    source,
    subject: "note#1",
    time: new Date().toISOString(),
    datacontenttype: "application/json",
    dataschema: "urn:example:Noted/1",
    sequence: sequenceOf(1, 0),
    correlationid: "story",
    data: { text: source },
  };
  return { body: toWire(envelope), receiveCount: 1, sentAt: Date.now() };
}

/** Subscribers of the service, and reads of their inbox. */
function subscribersOf(service: () => NotesService) {
  const inbox = () => service().endpoint.tables.inbox;
  const client = () => service().clients.documents;
  const outcomes = (ended: readonly { outcome: string }[]) => ended.map(({ outcome }) => outcome);

  /** A subscriber that writes a note, with an event, for each message. Its inbox rows expire after so many days. */
  const noteTaker = (days = 30) => {
    const { outbox } = service().endpoint.tables;
    const tables = { outbox, inbox: inbox() };
    const own = createOutbox({ client: client(), source: "/notes", tables, retentionDays: { inbox: days } });
    return subscriber("readers", own, [
      on(Noted, (message) => message.commit(service().noteCommit(`${message.id}-${message.source.slice(1)}`, "noted"))),
    ]);
  };
  return { inbox, client, outcomes, noteTaker };
}

/** In CloudEvents, source and id together are unique, and an id alone is not. */
export function describeSameIds(service: () => NotesService): void {
  const { outcomes, noteTaker } = subscribersOf(service);

  describe("the same event id from two sources", () => {
    test("is two events: each takes effect once, and is a duplicate from then on", async () => {
      const id = randomUUID();
      const readers = noteTaker();
      for (const outcome of ["committed", "duplicate", "duplicate"]) {
        for (const source of ["/a", "/b", "/c"]) {
          expect(await readers.handle(from(source, id))).toMatchObject({ outcome, id });
        }
      }
      const row = (await service().inboxRow("readers", id)) ?? {};
      for (const source of ["/a", "/b", "/c"])
        expect(inboxRecord(row, source)).toMatchObject({ type: "Noted", attempts: 1 });
      expect(inboxRecord(row, "/d")).toBeUndefined();
      for (const name of ["a", "b", "c"]) {
        expect(await service().outboxRow(`${id}-${name}`, 1)).toMatchObject({ events: [{ type: "Noted" }] });
      }
    });

    test("is two events also when all come at once", async () => {
      const id = randomUUID();
      const readers = noteTaker();
      const deliveries = ["/a", "/b", "/a", "/b", "/b"].map((source) => readers.handle(from(source, id)));
      expect(outcomes(await Promise.all(deliveries)).sort()).toEqual([
        ...["committed", "committed"],
        ...["duplicate", "duplicate", "duplicate"],
      ]);
    });

    test("is two events where there is nothing to do for either", async () => {
      const id = randomUUID();
      const idlers = subscriber("idlers", service().outbox, [on(Noted, async () => ignore("not ours"))]);
      const deliveries = ["/a", "/b", "/a", "/b"].map((source) => () => idlers.handle(from(source, id)));
      const ended = [];
      for (const deliver of deliveries) ended.push(await deliver());
      expect(outcomes(ended)).toEqual(["ignored", "ignored", "duplicate", "duplicate"]);
      const row = (await service().inboxRow("idlers", id)) ?? {};
      expect(inboxRecord(row, "/b")).toMatchObject({ ignored: "not ours" });
    });
  });
}

export function describeSharedRows(service: () => NotesService): void {
  const { inbox, client, outcomes, noteTaker } = subscribersOf(service);

  describe("the same event id from two sources", () => {
    test("expires for all of them together: no record outlives the row", async () => {
      const id = randomUUID();
      const inDays = (days: number) => Math.floor(Date.now() / 1_000) + days * day;
      await noteTaker(10).handle(from("/a", id));
      await noteTaker(40).handle(from("/b", id));
      expect(Number((await service().inboxRow("readers", id))?.expiresAt)).toBeGreaterThan(inDays(39));
      await noteTaker(20).handle(from("/c", id));
      expect(Number((await service().inboxRow("readers", id))?.expiresAt)).toBeGreaterThan(inDays(39));
    });

    test("takes effect also when the row of the other source is deleted while its own is written", async () => {
      const id = randomUUID();
      await noteTaker().handle(from("/a", id));
      const { documents } = service().endpoint.newClients();
      const send = documents.send.bind(documents) as (command: { input: object }) => Promise<unknown>;
      let isDeleted = false;
      const deletingFirst = async (command: { input: object }) => {
        if (!isDeleted && JSON.stringify(command.input).includes("from /b")) {
          isDeleted = true;
          const Key = { message: inboxKey("readers", id) };
          await client().send(new DeleteCommand({ TableName: inbox(), Key }));
        }
        return send(command);
      };
      const interfering = Object.create(documents, { send: { value: deletingFirst } });
      const { outbox } = service().endpoint.tables;
      const own = createOutbox({ client: interfering, source: "/notes", tables: { outbox, inbox: inbox() } });
      const readers = subscriber("readers", own, [on(Noted, (message) => message.commit({}))]);
      expect(outcomes([await readers.handle(from("/b", id)), await readers.handle(from("/b", id))])).toEqual([
        "committed",
        "duplicate",
      ]);
      expect(isDeleted).toBe(true);
      expect(await service().inboxRow("readers", id)).toMatchObject({ source: "/b" });
    });
  });
}

export function describeEarlierInboxRows(service: () => NotesService): void {
  const { inbox, client, outcomes, noteTaker } = subscribersOf(service);

  describe("an inbox row of an earlier version", () => {
    const putEarlierRow = async (id: string, source: object) => {
      const times = { publishedAt: new Date().toISOString(), handledAt: new Date().toISOString() };
      const expiresAt = Math.floor(Date.now() / 1_000) + day;
      const Item = { message: `readers#${id}`, type: "Noted", attempts: 1, ...times, expiresAt, ...source };
      await client().send(new PutCommand({ TableName: inbox(), Item }));
    };

    test("makes a duplicate of the event that it records, and of no other", async () => {
      const id = randomUUID();
      await putEarlierRow(id, { source: "/a" });
      const ended = [await noteTaker().handle(from("/a", id)), await noteTaker().handle(from("/b", id))];
      expect(outcomes(ended)).toEqual(["duplicate", "committed"]);
    });

    test("that does not name its source makes a duplicate of every one", async () => {
      const id = randomUUID();
      await putEarlierRow(id, {});
      const ended = [await noteTaker().handle(from("/a", id)), await noteTaker().handle(from("/b", id))];
      expect(outcomes(ended)).toEqual(["duplicate", "duplicate"]);
    });
  });
}

export function describeMarkerLikeIds(service: () => NotesService): void {
  const { noteTaker } = subscribersOf(service);

  describe("an event id that looks like the marker of a blocked group", () => {
    const error = { name: "Error", message: "no" };

    test("is handled once, and does not block the group or open it", async () => {
      const group = `note#${randomUUID()}`;
      const blockedGroups = blockedGroupsOf(noteTaker());
      expect(await noteTaker().handle(from("/a", `blocked#${group}`))).toMatchObject({ outcome: "committed" });
      expect(await blockedGroups.among([group])).toEqual(new Map());
      await blockedGroups.block(group, "1", error);
      expect(await noteTaker().handle(from("/a", `blocked#${group}`))).toMatchObject({ outcome: "duplicate" });
      const blocked = `blocked#${group}-2`;
      await blockedGroups.block(`${group}-2`, "1", error);
      expect(await noteTaker().handle(from("/a", blocked))).toMatchObject({ outcome: "committed" });
      expect(await noteTaker().handle(from("/a", blocked))).toMatchObject({ outcome: "duplicate" });
      const markers = await blockedGroups.among([group, `${group}-2`]);
      expect([...markers.values()].map(({ upTo }) => upTo)).toEqual(["1", "1"]);
    });

    test("has a key that no other id has", () => {
      const ids = ["blocked", "blocked#", "blocked#a", "blocked%23", "blocked%23a", "blocked%2523a", "blockeda", "a#b"];
      const keys = ids.map((id) => inboxKey("readers", id));
      expect(new Set(keys).size).toBe(ids.length);
      expect(keys.filter((key) => key.startsWith("readers#blocked#"))).toEqual([]);
      expect(keys).toContain("readers#a#b");
      expect(inboxKey("readers", "blocked#\ud800")).toBe("readers#blocked%23%EF%BF%BD");
    });
  });
}
