import { randomUUID } from "node:crypto";
import { startFaultProxy } from "@doubleshot/local-aws";
import { createAwsClients } from "@doubleshot/topology";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { delivery } from "../../test/fixtures/delivery.fixture.ts";
import {
  Noted,
  type NotesAws,
  noteCommit,
  openNotesAws,
  outboxOn,
  tables,
} from "../../test/fixtures/notes-aws.fixture.ts";
import {
  HandlerTimedOutError,
  ignore,
  type Message,
  on,
  type PollOptions,
  type PollTrouble,
  poll,
  type Settled,
  type Settlement,
  subscriber,
} from "../index.ts";
import { type Clock, realClock } from "../runtime/clock.ts";

let notes: NotesAws;
let stop: AbortController;
const polls: Promise<void>[] = [];

beforeAll(async () => {
  notes = await openNotesAws();
});
afterAll(() => notes?.aws.close());
beforeEach(() => {
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await Promise.all(polls.splice(0));
});

type Handler = (message: Message<{ text: string }>) => Promise<Settled>;

const until = { interval: 5 };
const handlerTimeoutMs = 77_777;

/** Readers whose handlers time out when the test triggers it. */
function readers(handler: Handler, name = `readers-${randomUUID()}`) {
  const timers = new Set<() => void>();
  const clock: Clock = {
    ...realClock,
    sleep: (milliseconds, signal) => {
      if (milliseconds !== handlerTimeoutMs) return realClock.sleep(milliseconds, signal);
      const { promise, resolve } = Promise.withResolvers<void>();
      timers.add(resolve);
      signal?.addEventListener("abort", () => resolve());
      return promise;
    },
  };
  const outbox = outboxOn(notes.documents, { clock });
  const timeIsUp = () => {
    for (const end of timers) end();
  };
  return { sub: subscriber(name, outbox, [on(Noted, handler)], { handlerTimeoutMs }), timeIsUp };
}

/** Polls until the test ends. */
function startPoll(sub: ReturnType<typeof readers>["sub"], options: Partial<PollOptions> = {}) {
  const settled: Settlement[] = [];
  const troubles: PollTrouble[] = [];
  polls.push(
    poll(sub, {
      client: notes.longPolls(stop.signal),
      queueUrl: notes.queueUrl,
      signal: stop.signal,
      onSettled: (settlement) => settled.push(settlement),
      onTrouble: (trouble) => troubles.push(trouble),
      ...options,
    }),
  );
  return { settled, troubles };
}

/** Keeps a handler from continuing. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  onTestFinished(() => resolve());
  return { opened: promise, open: resolve };
}

const addOne = (id: string) => ({
  Update: {
    TableName: tables.notes,
    Key: { id },
    UpdateExpression: "ADD #n :one",
    ExpressionAttributeNames: { "#n": "n" },
    ExpressionAttributeValues: { ":one": 1 },
  },
});

describe("a handler that hangs", () => {
  test("fails when its time is up: its message comes again, and no other group has waited", async () => {
    const [hanging, well] = [randomUUID(), randomUUID()];
    const held = gate();
    const attempts: string[] = [];
    const { sub, timeIsUp } = readers(async (message) => {
      if (message.subject === `note#${hanging}`) attempts.push(message.data.text);
      if (attempts.length === 1 && message.subject === `note#${hanging}`) await held.opened;
      return message.commit({});
    });
    const { settled, troubles } = startPoll(sub);
    await notes.outbox.commit(noteCommit(hanging, "first"));
    await notes.outbox.commit(noteCommit(hanging, "second", 1));
    await expect.poll(() => attempts, until).toEqual(["first"]);
    await notes.outbox.commit(noteCommit(well, "milk"));
    await expect.poll(() => settled.map(({ subject }) => subject), until).toEqual([`note#${well}`]);
    timeIsUp();
    await expect.poll(() => settled.length, until).toBe(3);
    expect(attempts).toEqual(["first", "first", "second"]);
    expect(troubles).toMatchObject([{ kind: "failed", receiveCount: 1, error: { name: "HandlerTimedOutError" } }]);
  });

  test("can commit nothing afterwards: its message is somebody else's", async () => {
    const { envelope, ...one } = delivery();
    const held = gate();
    const late = Promise.withResolvers<unknown>();
    const { sub, timeIsUp } = readers(async (message) => {
      await held.opened;
      return message.commit({ writes: [addOne(message.id)] }).catch((error: unknown) => {
        late.resolve(error);
        return ignore("too late");
      });
    });
    const handling = sub.handle(one);
    await new Promise(setImmediate);
    timeIsUp();
    await expect(handling).rejects.toThrow("The handler of Noted timed out after 77777 ms");
    held.open();
    expect(await late.promise).toBeInstanceOf(HandlerTimedOutError);
    expect(await notes.note(envelope.id)).toBeUndefined();
    expect((await notes.inboxRows()).some(({ message }) => message === `${sub.name}#${envelope.id}`)).toBe(false);
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("cannot be given %d ms", (limit) => {
    const make = () => subscriber("readers", notes.outbox, [], { handlerTimeoutMs: limit });
    expect(make).toThrow("subscriber's handlerTimeoutMs is");
  });
});

test("a handler that succeeds after its visibility ran out has done nothing twice", async () => {
  const id = randomUUID();
  const counter = randomUUID();
  await using queueProxy = await startFaultProxy(notes.aws.endpoints.sqs);
  queueProxy.inflict(({ operation }) => (operation === "ChangeMessageVisibilityBatch" ? "drop" : "pass"));
  const throughProxy = createAwsClients({ endpoints: { ...notes.aws.endpoints, sqs: queueProxy.url } });
  onTestFinished(() => throughProxy.destroy());

  const held = gate();
  const name = `readers-${randomUUID()}`;
  const seen: string[] = [];
  const slow = readers(async (message) => {
    seen.push("slow");
    await held.opened;
    return message.commit({ writes: [addOne(counter)] });
  }, name);
  const slowly = startPoll(slow.sub, { client: throughProxy.longPolls, visibilityTimeoutSeconds: 1, concurrency: 1 });
  await notes.outbox.commit(noteCommit(id, "milk"));
  await expect.poll(() => seen, until).toEqual(["slow"]);

  const quick = readers((message) => {
    seen.push("quick");
    return message.commit({ writes: [addOne(counter)] });
  }, name);
  const quickly = startPoll(quick.sub);
  await expect.poll(() => quickly.settled, until).toMatchObject([{ outcome: "committed" }]);
  held.open();
  await expect.poll(() => slowly.settled, until).toMatchObject([{ outcome: "duplicate" }]);
  expect(seen).toEqual(["slow", "quick"]);
  expect(await notes.note(counter)).toMatchObject({ n: 1 });
});
