import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { type Message, on, poll, type Settled, type Settlement, subscriber } from "../../src/index.ts";
import { Noted } from "../fixtures/notes.fixture.ts";
import type { NotesService } from "./notes-service.fixture.ts";

/** No timeout of its own: a message may be hidden for the whole visibility timeout of a poll. */
const until = { interval: 5 };

/** Polls the queue, until the end of each test. */
function deliveriesOf(service: () => NotesService) {
  let stop = new AbortController();
  const polls: Promise<void>[] = [];
  const stopPolls = async () => {
    stop.abort();
    await Promise.all(polls.splice(0));
    stop = new AbortController();
  };
  afterEach(stopPolls);

  /** Polls with a handler until the test ends. Returns the settlements of these notes only: the queue has messages of other tests. */
  function polling(ids: readonly string[], handler: (message: Message<{ text: string }>) => Promise<Settled>) {
    const subjects = new Set(ids.map((id) => `note#${id}`));
    const settled: Settlement[] = [];
    const sub = subscriber(`readers-${randomUUID()}`, service().outbox, [on(Noted, handler)]);
    const { queueUrl } = service().endpoint;
    const onSettled = (settlement: Settlement) => {
      if (subjects.has(settlement.subject)) settled.push(settlement);
    };
    // A poll that is stopped waits for its last receive, on every endpoint.
    const options = { waitSeconds: 1, signal: stop.signal, onSettled };
    polls.push(poll(sub, { client: service().clients.sqs, queueUrl, ...options }));
    return settled;
  }

  async function commitNotes(ids: readonly string[], versions: number): Promise<void> {
    const commit = async (id: string) => {
      for (let version = 0; version < versions; version++) {
        await service().outbox.commit(service().noteCommit(id, `${version}`, version));
      }
    };
    await Promise.all(ids.map(commit));
  }
  return { polling, stopPolls, commitNotes };
}

export function describeDelivery(service: () => NotesService): void {
  const { polling, commitNotes } = deliveriesOf(service);

  describe("a committed event", () => {
    test("reaches the handler, each aggregate's in order", async () => {
      const ids = Array.from({ length: 8 }, () => randomUUID());
      const seen = new Map<string, string[]>();
      const settled = polling(ids, async (message) => {
        seen.set(message.subject, [...(seen.get(message.subject) ?? []), message.data.text]);
        return message.commit({});
      });
      await commitNotes(ids, 5);
      await expect.poll(() => settled.length, until).toBe(40);
      for (const id of ids) expect(seen.get(`note#${id}`)).toEqual(["0", "1", "2", "3", "4"]);
    });

    test("comes again after a failure, before what is behind it", async () => {
      const id = randomUUID();
      const order: string[] = [];
      let failures = 1;
      const settled = polling([id], async (message) => {
        if (message.subject !== `note#${id}`) return message.commit({});
        if (failures-- > 0) throw new Error("not today");
        order.push(message.data.text);
        return message.commit({});
      });
      await commitNotes([id], 3);
      await expect.poll(() => settled.length, until).toBe(3);
      expect(order).toEqual(["0", "1", "2"]);
    });

    test("is not held up by what another aggregate's handler cannot stand", async () => {
      const [poisoned, well] = [randomUUID(), randomUUID()];
      let isMended = false;
      const settled = polling([poisoned, well], async (message) => {
        if (message.subject === `note#${poisoned}` && !isMended) throw new Error("poison");
        return message.commit({});
      });
      await commitNotes([poisoned, well], 3);
      await expect.poll(() => settled.length, until).toBe(3);
      expect(new Set(settled.map(({ subject }) => subject))).toEqual(new Set([`note#${well}`]));
      isMended = true;
      await expect.poll(() => settled.length, until).toBe(6);
    });
  });
}

/** See `describeDelivery`. */
export function describeStops(service: () => NotesService): void {
  const { polling, stopPolls, commitNotes } = deliveriesOf(service);

  describe("an event that is committed after a consumer has stopped", () => {
    test("is received once, because the last receive of the consumer takes nothing along", async () => {
      const [before, after] = [randomUUID(), randomUUID()];
      const counts: number[] = [];
      const first = polling([before], (message) => message.commit({}));
      await commitNotes([before], 1);
      await expect.poll(() => first.length, until).toBe(1);
      await stopPolls();
      await commitNotes([after], 1);
      const second = polling([after], (message) => {
        if (message.subject === `note#${after}`) counts.push(message.receiveCount);
        return message.commit({});
      });
      await expect.poll(() => second.length, until).toBe(1);
      expect(counts).toEqual([1]);
    });
  });
}
