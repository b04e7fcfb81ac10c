import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { delivery } from "../../test/fixtures/delivery.fixture.ts";
import { Noted, type NotesAws, openNotesAws, tables } from "../../test/fixtures/notes-aws.fixture.ts";
import { RecordedMetrics } from "../../test/fixtures/recorded-metrics.fixture.ts";
import { sequenceOf } from "../events/envelope.ts";
import { createOutbox, ignore, type Message, on, type Settled, subscriber } from "../index.ts";
import { Regressions } from "./regressions.ts";

const metrics = new RecordedMetrics();
let notes: NotesAws;
beforeAll(async () => {
  notes = await openNotesAws();
});
afterAll(() => notes?.aws.close());
beforeEach(() => metrics.forget());

const commit = (message: Message<{ text: string }>): Promise<Settled> => message.commit({});

function readers(handler = commit) {
  const outbox = createOutbox({ client: notes.documents, source: "/notes", tables, metrics });
  return subscriber("readers", outbox, [on(Noted, handler)]);
}

/** An event of an aggregate, by version and index in the commit. */
const event = (version: number, index = 0, subject = "note#1") =>
  delivery({ subject, sequence: sequenceOf(version, index) });

const noticed = () => metrics.labels("subscriber.regressions");

test("events handled in their order are as they should be, however far apart", async () => {
  const sub = readers();
  for (const one of [event(2), event(2, 1), event(9), event(10), event(1, 0, "note#2")]) await sub.handle(one);
  expect(noticed()).toEqual([]);
});

test.each([
  ["a version", event(2, 0), event(1, 9)],
  ["a place in its commit", event(2, 1), event(2, 0)],
])("an event that is %s behind is counted, and handled", async (_behind, later, earlier) => {
  const sub = readers();
  await sub.handle(later);
  expect(await sub.handle(earlier)).toMatchObject({ outcome: "committed" });
  expect(noticed()).toEqual([{ subscriber: "readers" }]);
});

test("one that is behind changes nothing for those after it", async () => {
  const sub = readers();
  for (const one of [event(3), event(1), event(2)]) await sub.handle(one);
  expect(noticed()).toHaveLength(2);
});

test("also one that is ignored", async () => {
  const sub = readers(async () => ignore("not ours"));
  for (const one of [event(2), event(1)]) await sub.handle(one);
  expect(noticed()).toHaveLength(1);
});

test("a message that is delivered again is none, nor is one that has yet to succeed", async () => {
  let isBroken = true;
  const sub = readers((message) => (isBroken ? Promise.reject(new Error("broken")) : commit(message)));
  await expect(sub.handle(event(5))).rejects.toThrow("broken");
  isBroken = false;
  const first = event(1);
  for (const one of [first, event(2), first]) await sub.handle(one);
  expect(noticed()).toEqual([]);
});

test("aggregates of one name and different services are different", () => {
  const regressions = new Regressions();
  const of = (source: string, version: number) => ({ source, subject: "note#1", sequence: sequenceOf(version, 0) });
  expect(regressions.isOne(of("/one", 2))).toBe(false);
  expect(regressions.isOne(of("/other", 1))).toBe(false);
});

test("of ten thousand others the one that had no event for the longest time is forgotten", () => {
  const regressions = new Regressions();
  const of = (subject: string, version: number) => ({ source: "/", subject, sequence: sequenceOf(version, 0) });
  regressions.isOne(of("kept", 5));
  regressions.isOne(of("forgotten", 5));
  regressions.isOne(of("kept", 6));
  for (let other = 1; other < 10_000; other++) regressions.isOne(of(`other ${other}`, 1));
  expect(regressions.isOne(of("kept", 1))).toBe(true);
  expect(regressions.isOne(of("forgotten", 1))).toBe(false);
});
